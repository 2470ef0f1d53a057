using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Softmax and its logarithm, the functions after the last layer; those between layers are <see cref="Layers"/>. Inputs are left alone.</summary>
public static class Activations
{
    /// <summary>
    /// Softmax of each row: exp(xᵢ − max x) / Σⱼ exp(xⱼ − max x). The shift by the row's maximum changes nothing and keeps exp
    /// from overflowing.
    /// </summary>
    /// <remarks>
    /// The course's notebook divides a whole batch by one sum: the same labels come first, but the rows do not add up to 1. Here
    /// each row does.
    /// </remarks>
    /// <param name="logits">[batch, classes], float.</param>
    /// <returns>[batch, classes], each row non-negative with sum 1.</returns>
    /// <exception cref="ArgumentException">logits is not a matrix.</exception>
    public static Tensor Softmax(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var e = Shifted(logits).exp();
        return (e / e.sum(1, keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Softmax as defined, exp(xᵢ) / Σⱼ exp(xⱼ), for study. In float32 a logit above 88 overflows to ∞ and its row becomes NaN: use
    /// <see cref="Softmax"/>.
    /// </summary>
    /// <inheritdoc cref="Softmax"/>
    public static Tensor NaiveSoftmax(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var e = logits.Want(nameof(logits), -1, -1).exp();
        return (e / e.sum(1, keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>Logarithm of the softmax of each row: (xᵢ − max x) − log Σⱼ exp(xⱼ − max x), which neither overflows nor takes log 0.</summary>
    /// <param name="logits">[batch, classes], float.</param>
    /// <returns>[batch, classes], each row ≤ 0, and exp of it sums to 1.</returns>
    /// <exception cref="ArgumentException">logits is not a matrix.</exception>
    public static LogProbabilities LogSoftmax(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var x = Shifted(logits);
        return new((x - x.exp().sum(1, keepdim: true).log()).MoveToOuterDisposeScope());
    }

    /// <summary>Each row less its maximum. The shift cancels in every function that uses it, so no gradient flows through it.</summary>
    static Tensor Shifted(Tensor logits) => logits - logits.Want(nameof(logits), -1, -1).detach().amax([1], keepdim: true);
}
