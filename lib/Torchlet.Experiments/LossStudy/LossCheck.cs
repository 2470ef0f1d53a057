using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Looks at one batch for the mistakes that run without an error and learn badly: rows of numbers of another kind than a loss wants.</summary>
public static class LossCheck
{
    const double Tolerance = 1e-4;

    /// <summary>A warning about a network's output used with a loss, in one sentence; null if the two fit.</summary>
    /// <remarks>
    /// A loss is a black box, so its values are compared with those of the known mistakes: <see cref="Losses.CrossEntropy"/> of
    /// probabilities, <see cref="Losses.Nll"/> of anything but log-probabilities; of the rows as they come, and of their softmax.
    /// </remarks>
    /// <param name="loss">Any loss: one of <see cref="Losses"/>, or a custom one.</param>
    /// <param name="rows">What the network gives: [batch, classes], float. One batch is enough.</param>
    /// <param name="labels">[batch], int64.</param>
    public static string? Complaint(Loss loss, Tensor rows, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var values = loss(rows, labels);
        return Complaint(values, rows, labels) ?? Complaint(values, Activations.Softmax(rows), labels);
    }

    /// <summary>The same of a loss's values, if that loss was given these rows.</summary>
    static string? Complaint(Tensor values, Tensor rows, Tensor labels) => KindOf(rows) switch
    {
        OutputKind.Probabilities when Same(values, Losses.CrossEntropy(rows, labels)) =>
            "cross_entropy is given probabilities and applies softmax to them once more; give it the logits, without softmax.",
        OutputKind.Probabilities when Same(values, Losses.Nll(new(rows), labels)) =>
            "nll_loss is given probabilities and wants their logarithms; give it log_softmax of the logits, not softmax.",
        OutputKind.Logits when Same(values, Losses.Nll(new(rows), labels)) =>
            "nll_loss is given logits and wants log-probabilities; give it log_softmax of the logits, or give the logits to cross_entropy.",
        _ => null,
    };

    /// <summary>The kind of numbers in the rows of a matrix, by their sums: logits, unless every row is a distribution or the logarithm of one.</summary>
    public static OutputKind KindOf(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return rows.ge(zeros_like(rows)).all().Number() == 1 && AreOnes(rows.sum(1)) ? OutputKind.Probabilities
            : AreOnes(rows.exp().sum(1)) ? OutputKind.LogProbabilities
            : OutputKind.Logits;
    }

    static bool AreOnes(Tensor sums) => Same(sums, ones_like(sums));

    static bool Same(Tensor a, Tensor b) => allclose(a, b, rtol: Tolerance, atol: Tolerance);
}
