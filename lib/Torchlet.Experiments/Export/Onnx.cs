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
/// A network as an ONNX model in evaluation mode: <c>input</c>, float32 [batch, …], gives <c>probabilities</c>, float32 [batch, classes], or of a network that
/// predicts numbers <c>predictions</c>, float32 [batch, …].
/// Source: onnx.proto of github.com/onnx/onnx.
/// </summary>
static class Onnx
{
    /// <summary>The first operator set that has LayerNormalization, and the file format version that came with it.</summary>
    public const int OperatorSet = 17, IrVersion = 8;

    const string Input = "input", Probabilities = "probabilities", Numbers = "predictions", Batch = "batch";
    const int Float32 = (int)TensorProto.Types.DataType.Float;

    /// <summary>Returns the bytes of a model file.</summary>
    /// <param name="file">Weights by their names in the network, with metadata that describe the network. All metadata are copied to the model.</param>
    /// <exception cref="TorchletException">The metadata describe no network that ONNX can hold, or a network with other weights.</exception>
    public static byte[] Write(WeightsFile file)
    {
        var saved = SavedModel.Of(SavedModel.Usable(file));
        var isRegression = SavedModel.IsRegression(saved.Metadata);
        if (saved.Net.Output.Length != 1 && !isRegression)
            throw new TorchletException($"the network gives {NamedArray.Show(saved.Net.Output)} for an example, and not a number for each class");
        var outputs = Layers.After(new([], Input), saved.Net);
        var (output, nodes) = isRegression ? (Numbers, outputs.Then("Identity", [], [], Numbers).Nodes)
            : (Probabilities, outputs.Then("Softmax", [], [new Int("axis", 1)], Probabilities).Nodes);
        return new ModelProto
        {
            IrVersion = IrVersion, ProducerName = nameof(Torchlet), OpsetImport = { new OperatorSetIdProto { Version = OperatorSet } },
            Graph = new()
            {
                Name = nameof(Torchlet), Node = { nodes.Select(Node) }, Initializer = { file.Arrays.Select(Initializer) },
                Input = { Value(Input, saved.Net.Input) }, Output = { Value(output, saved.Net.Output) },
            },
            MetadataProps = { file.Metadata.OrderBy(about => about.Key, StringComparer.Ordinal).Select(Metadata) },
        }.ToByteArray();
    }

    /// <summary>Refuses layers that ONNX cannot hold, before they are trained.</summary>
    /// <exception cref="TorchletException">They contain a custom function.</exception>
    public static void Check(Layer layer)
    {
        if (layer.AllCalls.FirstOrDefault(call => call.Kind.Export is null) is { } own)
            throw new TorchletException($"no ONNX model holds this network (ONNX has no form of {Printable.Of(own.Text)})");
    }

    static NodeProto Node(OnnxNode node) => new()
    {
        Name = node.Output, OpType = node.Op, Input = { node.Inputs }, Output = { node.Output }, Attribute = { node.Attributes.Select(Attribute) },
    };

    static AttributeProto Attribute(OnnxAttribute attribute) => attribute switch
    {
        Int(var name, var value) => new() { Name = name, Type = AttributeType.Int, I = value },
        Ints(var name, var values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } },
        Float(var name, var value) => new() { Name = name, Type = AttributeType.Float, F = (float)value },
        Floats(var name, var values) => new() { Name = name, Type = AttributeType.Floats, Floats = { values.Select(value => (float)value) } },
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
