using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static Torchlet.Protobuf;

namespace Torchlet;

/// <summary>
/// A classifier as an ONNX model: <c>input</c>, float32 [batch, …], gives <c>probabilities</c>, float32 [batch, classes], in a pass of evaluation.
/// Source: onnx.proto and Operators.md of github.com/onnx/onnx.
/// </summary>
static class Onnx
{
    /// <summary>The first operator set that has LayerNormalization, and the version of the file's format that it came with.</summary>
    public const int OperatorSet = 17, IrVersion = 8;

    const string Input = "input", Output = "probabilities", Batch = "batch";
    const int Float32 = 1;

    /// <summary>The bytes of a model file.</summary>
    /// <param name="file">Weights by the names that they have in their network, with metadata that say what network: all of them go along.</param>
    /// <exception cref="TorchletException">The metadata describe no network that can be written so, or weights of another.</exception>
    public static byte[] Write(WeightsFile file)
    {
        var saved = SavedModel.Of(file);
        if (saved.Net.Output is not [var classes])
            throw new TorchletException($"the network gives {NamedArray.Show(saved.Net.Output)} for an example, and not a number for each class");
        var nodes = After(new([], Input), LayerNode.Of(saved.Layer, saved.Net.Input)).Then("Softmax", [], [Int("axis", 1)], Output).Nodes;
        return Message(
        [
            Protobuf.Int(1, IrVersion), Text(2, nameof(Torchlet)),
            Message(7,
            [
                .. nodes, Text(2, nameof(Torchlet)), .. file.Arrays.Select(Initializer),
                Value(11, Input, saved.Net.Input), Value(12, Output, [classes]),
            ]),
            Message(8, Text(1, ""), Protobuf.Int(2, OperatorSet)),
            .. file.Metadata.OrderBy(about => about.Key, StringComparer.Ordinal).Select(about => Message(14, Text(1, about.Key), Text(2, about.Value))),
        ]);
    }

    /// <summary>Fails for layers that no such model holds: before a training whose result is to be written so.</summary>
    /// <exception cref="TorchletException">They hold a function of somebody's own.</exception>
    public static void Check(Layer layer)
    {
        try
        {
            _ = LayerText.Calls(layer.Text);
        }
        catch (ArgumentException e)
        {
            throw new TorchletException($"no ONNX model holds this network ({Printable.Of(e.Message)})", e);
        }
    }

    /// <summary>Nodes, and the name of the tensor that the last of them gives.</summary>
    readonly record struct Steps(ImmutableArray<byte[]> Nodes, string At)
    {
        /// <summary>One more, which takes what the last one gives, and further tensors.</summary>
        public Steps Then(string op, IEnumerable<string> further, IEnumerable<byte[]> attributes, string? output = null) =>
            With(op, [At, .. further], attributes, output ?? $"{op}_{Nodes.Length}");

        public Steps Then(string op, params IEnumerable<string> further) => Then(op, further, []);

        /// <summary>A number beside the way.</summary>
        public Steps Constant(double value, out string name) =>
            With("Constant", [], [Float("value_float", value)], name = $"Constant_{Nodes.Length}") with { At = At };

        Steps With(string op, IEnumerable<string> inputs, IEnumerable<byte[]> attributes, string output) => new(Nodes.Add(Message(1,
            [.. inputs.Select(name => Text(1, name)), Text(2, output), Text(3, output), Text(4, op), .. attributes])), output);
    }

    static Steps After(Steps x, ImmutableArray<LayerNode> layers) => layers.Aggregate(x, After);

    static Steps After(Steps x, LayerNode layer) => layer.Call switch
    {
        { Kind: "Dense" } => (layer.Input.Length == 1 ? x : x.Then("Flatten")).Then("Gemm", layer.Parameters, [Int("transB", 1)]),
        { Kind: "Conv", Arguments: var a } => x.Then("Conv", layer.Parameters, [.. Window(a["kernel"], a["stride"]), Ints("pads", 4, a["padding"])]),
        { Kind: "MaxPool", Arguments: var a } => x.Then("MaxPool", [], Window(a["size"], a["stride"])),
        { Kind: "AvgPool", Arguments: var a } => x.Then("AveragePool", [], Window(a["size"], a["stride"])),
        { Kind: "BatchNorm", Arguments: var a } => x.Then("BatchNormalization", [.. layer.Parameters, .. layer.State], [Float("epsilon", a["epsilon"])]),
        { Kind: "LayerNorm", Arguments: var a } => x.Then("LayerNormalization", layer.Parameters, [Int("axis", 1), Float("epsilon", a["epsilon"])]),
        { Kind: "Residual" } => After(x, layer.Inner).Then("Add", x.At),
        { Kind: "Dropout" or "Identity" } => x,
        { Kind: "Silu" } => x.Then("Sigmoid").Then("Mul", x.At),
        { Kind: "Gelu" } => x.Constant(Math.Sqrt(0.5), out var root).Then("Mul", root).Then("Erf").Constant(1, out var one).Then("Add", one).Then("Mul", x.At)
            .Constant(0.5, out var half).Then("Mul", half),
        { Kind: "Flatten" or "Sigmoid" or "Relu" or "Tanh" or "Elu" or "LeakyRelu" } => x.Then(layer.Call.Kind), // Their usual numbers are ours: 1, and 0.01.
        var other => throw new TorchletException($"it is not known how {other.Kind} is written in ONNX"),
    };

    static byte[][] Window(double size, double stride) => [Ints("kernel_shape", 2, size), Ints("strides", 2, stride)];

    static byte[] Int(string name, long value) => Message(5, Text(1, name), Protobuf.Int(3, value), Protobuf.Int(20, 2));

    /// <summary>The same number several times.</summary>
    static byte[] Ints(string name, int count, double value) =>
        Message(5, [Text(1, name), .. Enumerable.Repeat(Protobuf.Int(8, (long)value), count), Protobuf.Int(20, 7)]);

    static byte[] Float(string name, double value) => Message(5, Text(1, name), Protobuf.Float(2, (float)value), Protobuf.Int(20, 1));

    static byte[] Initializer(NamedArray array) => Message(5,
        [.. array.Shape.Select(d => Protobuf.Int(1, d)), Protobuf.Int(2, Float32), Text(8, array.Name), Bytes(9, MemoryMarshal.AsBytes(array.Values.Span))]);

    /// <summary>A tensor of the graph's surface; how many examples are in it is free.</summary>
    static byte[] Value(int field, string name, ImmutableArray<long> shape) => Message(field, Text(1, name), Message(2, Message(1, Protobuf.Int(1, Float32),
        Message(2, [Message(1, Text(2, Batch)), .. shape.Select(d => Message(1, Protobuf.Int(1, d)))]))));
}
