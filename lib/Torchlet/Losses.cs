using static Torchlet.Activations;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A loss of each example, [batch], from logits [batch, classes] and int64 labels [batch]. The caller reduces.</summary>
public delegate Tensor Loss(Tensor logits, Tensor labels);

/// <summary>
/// Losses, one number an example, in nats. A caller adds them up and divides by the number of examples once: a mean of batch means
/// would give the smaller last batch too much weight.
/// </summary>
public static class Losses
{
    /// <summary>The losses over logits, by their names on the command line.</summary>
    public static IReadOnlyDictionary<string, Loss> ByName { get; } =
        new Dictionary<string, Loss> { ["cross_entropy"] = CrossEntropy, ["nll"] = NllOfLogSoftmax };

    /// <summary>Negative log-likelihood: −logProbabilities[i, labels[i]]. Wants log_softmax. PyTorch: nll_loss(reduction="none").</summary>
    /// <param name="logProbabilities">[batch, classes], float, each row a log-distribution (not checked).</param>
    /// <param name="labels">[batch], int64, each in 0 … classes − 1.</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these.</exception>
    public static Tensor Nll(Tensor logProbabilities, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return At(logProbabilities, labels).neg().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Cross-entropy of softmax(logits) against the labels: log Σⱼ exp(logits[i, j]) − logits[i, labels[i]]. Wants raw logits.
    /// PyTorch: cross_entropy(reduction="none").
    /// </summary>
    /// <param name="logits">[batch, classes], float, any real numbers.</param>
    /// <param name="labels">[batch], int64, each in 0 … classes − 1.</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these.</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var atLabel = At(logits, labels);
        return (logits.logsumexp(1) - atLabel).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Nll"/> of <see cref="LogSoftmax"/>: the same number as <see cref="CrossEntropy"/>, in two steps.</summary>
    /// <inheritdoc cref="CrossEntropy"/>
    public static Tensor NllOfLogSoftmax(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return Nll(LogSoftmax(logits), labels).MoveToOuterDisposeScope();
    }

    /// <summary>rows[i, labels[i]]</summary>
    static Tensor At(Tensor rows, Tensor labels)
    {
        rows.Want("logits", -1, -1);
        labels.Want(nameof(labels), ScalarType.Int64).Want(nameof(labels), rows.size(0));
        return rows.gather(1, labels.unsqueeze(1)).squeeze(1);
    }
}
