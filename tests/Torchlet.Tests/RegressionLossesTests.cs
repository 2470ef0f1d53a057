using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class RegressionLossesTests
{
    [Theory, InlineData(0), InlineData(0.1), InlineData(0.7)]
    public void Smoothed_labels_are_libtorchs(double epsilon)
    {
        using var scope = NewDisposeScope();
        var (z, y) = (Tensors.Normal(1, 9, 4), Tensors.Labels(2, 9, 4));
        Tensors.AssertClose(nn.functional.cross_entropy(z, y, label_smoothing: epsilon, reduction: nn.Reduction.None), Losses.Smoothed(epsilon)(z, y), 1e-6);
    }

    [Fact]
    public void Focal_loss_is_its_formula_and_cross_entropy_without_a_focus()
    {
        using var scope = NewDisposeScope();
        var (z, y) = (Tensors.Normal(1, 9, 4), Tensors.Labels(2, 9, 4));
        var p = nn.functional.softmax(z.to_type(ScalarType.Float64), 1).gather(1, y.unsqueeze(1)).squeeze(1);
        Tensors.AssertClose(-(1 - p).pow(2) * p.log(), Losses.Focal(2)(z, y), 1e-6);
        Tensors.AssertClose(Losses.CrossEntropy(z, y), Losses.Focal(0)(z, y), 1e-6);
    }

    [Fact]
    public void A_loss_that_is_made_with_a_number_is_recorded_with_it()
    {
        Loss[] losses = [Losses.Smoothed(0.1), Losses.Focal(2), Losses.NllOfLogSoftmax, (z, y) => Losses.CrossEntropy(z, y)];
        Assert.Equal(["Smoothed(0.1)", "Focal(2)", "nll", "own"], losses.Select(loss => Objective.Classify(loss).Text));
    }

    [Fact]
    public void Squared_and_absolute_error_are_libtorchs_and_want_equal_shapes()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Tensors.Normal(1, 6, 3), Tensors.Normal(2, 6, 3));
        Tensors.AssertClose(nn.functional.mse_loss(a, b), Losses.SquaredError(a, b).mean(), 1e-6);
        Tensors.AssertClose(nn.functional.l1_loss(a, b), Losses.AbsoluteError(a, b).mean(), 1e-6);
        Tensors.AssertClose((a[TensorIndex.Colon, 0] - b[TensorIndex.Colon, 0]).square(),
            Losses.SquaredError(a[TensorIndex.Colon, TensorIndex.Slice(0, 1)], b[TensorIndex.Colon, 0]), 1e-6);
        Tensors.AssertClose((a - 2).square().mean([1]), Losses.SquaredError(a, full([6, 3], 2, ScalarType.Int32)), 1e-6);
        Assert.Contains("target: want [6, 3], got [6]", Assert.Throws<ArgumentException>(() => Losses.SquaredError(a, ones(6))).Message);
    }
}
