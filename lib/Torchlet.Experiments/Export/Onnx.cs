using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;
using static Onnx.AttributeProto.Types;
using static Onnx.TensorShapeProto.Types;
using static Torchlet.OnnxAttribute;

namespace Torchlet;

/// <summary>
/// A classifier as an ONNX model: <c>input</c>, float32 [batch, …], gives <c>probabilities</c>, float32 [batch, classes], in evaluation mode.
/// Source: onnx.proto of github.com/onnx/onnx.
/// </summary>
static class Onnx
{
    /// <summary>The first operator set that has LayerNormalization, and the file format version that came with it.</summary>
    public const int OperatorSet = 17, IrVersion = 8;

    const string Input = "input", Output = "probabilities", Batch = "batch";
    const int Float32 = (int)TensorProto.Types.DataType.Float;

    /// <summary>Returns the bytes of a model file.</summary>
    /// <param name="file">Weights by their names in the network, with metadata that describe the network. All metadata are copied to the model.</param>
    /// <exception cref="TorchletException">The metadata describe no network that ONNX can hold, or a network with other weights.</exception>
    public static byte[] Write(WeightsFile file)
    {
        var saved = SavedModel.Of(file);
        if (saved.Net.Output is not [var classes])
            throw new TorchletException($"the network gives {NamedArray.Show(saved.Net.Output)} for an example, and not a number for each class");
        var nodes = After(new([], Input), LayerNode.Of(saved.Layer, saved.Net.Input)).Then("Softmax", [], [new Int("axis", 1)], Output).Nodes;
        return new ModelProto
        {
            IrVersion = IrVersion, ProducerName = nameof(Torchlet), OpsetImport = { new OperatorSetIdProto { Version = OperatorSet } },
            Graph = new()
            {
                Name = nameof(Torchlet), Node = { nodes.Select(Node) }, Initializer = { file.Arrays.Select(Initializer) },
                Input = { Value(Input, saved.Net.Input) }, Output = { Value(Output, [classes]) },
            },
            MetadataProps = { file.Metadata.OrderBy(about => about.Key, StringComparer.Ordinal).Select(Metadata) },
        }.ToByteArray();
    }

    /// <summary>Refuses layers that ONNX cannot hold, before they are trained.</summary>
    /// <exception cref="TorchletException">They contain a custom function.</exception>
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

    static OnnxGraph After(OnnxGraph x, ImmutableArray<LayerNode> layers) => layers.Aggregate(x, After);

    static OnnxGraph After(OnnxGraph x, LayerNode layer) => layer.Call switch
    {
        { Kind: "Dense" } => (layer.Input.Length == 1 ? x : x.Then("Flatten")).Then("Gemm", layer.Parameters, [new Int("transB", 1)]),
        { Kind: "Conv", Arguments: var a } => x.Then("Conv", layer.Parameters, [.. Window(a["kernel"], a["stride"]), new Ints("pads", 4, a["padding"])]),
        { Kind: "MaxPool", Arguments: var a } => x.Then("MaxPool", [], Window(a["size"], a["stride"])),
        { Kind: "AvgPool", Arguments: var a } => x.Then("AveragePool", [], Window(a["size"], a["stride"])),
        { Kind: "BatchNorm", Arguments: var a } => x.Then("BatchNormalization", [.. layer.Parameters, .. layer.State], [new Float("epsilon", a["epsilon"])]),
        { Kind: "LayerNorm", Arguments: var a } => x.Then("LayerNormalization", layer.Parameters, [new Int("axis", 1), new Float("epsilon", a["epsilon"])]),
        { Kind: "Residual" } => After(x, layer.Inner).Then("Add", x.Current),
        { Kind: "Dropout" or "Identity" } => x,
        { Kind: "Silu" } => x.Then("Sigmoid").Then("Mul", x.Current),
        { Kind: "Gelu" } => x.Constant(Math.Sqrt(0.5), out var root).Then("Mul", root).Then("Erf").Constant(1, out var one).Then("Add", one)
            .Then("Mul", x.Current).Constant(0.5, out var half).Then("Mul", half),
        { Kind: "Flatten" or "Sigmoid" or "Relu" or "Tanh" or "Elu" or "LeakyRelu" } => x.Then(layer.Call.Kind), // Same defaults in ONNX: alpha 1 and 0.01.
        var other => throw new TorchletException($"it is not known how {other.Kind} is written in ONNX"),
    };

    static ImmutableArray<OnnxAttribute> Window(double size, double stride) => [new Ints("kernel_shape", 2, size), new Ints("strides", 2, stride)];

    static NodeProto Node(OnnxNode node) => new()
    {
        Name = node.Output, OpType = node.Op, Input = { node.Inputs }, Output = { node.Output }, Attribute = { node.Attributes.Select(Attribute) },
    };

    static AttributeProto Attribute(OnnxAttribute attribute) => attribute switch
    {
        Int(var name, var value) => new() { Name = name, Type = AttributeType.Int, I = value },
        Ints(var name, var values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } },
        Float(var name, var value) => new() { Name = name, Type = AttributeType.Float, F = (float)value },
        _ => throw new UnreachableException(),
    };

    static TensorProto Initializer(NamedArray array) => new()
    {
        Name = array.Name, DataType = Float32, Dims = { array.Shape }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(array.Values.Span)),
    };

    static StringStringEntryProto Metadata(KeyValuePair<string, string> entry) => new() { Key = entry.Key, Value = entry.Value };

    /// <summary>An input or output of the graph. Its first dimension, the number of examples, is free.</summary>
    static ValueInfoProto Value(string name, ImmutableArray<long> shape)
    {
        var dimensions = shape.Select(size => new Dimension { DimValue = size }).Prepend(new() { DimParam = Batch });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = Float32, Shape = new() { Dim = { dimensions } } } } };
    }
}
