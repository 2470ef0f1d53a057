using System.Runtime.InteropServices;
using TorchSharp;
using static Torchlet.Activations;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// Losses, one number an example, in nats. A caller adds them up and divides by the number of examples once: a mean of batch means
/// would give the smaller last batch too much weight.
/// </summary>
/// <remarks>
/// The first three say by their parameter what they eat. The others take a network's logits through an output activation to one of
/// the three, right or wrong; <see cref="LossVariant"/> says which is which.
/// </remarks>
public static class Losses
{
    /// <summary>(output, target) ↦ the sum of a loss and its gradient at the output, for losses with a derivative written by hand; null for others.</summary>
    internal static Func<Tensor, Tensor, (Tensor Sum, Tensor Gradient)>? DerivativeOf(Loss loss) => loss == CrossEntropy ? CrossEntropyAndGradient : null;

    /// <summary>Negative log-likelihood: −logProbabilities[i, labels[i]]. Wants log_softmax. PyTorch: nll_loss(reduction="none").</summary>
    /// <param name="logProbabilities">[batch, classes], float, each row a log-distribution (not checked).</param>
    /// <param name="labels">[batch], any integer type, each in 0 … classes − 1.</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these, or a label is out of range.</exception>
    public static Tensor Nll(LogProbabilities logProbabilities, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return At(logProbabilities, labels).neg().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Cross-entropy of softmax(logits) against the labels: log Σⱼ exp(logits[i, j]) − logits[i, labels[i]]. Wants raw logits.
    /// PyTorch: cross_entropy(reduction="none").
    /// </summary>
    /// <param name="logits">[batch, classes], float, any real numbers.</param>
    /// <param name="labels">[batch], any integer type, each in 0 … classes − 1.</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these, or a label is out of range.</exception>
    [Named("cross_entropy")]
    public static Tensor CrossEntropy(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return Nll(LogSoftmaxKernel(logits), labels).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Mean over the classes of (probabilities − one-hot)², so that its mean over a batch is PyTorch's mse_loss(reduction="mean").
    /// Wants softmax.
    /// </summary>
    /// <param name="probabilities">[batch, classes], float, each row a distribution (not checked).</param>
    /// <param name="labels">[batch], any integer type, each in 0 … classes − 1.</param>
    /// <returns>[batch], in 0 … 2 / classes; not in nats.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these, or a label is out of range.</exception>
    [Named("mse_of_probabilities")]
    public static Tensor MeanSquaredError(Tensor probabilities, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return (probabilities - OneHot(probabilities, labels)).Squared().mean([1]).MoveToOuterDisposeScope();
    }

    /// <summary>nll: <see cref="Nll"/> of <see cref="LogSoftmax"/>, the same number as <see cref="CrossEntropy"/>, in two steps.</summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("nll")]
    public static Tensor NllOfLogSoftmax(Tensor logits, Tensor labels) => Of(logits, z => Nll(LogSoftmax(z), labels));

    /// <summary>
    /// log_of_softmax: −log softmax(logits)[label] in the order in which it is written. In float32 it is ∞ where the label's logit
    /// is 104 below the largest, where softmax is 0.
    /// </summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("log_of_softmax")]
    public static Tensor NllOfLogOfSoftmax(Tensor logits, Tensor labels) => Of(logits, z => Nll(new(Softmax(z).log()), labels));

    /// <summary>naive: the same with the softmax that overflows; NaN where a logit exceeds 88.</summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("naive")]
    public static Tensor NllOfLogOfNaiveSoftmax(Tensor logits, Tensor labels) => Of(logits, z => Nll(new(NaiveSoftmax(z).log()), labels));

    /// <summary>
    /// double_softmax, a mistake: <see cref="CrossEntropy"/> of probabilities. It applies softmax itself, and softmax of numbers in
    /// [0, 1] is nearly flat: with k classes the loss is never below log(1 + (k − 1)/e).
    /// </summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("double_softmax")]
    public static Tensor CrossEntropyOfSoftmax(Tensor logits, Tensor labels) => Of(logits, z => CrossEntropy(Softmax(z), labels));

    /// <summary>nll_on_logits, a mistake: −logits[label], which has no minimum and leaves the other classes alone.</summary>
    /// <returns>[batch], any real numbers.</returns>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("nll_on_logits")]
    public static Tensor NllOfLogits(Tensor logits, Tensor labels) => Nll(new(logits), labels);

    /// <summary>nll_on_probs, a mistake: −softmax(logits)[label], the error rate of a guess drawn from softmax, less 1.</summary>
    /// <returns>[batch], in −1 … 0.</returns>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("nll_on_probs")]
    public static Tensor NllOfSoftmax(Tensor logits, Tensor labels) => Of(logits, z => Nll(new(Softmax(z)), labels));

    /// <summary>mse: <see cref="MeanSquaredError"/> of <see cref="Softmax"/>, the Brier score divided by the number of classes.</summary>
    /// <returns>[batch], in 0 … 2 / classes; not in nats.</returns>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("mse")]
    public static Tensor MeanSquaredErrorOfSoftmax(Tensor logits, Tensor labels) => Of(logits, z => MeanSquaredError(Softmax(z), labels));

    /// <summary>
    /// Cross-entropy against (1 − ε) · one-hot + ε / classes: (1 − ε) · cross-entropy − ε · mean of log_softmax.
    /// Source: Szegedy et al. 2015, arXiv:1512.00567; PyTorch: cross_entropy(label_smoothing=ε).
    /// </summary>
    /// <example><c>Objective.Classify(Losses.Smoothed(0.1))</c></example>
    /// <param name="epsilon">ε, in 0 … 1.</param>
    public static Loss Smoothed(double epsilon) => Named.Loss(FormattableString.Invariant($"Smoothed({epsilon})"), (logits, labels) => Of(logits, z =>
    {
        Tensor rows = LogSoftmax(z);
        return At(rows, labels).Times(epsilon - 1).AddScaled_(rows.mean([1]), -epsilon);
    }));

    /// <summary>
    /// −(1 − p)^γ · log p of the label's probability p: what is classified rightly already weighs less.
    /// Source: Lin et al. 2017, arXiv:1708.02002.
    /// </summary>
    /// <example><c>Objective.Classify(Losses.Focal(2))</c></example>
    /// <param name="gamma">γ; 0 gives cross-entropy.</param>
    public static Loss Focal(double gamma) => Named.Loss(FormattableString.Invariant($"Focal({gamma})"), (logits, labels) => Of(logits, z =>
    {
        var logP = At(LogSoftmax(z), labels);
        using var power = gamma.ToScalar();
        return (ones_like(logP) - logP.exp()).pow(power) * logP.neg();
    }));

    /// <summary>Mean over an example's numbers of (output − target)². PyTorch: mse_loss, whose mean over a batch it is.</summary>
    /// <param name="output">[batch, …], float.</param>
    /// <param name="target">Of the same shape, or [batch] with an output of [batch, 1]; any type of number.</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    [Named("squared_error")]
    public static Tensor SquaredError(Tensor output, Tensor target) => OfDifference(output, target, d => d.Squared());

    /// <summary>Mean over an example's numbers of |output − target|. PyTorch: l1_loss, whose mean over a batch it is.</summary>
    /// <inheritdoc cref="SquaredError"/>
    [Named("absolute_error")]
    public static Tensor AbsoluteError(Tensor output, Tensor target) => OfDifference(output, target, d => d.abs());

    static Tensor OfDifference(Tensor output, Tensor target, Func<Tensor, Tensor> of)
    {
        using var scope = NewDisposeScope();
        var wanted = target.ndim == 1 && output.ndim == 2 && output.size(1) == 1 ? target.unsqueeze(1) : target;
        var difference = output - wanted.Want(nameof(target), output.shape).to_type(output.dtype);
        return of(difference).flatten(1).mean([1]).MoveToOuterDisposeScope();
    }

    static (Tensor Sum, Tensor Gradient) CrossEntropyAndGradient(Tensor logits, Tensor labels)
    {
        var rows = LogSoftmaxKernel(logits);
        return Indexed(logits, labels, index =>
        {
            // The gradient first: it reports wrong labels, where nll_loss takes -100 for "none".
            var gradient = rows.Tensor.exp().scatter_add_(1, index, ones_like(index, logits.dtype).neg_());
            return (nn.functional.nll_loss(rows, index.squeeze(1), reduction: nn.Reduction.Sum), gradient);
        });
    }

    /// <summary><see cref="LogSoftmax"/> by the one kernel that PyTorch's cross_entropy takes, instead of five.</summary>
    static LogProbabilities LogSoftmaxKernel(Tensor logits) => new(logits.Want(nameof(logits), -1, -1).log_softmax(1));

    static Tensor Of(Tensor logits, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return loss(logits).MoveToOuterDisposeScope();
    }

    /// <summary>rows[i, labels[i]]</summary>
    static Tensor At(Tensor rows, Tensor labels) => Indexed(rows, labels, index => rows.gather(1, index).squeeze(1));

    /// <summary>1 at [i, labels[i]], else 0, in the shape of rows.</summary>
    static Tensor OneHot(Tensor rows, Tensor labels) => Indexed(rows, labels, index => zeros_like(rows).scatter_(1, index, ones_like(rows)));

    /// <summary>Result of a function of the labels, checked, as a column of int64.</summary>
    static T Indexed<T>(Tensor rows, Tensor labels, Func<Tensor, T> result)
    {
        rows.Want(nameof(rows), -1, -1);
        if (!labels.is_integral()) throw new ArgumentException($"labels: want integers, got {labels.dtype}.", nameof(labels));
        labels.Want(nameof(labels), rows.size(0));
        var index = labels.dtype == ScalarType.Int64 ? labels : labels.to_type(ScalarType.Int64);
        try
        {
            return result(index.unsqueeze(1));
        }
        catch (ExternalException e) when (OutOfRange(index, rows.shape[1]) is { } label)
        {
            // libtorch looks at every label as it goes. To look first, too, would cost each batch a pass and a read back.
            throw new ArgumentException($"labels: want 0 to {rows.shape[1] - 1}, got {label}.", nameof(labels), e);
        }
    }

    static long? OutOfRange(Tensor labels, long classes) =>
        labels.Numbers<long>().Select(l => (long?)l).FirstOrDefault(l => l < 0 || l >= classes);
}

/// <summary>A loss of each example, [batch], from a model's output, [batch, …], and its targets, [batch, …]. The caller reduces.</summary>
public delegate Tensor Loss(Tensor output, Tensor target);

/// <summary>
/// Rows of log-probabilities: what <see cref="Activations.LogSoftmax"/> gives and <see cref="Losses.Nll"/> wants. Logits and
/// probabilities look the same to a computer, so their type keeps them out: <c>Nll(logits, labels)</c> does not compile, and
/// <c>Nll(new(logits), labels)</c> is a promise made in writing.
/// </summary>
/// <param name="Tensor">[batch, classes], float, each row ≤ 0, and exp of it sums to 1 (not checked here; script 03 checks it).</param>
public readonly record struct LogProbabilities(Tensor Tensor)
{
    /// <summary>The tensor, for everything else that can be done with it.</summary>
    public static implicit operator Tensor(LogProbabilities rows) => rows.Tensor;
}
