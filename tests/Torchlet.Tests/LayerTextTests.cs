using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class LayerTextTests
{
    public static TheoryData<string> Texts =>
    [
        "Dense(50).As(\"fc1\") >> Sigmoid >> Dense(10).As(\"fc2\")",
        "Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Conv(16, 5) >> Tanh >> AvgPool(3, stride: 2) >> Flatten >> Dense(120, init: He) >> Gelu >> Dense(10)",
        "Dense(64, init: Normal(0.01)) >> BatchNorm() >> Elu >> Dropout(0.5) >> "
            + "Residual(LayerNorm(epsilon: 0.001) >> Dense(64) >> LeakyRelu) >> Silu >> Dense(10)",
        "Conv(4, 3, stride: 2, padding: 1, init: Xavier) >> BatchNorm(momentum: 0.01) >> Identity",
        "Residual(Residual(Dense(3)))",
        "Reshape(7, 4, 7, 4) >> Permute(0, 2, 1, 3) >> Reshape(49, 16) >> Each(Dense(64)) >> Positional(length: 50, init: Normal(0.1)) >> "
            + "Residual(Each(LayerNorm()) >> Attention(4, causal: true)) >> Mean(0) >> Last >> Sum(1)",
        "FanOut(Dense(3), Dense(4) >> Relu, Residual(Relu)).As(\"heads\") >> Parallel(Identity, Repeat(3, Dense(10).As(\"a\") >> Relu)) >> Dense(1)",
        "Embedding(16, 32, init: Zeros) >> Recurrent(Lstm(64), sequence: true) >> Recurrent(Gru(8), bidirectional: true) >> Each(Positional())",
        "Conv(8, 3, stride: 2, padding: 1, groups: 4, init: He) >> GroupNorm(4) >> Mish >> ConvTranspose(4, 2, stride: 2, padding: 1) "
            + ">> GroupNorm(2, epsilon: 0.1) >> Upsample(2) >> RmsNorm() >> RmsNorm(epsilon: 0.001) >> LeakyRelu(slope: 0.2) >> GlobalAvgPool >> Dense(10)",
        "Softplus >> Mish >> Selu >> Hardtanh >> Hardsigmoid >> Hardswish >> Relu6 >> LeakyRelu",
        "Dense(5, init: Orthogonal) >> Dense(4, init: Orthogonal(2)) >> Dense(3, init: VarianceScaling(0.5, Out)) >> "
            + "Dense(2, init: VarianceScaling(1, Mean, uniform)) >> Dense(2, init: HeUniform)",
    ];

    [Theory, MemberData(nameof(Texts))]
    public void What_is_written_is_read_back(string text) => Assert.Equal(text, LayerText.Parse(text).Text);

    [Fact]
    public void A_layer_that_does_nothing_keeps_its_place_so_that_those_after_it_keep_their_names()
    {
        var layer = Dense(3) >> Identity >> Activation.Named("identity")!.Layer >> Dense(2);
        Assert.Equal(layer.Fit(4).Parameters.Select(s => s.Name), LayerText.Parse(layer.Text).Fit(4).Parameters.Select(s => s.Name));
    }

    [Fact]
    public void A_call_has_all_its_numbers_by_name()
    {
        var calls = LayerText.Parse("Conv(6, 5, padding: 2, init: Normal(0.01)).As(\"first\") >> MaxPool(3)").Calls;
        var (conv, pool) = calls is [var first, var second] ? (first, second) : default;
        Assert.Equal(("Conv", "Normal(0.01)", "first"), (conv.Kind.Name, conv.Init?.Text, conv.Name));
        Assert.Equal("channels 6, kernel 5, stride 1, padding 2, groups 1", Numbers(conv));
        Assert.Equal("size 3, stride 3", Numbers(pool));

        static string Numbers(LayerCall call) => string.Join(", ", call.Kind.Arguments.Select(a => $"{a.Name} {call[a.Name]}"));
    }

    [Fact]
    public void A_net_lists_its_layers_with_their_shapes_and_names()
    {
        var net = (Conv(4, 3, padding: 1) >> Residual(BatchNorm() >> Relu >> Residual(Conv(4, 1)).As("inner")) >> Dense(10).As("fc")).Fit(1, 6, 6);
        Assert.Equal(net.Parameters.Select(s => s.Name), net.Layers.SelectMany(n => n.Parameters));
        Assert.Equal(net.State.Select(s => s.Name), net.Layers.SelectMany(n => n.State));
        var residual = net.Layers[1].Net.Layers;
        Assert.Equal(["1.0.weight", "1.0.bias"], residual[0].Parameters);
        Assert.Equal(["1.inner.0.weight", "1.inner.0.bias"], residual[2].Net.Layers[0].Parameters);
        Assert.Equal((4, 6, 6), net.Layers[2].Net.Input is [var c, var h, var w] ? (c, h, w) : default);
        Assert.Equal(10, Assert.Single(net.Layers[2].Net.Output));
    }

    [Fact]
    public void What_a_script_writes_is_what_the_text_says() =>
        Assert.Equal("Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Dropout(0.25) >> Dense(10)",
            (Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Dropout(0.25) >> Dense(10)).Text);

    [Fact]
    public void The_layer_read_back_computes_the_same()
    {
        using var scope = NewDisposeScope();
        var layer = Conv(3, 3) >> BatchNorm() >> Relu >> MaxPool(2) >> Residual(LayerNorm()) >> Dense(4);
        var (model, _) = layer.Fit(1, 6, 6).Init(TorchRandom.Seeded(1));
        var again = LayerText.Parse(layer.Text).Fit(1, 6, 6);
        var x = Tensors.Normal(2, 5, 1, 6, 6);
        Assert.Equal(model.Net.Parameters.Select(s => s.Name), again.Parameters.Select(s => s.Name));
        Tensors.AssertClose(model.Apply(x), (model with { Net = again }).Apply(x), 0);
    }

    [Theory]
    [InlineData(""), InlineData("Dense"), InlineData("Dense(x)"), InlineData("Dense(3"), InlineData("Dense(3) >>"), InlineData("Dense(3) Dense(4)")]
    [InlineData("System.IO.File(3)"), InlineData("Dense(1.5)"), InlineData("Dense(-1)"), InlineData("Dense(3) >> )"), InlineData("Residual()")]
    [InlineData("\e[2J"), InlineData("Dense(99999999999)"), InlineData("Dense(3, init: Hee)"), InlineData("Dense(3, 4)"), InlineData("Dense(3,)")]
    [InlineData("Dense(units: 3, units: 3)"), InlineData("Dense(3 Relu)"), InlineData("Residual(Relu, Relu)"), InlineData("Relu(Relu)"), InlineData("Each(3)")]
    [InlineData("FanOut()"), InlineData("Repeat(Relu)"), InlineData("Repeat(3)"), InlineData("Repeat(1.5, Relu)"), InlineData("Repeat(1001, Relu)")]
    [InlineData("Reshape()"), InlineData("Reshape(0)"), InlineData("Reshape(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)")]
    [InlineData("Reshape(Relu)"), InlineData("Permute(-1)"), InlineData("Permute(10)"), InlineData("Mean(0, 1)")]
    [InlineData("Attention(2, causal: 1)"), InlineData("Attention(2, causal: yes)"), InlineData("Attention(2, causal true)")]
    [InlineData("Attention(causal: true)")]
    [InlineData("Recurrent()"), InlineData("Recurrent(Lstm)"), InlineData("Recurrent(Lstm(2), Lstm(2))"), InlineData("Lstm(2, init: He)")]
    public void Anything_else_is_refused(string text) => Assert.Throws<ArgumentException>(() => LayerText.Parse(text));

    [Fact]
    public void A_function_of_somebodys_own_comes_back_from_no_text() =>
        Assert.Contains("a custom layer", Assert.Throws<ArgumentException>(() => LayerText.Parse("Dense(3) >> own(Swish) >> Dense(2)")).Message);
}
