using System.Collections.Immutable;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The content of an ONNX file. tests/Torchlet.Onnx.Tests checks that a runtime computes the same from it.</summary>
public sealed class OnnxTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_file_says_its_versions_its_shapes_its_weights_by_name_and_what_it_is_of()
    {
        var model = ProtobufReader.FieldsOf(Onnx.Write(File(
            Conv(4, 3, padding: 1) >> BatchNorm() >> Relu >> Residual(Conv(4, 1)) >> Dense(3).As("fc"), 1, 6, 6)));
        Assert.Equal((8, 17), (model[1][0].Int, model[8][0].Fields[2][0].Int));
        Assert.Equal(["classes=[\"a\",\"b\",\"c\"]", "input=1,6,6",
            "model=Conv(4, 3, padding: 1) >> BatchNorm() >> Relu >> Residual(Conv(4, 1)) >> Dense(3).As(\"fc\")",
            "pixels=0..1"], model[14].Select(about => $"{about.Fields[1][0].Text}={about.Fields[2][0].Text}"));

        var graph = model[7][0].Fields;
        Assert.Equal(["Conv", "BatchNormalization", "Relu", "Conv", "Add", "Flatten", "Gemm", "Softmax"], graph[1].Select(node => node.Fields[4][0].Text));
        Assert.Equal(["0.weight 4,1,3,3", "0.bias 4", "1.weight 4", "1.bias 4", "3.0.weight 4,4,1,1", "3.0.bias 4", "fc.weight 3,144", "fc.bias 3",
            "1.running_mean 4", "1.running_var 4"], graph[5].Select(t => $"{t.Fields[8][0].Text} {string.Join(',', t.Fields[1][0].Ints)}"));
        Assert.Equal("input batch,1,6,6", Surface(graph[11][0]));
        Assert.Equal("probabilities batch,3", Surface(graph[12][0]));

        static string Surface(ProtobufReader value)
        {
            var dimensions = value.Fields[2][0].Fields[1][0].Fields[2][0].Fields[1].Select(d =>
                d.Fields.ContainsKey(2) ? d.Fields[2][0].Text : $"{d.Fields[1][0].Int}");
            return $"{value.Fields[1][0].Text} {string.Join(',', dimensions)}";
        }
    }

    [Fact]
    public void Every_activation_and_layer_can_be_written() => Assert.All(Activation.All, a =>
        Assert.NotEmpty(Onnx.Write(File(Dense(3) >> a.Layer >> Dropout(0.5) >> LayerNorm() >> Dense(3), 4))));

    [Fact]
    public void A_graph_node_reads_the_current_tensor_and_a_constant_keeps_it()
    {
        var graph = new OnnxGraph([], "x").Then("Relu").Constant(2, out var two).Then("Mul", [two], [new OnnxAttribute.Ints("axes", 2, 1)])
            .Then("Add", [two], [], "y");
        Assert.Equal(["Relu_0 = Relu(x)", "Constant_1 = Constant()", "Mul_2 = Mul(Relu_0, Constant_1)", "y = Add(Mul_2, Constant_1)"],
            graph.Nodes.Select(node => $"{node.Output} = {node.Op}({string.Join(", ", node.Inputs)})"));
        Assert.Equal("y", graph.Current);
        Assert.Equal([new OnnxAttribute.Float("value_float", 2)], graph.Nodes[1].Attributes);
        Assert.Equal([1, 1], Assert.IsType<OnnxAttribute.Ints>(Assert.Single(graph.Nodes[2].Attributes)).Values);
    }

    [Fact]
    public void A_network_that_no_ONNX_model_holds_is_refused_before_it_is_trained()
    {
        var data = Tensors.SmallData();
        var config = new TrainConfig { SaveOnnx = "x.onnx", Out = Path.Combine(folder.Path, "run") };
        var recipe = config.Recipe(data);
        Assert.Contains("--save-onnx x.onnx: no ONNX model holds this network (ONNX has no form of own(",
            Refusal(recipe with { Model = Dense(3) >> (x => x * 2) >> Dense(10) }));
        Assert.Contains("this training tells none apart; leave the option out.", Refusal(recipe with { Objective = Objective.Reconstruct }));
        Assert.False(Directory.Exists(config.Out));

        string Refusal(Recipe wrong) => Assert.Throws<TorchletException>(
            () => NewRun.Create("own", config, data, CPU, Path.Combine(folder.Path, "home"), DateTime.UnixEpoch, wrong)).Message;
    }

    [Fact]
    public void The_network_of_script_01_goes_along_with_what_it_is_and_how_it_is_fed()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder.Path, "w.pt");
        Weights.SaveTorch(path, new MlpWeights([784, 4, 10], new float[784 * 4 + 4 + 50]));
        var net = PretrainedWeights.Load(new InferConfig { Weights = path });
        Assert.Equal("Dense(4).As(\"fc1\") >> Sigmoid >> Dense(10).As(\"fc2\") of 784, 0..255",
            $"{net.File.Metadata["model"]} of {net.File.Metadata["input"]}, {net.File.Metadata["pixels"]}");
        var onnx = Path.Combine(folder.Path, "w.onnx");
        Weights.SaveOnnx(onnx, net.File);
        Assert.Equal(["Gemm", "Sigmoid", "Gemm", "Softmax"],
            ProtobufReader.FieldsOf(System.IO.File.ReadAllBytes(onnx))[7][0].Fields[1].Select(node => node.Fields[4][0].Text));
    }

    static WeightsFile File(Layer layer, params ImmutableArray<long> input)
    {
        using var scope = NewDisposeScope();
        var (model, _) = layer.Fit(input).Init(TorchRandom.Seeded(1));
        return new([.. model.Named.Select(p => new NamedArray(p.Name, [.. p.Values.shape], p.Values.flatten().data<float>().ToArray()))],
            ImmutableDictionary<string, string>.Empty.Add("model", layer.Text).Add("input", string.Join(',', input)).Add("classes", "[\"a\",\"b\",\"c\"]")
                .Add("pixels", "0..1"));
    }
}
