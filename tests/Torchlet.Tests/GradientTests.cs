using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class GradientTests
{
    [Theory, InlineData("cross_entropy", "sigmoid"), InlineData("nll", "sigmoid"), InlineData("cross_entropy", "relu")]
    public void It_is_the_central_difference_in_float64(string loss, string activation)
    {
        using var scope = NewDisposeScope();
        var model = Network(Activation.Named(activation)!.Layer);
        model = model with { Flat = model.Flat.to_type(ScalarType.Float64) };
        var (x, labels) = (Tensors.Normal(1, 7, 6).to_type(ScalarType.Float64), Tensors.Labels(2, 7, 3));
        double At(Tensor flat) => Value(flat).item<double>();
        Tensor Value(Tensor flat) => LossVariant.Named(loss).Loss((model with { Flat = flat }).Apply(x), labels).sum();

        var (value, gradient) = Gradient.ValueAndGrad(Value)(model.Flat);

        Assert.Equal(At(model.Flat), value.item<double>(), 1e-12);
        var basis = eye(model.Flat.shape[0], dtype: ScalarType.Float64) * 1e-5;
        for (var i = 0; i < model.Flat.shape[0]; i++)
            Assert.Equal((At(model.Flat + basis[i]) - At(model.Flat - basis[i])) / 2e-5, gradient[i].item<double>(), 1e-7);
    }

    [Theory, InlineData("cross_entropy", "sigmoid"), InlineData("nll", "sigmoid"), InlineData("cross_entropy", "relu")]
    public void By_hand_it_is_the_same(string loss, string activation)
    {
        using var scope = NewDisposeScope();
        var (function, losses) = (Activation.Named(activation)!.Layer, LossVariant.Named(loss).Loss);
        // A lambda of the same function: its derivative is not known, so this one goes the automatic way.
        var (byHand, automatic) = (Network(function), Network((Func<Tensor, Tensor>)(x => x | function)));
        var batch = new Batch(Tensors.Normal(1, 7, 6), Tensors.Labels(2, 7, 3));
        var want = Gradient.ValueAndGrad(flat => losses((byHand with { Flat = flat }).Apply(batch.Inputs), batch.Targets).sum())(byHand.Flat);

        Assert.Equal((true, false), (byHand.Net.HasPullback, automatic.Net.HasPullback));
        foreach (var model in new[] { byHand, automatic })
        {
            var ofSum = Backpropagation.ValueAndGrad(model, batch, losses);
            Tensors.AssertClose(want.Value, ofSum.LossSum, 1e-5);
            Tensors.AssertClose(want.Gradient, ofSum.Gradient, 1e-5);
            var ofMean = Backpropagation.ValueAndGrad(model, batch, losses, reduction: Reduction.Mean);
            Tensors.AssertClose(want.Value, ofMean.LossSum, 1e-5);
            Tensors.AssertClose(want.Gradient / 7, ofMean.Gradient, 1e-6);
        }
    }

    [Fact]
    public void It_wants_a_scalar_that_depends_on_the_parameters()
    {
        using var scope = NewDisposeScope();
        var x = ones(3);
        Assert.Contains("got [3]", Assert.Throws<ArgumentException>(() => Gradient.ValueAndGrad(p => p * 2)(x)).Message);
        Assert.Contains("that does not", Assert.Throws<ArgumentException>(() => Gradient.ValueAndGrad(_ => ones(1))(x)).Message);
    }

    [Fact]
    public void It_leaves_its_argument_as_it_was()
    {
        using var scope = NewDisposeScope();
        var x = Tensors.Normal(1, 3);
        var before = x.clone();
        Gradient.ValueAndGrad(p => p.square().sum())(x);
        Tensors.AssertClose(before, x, 0);
        Assert.False(x.requires_grad);
    }

    static Model Network(Layer activation) => Mlp.Net([6, 5, 4, 3], activation).Init(TorchRandom.Seeded(3)).Model;
}
