using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using static Torchlet.Activations;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Onnx.Tests;

/// <summary>ONNX Runtime computes the same from a written model as the library from its network.</summary>
public sealed class RuntimeTests : IDisposable
{
    const int Images = 1000;

    // Every kind of layer and every activation, images and plain numbers, norms with numbers of their own.
    static readonly Dictionary<string, (Layer Layer, ImmutableArray<long> Input)> Nets = new()
    {
        ["perceptron"] = (Mlp.Layer([50, 100], Sigmoid, 10), [1, 28, 28]),
        ["plain numbers"] = (Dense(20) >> BatchNorm(epsilon: 1e-3) >> Gelu >> Residual(LayerNorm(epsilon: 1e-3) >> Dense(20) >> Silu) >> Dense(3), [7]),
        ["pictures"] = (Conv(6, 5, stride: 2, padding: 2) >> BatchNorm() >> LeakyRelu >> MaxPool(3, stride: 2) >> LayerNorm()
            >> Residual(Conv(6, 3, padding: 1) >> Elu >> Residual(Conv(6, 1) >> Identity)) >> AvgPool(2) >> Dropout(0.5) >> Flatten >> Dense(12) >> Tanh
            >> Dense(10).As("last"), [3, 28, 20]),
        ["layers of layers"] = (Reshape(2, 3, 2, 4) >> Permute(0, 2, 1, 3) >> Reshape(4, 12) >> Each(Dense(8) >> LayerNorm()) >> Positional(6)
            >> FanOut(Each(Dense(3)), Relu) >> Permute(1, 0) >> Repeat(2, Each(Dense(4) >> Tanh)) >> Mean(0) >> Reshape(2, 2) >> Parallel(Dense(3), Dense(9))
            >> Reshape(3, 4) >> FanOut(Sum(0), Last) >> Dense(10), [1, 6, 8]),
        ["branches of pictures"] = (FanOut(Conv(3, 1) >> Relu, MaxPool(1), Conv(2, 3, padding: 1)) >> Conv(4, 3) >> Dense(5), [2, 9, 9]),
        ["groups of channels"] = (Conv(8, 3, stride: 2, padding: 1, groups: 2) >> GroupNorm(4) >> Mish >> Conv(8, 3, padding: 1, groups: 8) >> Hardswish
            >> Residual(GroupNorm(2, epsilon: 0.1) >> RmsNorm() >> Selu) >> Dense(10), [4, 14, 10]),
        ["larger pictures"] = (ConvTranspose(6, 4, stride: 2, padding: 1) >> Softplus >> Upsample(3) >> LeakyRelu(0.3) >> Conv(8, 3, stride: 4) >> Hardtanh
            >> Dense(10), [2, 5, 4]),
        ["means of pictures"] = (MaxPool(2) >> GlobalAvgPool >> Dense(12) >> GroupNorm(3, epsilon: 0.1) >> Hardsigmoid >> Dense(20) >> RmsNorm(0.1) >> Relu6
            >> Dense(10), [6, 5, 4]),
        ["a Dense after pictures, and nothing else"] = (AvgPool(3, stride: 2) >> Relu >> Activation.Named("identity")!.Layer >> Dense(5), [2, 9, 9]),
    };

    readonly string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.onnx");

    public static TheoryData<string> Names => [.. Nets.Keys, .. NamedModel.All.Select(m => m.Name).Except(["lstm", "gru", "vit", "gpt"])];

    public void Dispose() => File.Delete(file);

    [Theory, MemberData(nameof(Names))]
    public void The_runtime_gives_the_librarys_probabilities(string name)
    {
        using var scope = NewDisposeScope();
        var (layer, input) = Nets.TryGetValue(name, out var net) ? net
            : (NamedModel.Named(name)!.Layers(new(10, Relu) { Hidden = [30] }), ImmutableArray.Create<long>(1, 28, 28));
        using var random = new Generator(1, CPU);
        var model = Stirred(layer.Fit(input), random);
        var images = rand([Images, .. input], generator: random);
        var wanted = Softmax(model.Apply(images)).data<float>().ToArray();

        Weights.SaveOnnx(file, Content(model, layer));
        using var session = new InferenceSession(file);
        Assert.Equal(layer.Text, session.ModelMetadata.CustomMetadataMap["model"]);
        Assert.Equal([-1, .. input.Select(d => (int)d)], session.InputMetadata["input"].Dimensions);
        foreach (var batch in new[] { 1, 7, Images })
        {
            var got = images.split(batch).SelectMany(x => Probabilities(session, x)).ToArray();
            Assert.Equal(wanted.Length, got.Length);
            Assert.InRange(wanted.Zip(got, (w, g) => Math.Abs(w - g)).Max(), 0, 1e-5f);
        }
        Assert.True(wanted.Max() < 0.9999, "probabilities all but certain would hide a difference");
        var first = wanted.Chunk(wanted.Length / Images).Select(row => row[0]).ToList();
        Assert.True(first.Max() - first.Min() > 1e-3, $"whatever the image the network says the same: {first.Min()} to {first.Max()}");
    }

    static float[] Probabilities(InferenceSession session, Tensor x)
    {
        using var options = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(x.contiguous().data<float>().ToArray(), x.shape);
        using var results = session.Run(options, ["input"], [value], ["probabilities"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>A model in which no parameter and no statistic has the value that would hide its absence.</summary>
    static Model Stirred(Net net, Generator random)
    {
        var (model, _) = net.Init(TorchRandom.Seeded(1));
        return model with
        {
            Flat = model.Flat + 0.05 * randn(model.Flat.shape, generator: random),
            // Means on both sides of 0, or every relu behind them were silent; variances above it.
            State = [.. net.State.Select(s => rand([.. s.Shape], generator: random) + (s.Name.EndsWith("mean", StringComparison.Ordinal) ? -0.5 : 0.5))],
        };
    }

    static WeightsFile Content(Model model, Layer layer) => new(
        [.. model.Named.Select(p => new NamedArray(p.Name, [.. p.Values.shape], p.Values.contiguous().data<float>().ToArray()))],
        ImmutableDictionary<string, string>.Empty.Add("model", layer.Text).Add("input", string.Join(',', model.Net.Input)));
}
