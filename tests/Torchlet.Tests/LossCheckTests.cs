using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class LossCheckTests
{
    static string? Complaint(Loss loss, Func<Tensor, Tensor>? output = null)
    {
        using var scope = NewDisposeScope();
        var (logits, labels) = (Tensors.Normal(1, 64, 10), Tensors.Labels(2, 64, 10));
        return LossCheck.Complaint(loss, output is null ? logits : output(logits), labels);
    }

    [Theory]
    [InlineData("double_softmax", "cross_entropy is given probabilities")]
    [InlineData("nll_on_probs", "nll_loss is given probabilities")]
    [InlineData("nll_on_logits", "nll_loss is given logits")]
    public void Each_mistake_is_named(string name, string complaint) => Assert.StartsWith(complaint, Complaint(LossVariant.Named(name).Loss));

    [Fact]
    public void Whatever_fits_is_let_pass_and_nothing_else()
    {
        foreach (var variant in LossVariant.All) Assert.Equal(variant.Fits, Complaint(variant.Loss) is null);
    }

    [Fact]
    public void A_loss_of_ones_own_is_seen_through()
    {
        Assert.Contains("once more", Complaint((z, y) => Losses.CrossEntropy(Activations.Softmax(z), y)));
        Assert.Null(Complaint((z, y) => Losses.CrossEntropy(z, y) + z.square().sum(1)));
    }

    [Fact]
    public void A_network_that_ends_in_softmax_is_seen_too()
    {
        Assert.Contains("once more", Complaint(Losses.CrossEntropy, Activations.Softmax));
        Assert.Contains("nll_loss is given probabilities", Complaint((rows, y) => Losses.Nll(new(rows), y), Activations.Softmax));
        Assert.Null(Complaint((rows, y) => Losses.Nll(new(rows), y), z => Activations.LogSoftmax(z)));
        Assert.Null(Complaint(Losses.CrossEntropy, z => Activations.LogSoftmax(z))); // Softmax of log-probabilities gives them back.
    }

    [Fact]
    public void Rows_are_known_by_their_sums()
    {
        using var scope = NewDisposeScope();
        var logits = Tensors.Normal(1, 64, 10);
        Assert.Equal(OutputKind.Logits, LossCheck.KindOf(logits));
        Assert.Equal(OutputKind.Logits, LossCheck.KindOf(logits.abs()));
        Assert.Equal(OutputKind.Probabilities, LossCheck.KindOf(Activations.Softmax(logits)));
        Assert.Equal(OutputKind.LogProbabilities, LossCheck.KindOf(Activations.LogSoftmax(logits)));
    }
}
