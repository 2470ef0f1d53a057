using CsCheck;
using TorchSharp;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The limits of the layers of pictures; their numbers are in <see cref="LayersTests"/> and <see cref="Zoo2Tests"/>.</summary>
public sealed class ImageLayersTests
{
    [Theory]
    [InlineData("Conv(6, 3, groups: 4)", "want channels that 4 groups divide, got 4 in and 6 out")]
    [InlineData("Conv(6, 3, groups: 3)", "want channels that 3 groups divide, got 4 in and 6 out")]
    [InlineData("Conv(6, 3, groups: 0)", "want groups from 1")]
    [InlineData("ConvTranspose(2, 2, padding: 5)", "want a padding below 5, got 5")]
    [InlineData("ConvTranspose(2, 2, stride: 0)", "want stride from 1")]
    [InlineData("GroupNorm(3)", "want channels that 3 groups divide, got 4")]
    [InlineData("Upsample(0)", "want factor from 1")]
    [InlineData("Upsample(4096) >> Upsample(4)", "want an output of at most")]
    [InlineData("Flatten >> GlobalAvgPool", "want [channels, height, width], got [256]")]
    [InlineData("RmsNorm(-1)", "want epsilon")]
    [InlineData("LeakyRelu(-1)", "want slope")]
    public void A_layer_that_cannot_be_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => LayerText.Parse(text).Fit(4, 8, 8)).Message);

    /// <summary>In float64 libtorch computes them without oneDNN.</summary>
    [Fact]
    public void Convolutions_of_any_shape_and_their_gradients_are_those_of_float64()
    {
        var shapes =
            from transposed in Gen.Bool
            from channels in Gen.Int[1, 20]
            from kernels in Gen.Int[1, 20]
            from kernel in Gen.Int[1, 6]
            from side in Gen.Frequency((1, Gen.Const(kernel)), (2, Gen.Int[kernel, 12]))
            from stride in Gen.Int[1, 3]
            from padding in Gen.Int[0, (kernel - 1) / 2]
            from batch in Gen.Int[1, 3]
            select (Layer: transposed ? ConvTranspose(kernels, kernel, stride, padding) : Conv(kernels, kernel, stride, padding), channels, side, batch);
        shapes.Sample(c =>
        {
            using var scope = NewDisposeScope();
            var (model, random) = c.Layer.Fit(c.channels, c.side, c.side).Init(TorchRandom.Seeded(0));
            var x = random.Normal([c.batch, c.channels, c.side, c.side]).Numbers;
            foreach (var (got, want) in Derivatives(model, x, float32).Zip(Derivatives(model, x, float64)))
                Assert.True(got.@double().allclose(want, 1e-3, 1e-3), $"{c.Layer} of {c.batch} × [{c.channels}, {c.side}, {c.side}]");
        }, iter: 100, threads: 1);

        // The output, and the gradients of the sum of its squares.
        static Tensor[] Derivatives(Model model, Tensor x, ScalarType type)
        {
            var (flat, leaf) = (model.Flat.detach().to(type).requires_grad_(), x.detach().to(type).requires_grad_());
            var y = model.Net.Forward(model.Net.Views(flat), [], leaf, Pass.Evaluation).Y;
            (y * y).sum().backward();
            return [y.detach(), flat.grad!, leaf.grad!];
        }
    }

    [Fact]
    public void A_padding_may_leave_a_single_pixel() => Assert.Equal([2, 1, 1], ConvTranspose(2, 2, padding: 4).Fit(4, 8, 8).Output);

    [Fact]
    public void LeakyRelu_is_a_layer_with_and_without_a_slope()
    {
        using var scope = NewDisposeScope();
        Layer bare = LeakyRelu;
        Assert.Equal("LeakyRelu", bare.Text);
        Assert.Equal("LeakyRelu", LeakyRelu(0.01).Text);
        Assert.Equal("LeakyRelu(slope: 0.2).As(\"a\")", LeakyRelu(0.2).As("a").Text);
        Assert.Equal("LeakyRelu >> LeakyRelu(slope: 0.2) >> LeakyRelu", (LeakyRelu >> LeakyRelu(0.2) >> LeakyRelu).Text);
        Assert.Equal("LeakyRelu >> LeakyRelu", (LeakyRelu >> LeakyRelu).Text);
        Assert.Equal("LeakyRelu >> own()", (LeakyRelu >> (x => x * 2)).Text);
        Assert.Equal("Dense(3) >> LeakyRelu >> Dense(2)", (Dense(3) >> LeakyRelu >> Dense(2)).Text);
        var x = tensor(new float[,] { { -1, 2 } });
        Tensors.AssertClose(tensor(new[,] { { -0.01f, 2 } }), x | LeakyRelu, 0);
        Tensors.AssertClose(tensor(new[,] { { -0.2f, 2 } }), x | LeakyRelu(0.2), 0);
    }

    [Fact]
    public void Hardtanh_has_no_slope_where_it_is_cut_off()
    {
        using var scope = NewDisposeScope();
        var (sum, gradient) = Gradient.ValueAndGrad(x => (x | Hardtanh).sum())(tensor(new float[] { -3, -1, -0.5f, 1, 2 }));
        Assert.Equal(-0.5, sum.item<float>());
        Tensors.AssertClose(tensor(new float[] { 0, 0, 1, 0, 0 }), gradient, 0);
    }

    [Fact]
    public void A_slope_is_part_of_the_name_of_an_activation_and_of_a_title()
    {
        Assert.Equal("LeakyRelu(slope: 0.2)", Activation.Named("leaky_relu:0.2")!.Layer.Text);
        Assert.Null(Activation.Named("leaky_relu:-1"));
        Assert.Null(Activation.Named("relu:1"));
        Assert.Equal("leaky_relu:0.3", CommandLine.Parse(["--activation", "leaky_relu:0.3"], new TrainConfig()).Activation);
        Assert.Equal("4-3-2 leaky_relu:0.2, 23 parameters", Headline(LeakyRelu(0.2)));
        Assert.Equal("4-3-2 leaky_relu, 23 parameters", Headline(LeakyRelu));

        static string Headline(Layer activation) => Dense(3) >> activation >> Dense(2) is var layer ? layer.Headline(layer.Fit(4)) : "";
    }
}
