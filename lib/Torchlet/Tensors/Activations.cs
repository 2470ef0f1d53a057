using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Functions between layers and after the last one. Each takes and returns float tensors and leaves its input alone.</summary>
public static class Activations
{
    /// <summary>σ(x) = 1 / (1 + e⁻ˣ), elementwise, in (0, 1).</summary>
    /// <remarks>
    /// libtorch's elementary function, like exp: spelled out, the derivative of 1 / (1 + exp(-x)) is NaN in float32 below
    /// x = -88, where exp(-x) overflows.
    /// </remarks>
    public static Tensor Sigmoid(Tensor x) => x.sigmoid();

    /// <summary>max(x, 0), elementwise.</summary>
    public static Tensor Relu(Tensor x) => x.relu();

    /// <summary>(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), elementwise, in (−1, 1). PyTorch: nn.Tanh.</summary>
    public static Tensor Tanh(Tensor x) => x.tanh();

    /// <summary>x·Φ(x) with the normal distribution's Φ, elementwise. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415; PyTorch: nn.GELU.</summary>
    public static Tensor Gelu(Tensor x) => nn.functional.gelu(x);

    /// <summary>x where x > 0, else eˣ − 1, elementwise. Source: Clevert et al. 2015, arXiv:1511.07289; PyTorch: nn.ELU.</summary>
    public static Tensor Elu(Tensor x) => nn.functional.elu(x, 1.0);

    /// <summary>x where x > 0, else 0.01·x, elementwise. Source: Maas et al. 2013; PyTorch: nn.LeakyReLU.</summary>
    public static Tensor LeakyRelu(Tensor x) => nn.functional.leaky_relu(x, 0.01);

    /// <summary>x·σ(x), elementwise, also called swish. Source: Elfwing et al. 2017, arXiv:1702.03118; PyTorch: nn.SiLU.</summary>
    public static Tensor Silu(Tensor x) => nn.functional.silu(x);

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
    /// Softmax as its definition reads, exp(xᵢ) / Σⱼ exp(xⱼ): for study. In float32 a logit above 88 overflows to ∞ and its row
    /// becomes NaN; <see cref="Softmax"/> is the one to use.
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
