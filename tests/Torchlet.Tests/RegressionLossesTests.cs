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

    public static TheoryData<string> Peers => ["soft_cross_entropy", "kl_divergence", "Hinge(1)", "Hinge(0.5)", "binary_cross_entropy", "Huber(1)",
        "Huber(0.3)", "SmoothL1(1)", "SmoothL1(0.3)", "cosine"];

    [Theory, MemberData(nameof(Peers))]
    public void A_loss_and_its_gradient_are_libtorchs(string name)
    {
        using var scope = NewDisposeScope();
        var (z, other, y) = (Tensors.Normal(1, 9, 4) * 3, Tensors.Normal(2, 9, 4), Tensors.Labels(2, 9, 4));
        var p = nn.functional.softmax(other * 2, 1).detach();
        p[0] = tensor(new[] { 0f, 1, 0, 0 }); // 0 · log 0 is 0.
        const nn.Reduction none = nn.Reduction.None;
        var (ours, target, theirs) = name switch
        {
            "soft_cross_entropy" => Of(Losses.SoftCrossEntropy, p, x => -(p * nn.functional.log_softmax(x, 1)).sum(1)),
            "kl_divergence" => Of(Losses.KlDivergence, p, x => nn.functional.kl_div(nn.functional.log_softmax(x, 1), p, false, none).sum(1)),
            "Hinge(1)" => Of(Losses.Hinge(), y, x => nn.MultiMarginLoss(reduction: none).call(x, y)),
            "Hinge(0.5)" => Of(Losses.Hinge(0.5), y, x => nn.MultiMarginLoss(margin: 0.5, reduction: none).call(x, y)),
            "binary_cross_entropy" => Of(Losses.BinaryCrossEntropy, p, x =>
                -(p * x.to_type(ScalarType.Float64).sigmoid().log() + (1 - p) * (1 - x.to_type(ScalarType.Float64).sigmoid()).log()).mean([1])),
            "Huber(1)" => Of(Losses.Huber(), other, x => nn.functional.huber_loss(x, other, 1, none).mean([1])),
            "Huber(0.3)" => Of(Losses.Huber(0.3), other, x => nn.functional.huber_loss(x, other, 0.3, none).mean([1])),
            "SmoothL1(1)" => Of(Losses.SmoothL1(), other, x => nn.functional.smooth_l1_loss(x, other, none, 1).mean([1])),
            "SmoothL1(0.3)" => Of(Losses.SmoothL1(0.3), other, x => nn.functional.smooth_l1_loss(x, other, none, 0.3).mean([1])),
            _ => Of(Losses.CosineDistance, other, x => 1 - nn.functional.cosine_similarity(x, other, 1)),
        };
        Assert.Equal(name, Named.TextOf(ours));
        Tensors.AssertClose(theirs(z), ours(z, target), 2e-6);
        Tensors.AssertClose(Gradient.ValueAndGrad(x => theirs(x).sum())(z).Gradient, Gradient.ValueAndGrad(x => ours(x, target).sum())(z).Gradient, 2e-6);
        var live = Tensors.Live;
        ours(z, target).Dispose();
        Assert.Equal(live, Tensors.Live);

        static (Loss, Tensor, Func<Tensor, Tensor>) Of(Loss ours, Tensor target, Func<Tensor, Tensor> theirs) => (ours, target, theirs);
    }

    [Fact]
    public void Losses_of_logits_neither_overflow_nor_lose_a_small_loss()
    {
        using var scope = NewDisposeScope();
        var z = tensor(new float[,] { { 1000 }, { -1000 }, { 20 } });
        Tensors.AssertClose(tensor(new[] { 1000f, 0, 2.0611537e-9f }), Losses.BinaryCrossEntropy(z, tensor(new[] { 0f, 0, 1 })), 1e-15);
        var row = tensor(new float[,] { { 1000, 0, -1000 } });
        Tensors.AssertClose(tensor(new[] { 1000f }), Losses.SoftCrossEntropy(row, tensor(new[,] { { 0f, 1, 0 } })), 0);
        Tensors.AssertClose(tensor(new[] { 2000f }), Losses.KlDivergence(row, tensor(new[,] { { 0f, 0, 1 } })), 0);
        Assert.Contains("target: want [1, 3], got [1]", Assert.Throws<ArgumentException>(() => Losses.SoftCrossEntropy(row, ones(1))).Message);
        Assert.Contains("labels: want 0 to 2, got 5", Assert.Throws<ArgumentException>(() => Losses.Hinge()(row, tensor(new[] { 5L }))).Message);
        Assert.Contains("above 0", Assert.Throws<ArgumentException>(() => Losses.Huber(0)).Message);
    }
}
