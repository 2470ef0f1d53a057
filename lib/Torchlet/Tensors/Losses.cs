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
/// Losses of scores and labels also take sequences: of scores [batch, …, classes] and labels [batch, …] the loss of an example is the mean over its positions.
/// The first three say by their parameter what they eat. The others take a network's logits through an output activation to one of
/// the three, right or wrong; <see cref="LossVariant"/> says which is which.
/// </remarks>
public static class Losses
{
    /// <summary>(output, target) ↦ the sum of a loss and its gradient at the output, for losses with a derivative written by hand; null for others.</summary>
    internal static Func<Tensor, Tensor, (Tensor Sum, Tensor Gradient)>? DerivativeOf(Loss loss) => loss == CrossEntropy ? CrossEntropyAndGradient : null;

    /// <summary>Negative log-likelihood: −logProbabilities[i, labels[i]]. Wants log_softmax. PyTorch: nll_loss(reduction="none").</summary>
    /// <param name="logProbabilities">[batch, classes] or [batch, …, classes], float, each row a log-distribution (not checked).</param>
    /// <param name="labels">[batch] or [batch, …], any integer type, each in 0 … classes − 1.</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these, or a label is out of range.</exception>
    public static Tensor Nll(LogProbabilities logProbabilities, Tensor labels) => Of(logProbabilities, labels, (rows, y) => At(rows, y).neg());

    /// <summary>
    /// Cross-entropy of softmax(logits) against the labels: log Σⱼ exp(logits[i, j]) − logits[i, labels[i]]. Wants raw logits.
    /// PyTorch: cross_entropy(reduction="none").
    /// </summary>
    /// <param name="logits">[batch, classes] or [batch, …, classes], float, any real numbers.</param>
    /// <param name="labels">[batch] or [batch, …], any integer type, each in 0 … classes − 1.</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these, or a label is out of range.</exception>
    [Named("cross_entropy")]
    public static Tensor CrossEntropy(Tensor logits, Tensor labels) => Of(logits, labels, (z, y) => Nll(LogSoftmaxKernel(z), y));

    /// <summary>
    /// Mean over the classes of (probabilities − one-hot)², so that its mean over a batch is PyTorch's mse_loss(reduction="mean").
    /// Wants softmax.
    /// </summary>
    /// <param name="probabilities">[batch, classes] or [batch, …, classes], float, each row a distribution (not checked).</param>
    /// <param name="labels">[batch] or [batch, …], any integer type, each in 0 … classes − 1.</param>
    /// <returns>[batch], in 0 … 2 / classes; not in nats.</returns>
    /// <exception cref="ArgumentException">A shape or an element type differs from these, or a label is out of range.</exception>
    [Named("mse_of_probabilities")]
    public static Tensor MeanSquaredError(Tensor probabilities, Tensor labels) =>
        Of(probabilities, labels, (p, y) => (p - OneHot(p, y)).Squared().mean([1]));

    /// <summary>nll: <see cref="Nll"/> of <see cref="LogSoftmax"/>, the same number as <see cref="CrossEntropy"/>, in two steps.</summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("nll")]
    public static Tensor NllOfLogSoftmax(Tensor logits, Tensor labels) => Of(logits, labels, (z, y) => Nll(LogSoftmax(z), y));

    /// <summary>
    /// log_of_softmax: −log softmax(logits)[label] in the order in which it is written. In float32 it is ∞ where the label's logit
    /// is 104 below the largest, where softmax is 0.
    /// </summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("log_of_softmax")]
    public static Tensor NllOfLogOfSoftmax(Tensor logits, Tensor labels) => Of(logits, labels, (z, y) => Nll(new(Softmax(z).log()), y));

    /// <summary>naive: the same with the softmax that overflows; NaN where a logit exceeds 88.</summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("naive")]
    public static Tensor NllOfLogOfNaiveSoftmax(Tensor logits, Tensor labels) => Of(logits, labels, (z, y) => Nll(new(NaiveSoftmax(z).log()), y));

    /// <summary>
    /// double_softmax, a mistake: <see cref="CrossEntropy"/> of probabilities. It applies softmax itself, and softmax of numbers in
    /// [0, 1] is nearly flat: with k classes the loss is never below log(1 + (k − 1)/e).
    /// </summary>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("double_softmax")]
    public static Tensor CrossEntropyOfSoftmax(Tensor logits, Tensor labels) => Of(logits, labels, (z, y) => CrossEntropy(Softmax(z), y));

    /// <summary>nll_on_logits, a mistake: −logits[label], which has no minimum and leaves the other classes alone.</summary>
    /// <returns>[batch], any real numbers.</returns>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("nll_on_logits")]
    public static Tensor NllOfLogits(Tensor logits, Tensor labels) => Nll(new(logits), labels);

    /// <summary>nll_on_probs, a mistake: −softmax(logits)[label], the error rate of a guess drawn from softmax, less 1.</summary>
    /// <returns>[batch], in −1 … 0.</returns>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("nll_on_probs")]
    public static Tensor NllOfSoftmax(Tensor logits, Tensor labels) => Of(logits, labels, (z, y) => Nll(new(Softmax(z)), y));

    /// <summary>mse: <see cref="MeanSquaredError"/> of <see cref="Softmax"/>, the Brier score divided by the number of classes.</summary>
    /// <returns>[batch], in 0 … 2 / classes; not in nats.</returns>
    /// <inheritdoc cref="CrossEntropy"/>
    [Named("mse")]
    public static Tensor MeanSquaredErrorOfSoftmax(Tensor logits, Tensor labels) => Of(logits, labels, (z, y) => MeanSquaredError(Softmax(z), y));

    /// <summary>
    /// Cross-entropy against (1 − ε) · one-hot + ε / classes: (1 − ε) · cross-entropy − ε · mean of log_softmax.
    /// Source: Szegedy et al. 2015, arXiv:1512.00567; PyTorch: cross_entropy(label_smoothing=ε).
    /// </summary>
    /// <example><c>Objective.Classify(Losses.Smoothed(0.1))</c></example>
    /// <param name="epsilon">ε, in 0 … 1.</param>
    public static Loss Smoothed(double epsilon) => Named.Loss(FormattableString.Invariant($"Smoothed({epsilon})"), (logits, labels) =>
        Of(logits, labels, (z, y) =>
        {
            Tensor rows = LogSoftmax(z);
            return At(rows, y).Times(epsilon - 1).AddScaled_(rows.mean([1]), -epsilon);
        }));

    /// <summary>
    /// −(1 − p)^γ · log p of the label's probability p: what is classified rightly already weighs less.
    /// Source: Lin et al. 2017, arXiv:1708.02002.
    /// </summary>
    /// <example><c>Objective.Classify(Losses.Focal(2))</c></example>
    /// <param name="gamma">γ; 0 gives cross-entropy.</param>
    public static Loss Focal(double gamma) => Named.Loss(FormattableString.Invariant($"Focal({gamma})"), (logits, labels) => Of(logits, labels, (z, y) =>
    {
        var logP = At(LogSoftmax(z), y);
        using var power = gamma.ToScalar();
        return (ones_like(logP) - logP.exp()).pow(power) * logP.neg();
    }));

    /// <summary>
    /// Cross-entropy of softmax(logits) against a distribution over the classes: −Σⱼ p[i, j] · log softmax(logits)[i, j], for smoothed or mixed labels.
    /// PyTorch: cross_entropy(logits, p, reduction="none") with p as class probabilities.
    /// </summary>
    /// <param name="logits">[batch, classes], float, any real numbers.</param>
    /// <param name="probabilities">p: [batch, classes], float, each row a distribution (not checked).</param>
    /// <returns>[batch], ≥ 0.</returns>
    /// <exception cref="ArgumentException">The shapes differ, or are not those of matrices.</exception>
    [Named("soft_cross_entropy")]
    public static Tensor SoftCrossEntropy(Tensor logits, Tensor probabilities) =>
        InScope(() => Wanted(probabilities, logits).mul(LogSoftmaxKernel(logits).Tensor).sum(1).neg_());

    /// <summary>
    /// Kullback-Leibler divergence KL(p ‖ softmax(logits)): Σⱼ p[i, j] · (log p[i, j] − log softmax(logits)[i, j]), with 0 · log 0 = 0: what
    /// <see cref="SoftCrossEntropy"/> exceeds the entropy of p by, with the same gradient. PyTorch: kl_div(log_softmax(logits, 1), p, reduction="batchmean").
    /// </summary>
    /// <inheritdoc cref="SoftCrossEntropy"/>
    [Named("kl_divergence")]
    public static Tensor KlDivergence(Tensor logits, Tensor probabilities) => InScope(() =>
    {
        var p = Wanted(probabilities, logits);
        return (p.xlogy(p) - p.mul(LogSoftmaxKernel(logits).Tensor)).sum(1);
    });

    /// <summary>
    /// Multi-class hinge loss: Σⱼ≠ᵧ max(0, margin − logits[i, y] + logits[i, j]) / classes with y = labels[i]. Source: Weston and Watkins 1999;
    /// PyTorch: multi_margin_loss(margin=…, reduction="none").
    /// </summary>
    /// <example><c>Objective.Classify(Losses.Hinge())</c></example>
    /// <param name="margin">By how much the label's score is to exceed the others.</param>
    public static Loss Hinge(double margin = 1) => Named.Loss(FormattableString.Invariant($"Hinge({margin})"), (logits, labels) => Of(logits, labels, (z, y) =>
    {
        var rest = OneHot(z, y).neg_().Plus_(1);
        return z.Plus(At(z, y).unsqueeze(1), -1).Plus_(margin).relu_().mul(rest).mean([1]);
    }));

    /// <summary>
    /// Mean over an example's numbers of the binary cross-entropy of sigmoid(output) against a target in [0, 1]:
    /// max(z, 0) − z · y + log(1 + exp(−|z|)), which does not overflow. Wants raw logits. PyTorch: binary_cross_entropy_with_logits.
    /// </summary>
    /// <inheritdoc cref="SquaredError"/>
    [Named("binary_cross_entropy")]
    public static Tensor BinaryCrossEntropy(Tensor output, Tensor target) =>
        OfNumbers(output, target, (z, y) => nn.functional.binary_cross_entropy_with_logits(z, y, reduction: nn.Reduction.None));

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

    /// <summary>
    /// Mean over an example's numbers of d² / 2 where |d| ≤ δ, else δ · (|d| − δ / 2), of the difference d between output and target: a square near 0,
    /// a line far from it. Source: Huber 1964; PyTorch: huber_loss(delta=δ).
    /// </summary>
    /// <example><c>Objective.Regress(Losses.Huber(1))</c></example>
    /// <param name="delta">δ, above 0.</param>
    public static Loss Huber(double delta = 1) => Named.Loss(FormattableString.Invariant($"Huber({Positive(delta)})"), (output, target) =>
        OfNumbers(output, target, (x, y) => Bent(x - y, delta)));

    /// <summary>
    /// Mean over an example's numbers of d² / (2·β) where |d| ≤ β, else |d| − β / 2: <see cref="Huber"/> divided by β. Source: Girshick 2015,
    /// arXiv:1504.08083; PyTorch: smooth_l1_loss(beta=β).
    /// </summary>
    /// <param name="beta">β, above 0.</param>
    public static Loss SmoothL1(double beta = 1) => Named.Loss(FormattableString.Invariant($"SmoothL1({Positive(beta)})"), (output, target) =>
        OfNumbers(output, target, (x, y) => Bent(x - y, beta).Over_(beta)));

    /// <summary>
    /// 1 − output · target / (‖output‖₂ · ‖target‖₂) of each example's numbers: 0 for the same direction, 2 for opposite ones.
    /// PyTorch: 1 − cosine_similarity(output, target).
    /// </summary>
    /// <returns>[batch], in 0 … 2.</returns>
    /// <inheritdoc cref="SquaredError"/>
    [Named("cosine")]
    public static Tensor CosineDistance(Tensor output, Tensor target) =>
        InScope(() => nn.functional.cosine_similarity(output.flatten(1), Wanted(target, output).flatten(1), 1, eps: 1e-8).neg_().Plus_(1));

    static double Positive(double bend) => bend > 0 && double.IsFinite(bend) ? bend : throw new ArgumentException(
        FormattableString.Invariant($"want a number above 0 where the square meets the line, got {bend}."), nameof(bend));

    /// <summary>d² / 2 where |d| ≤ k, else k · (|d| − k / 2): with c = min(|d|, k) it is c · (|d| − c / 2).</summary>
    static Tensor Bent(Tensor difference, double k)
    {
        var size = difference.abs();
        var bent = size.Limited(0, k);
        return size.Plus(bent, -0.5).mul(bent);
    }

    static Tensor OfDifference(Tensor output, Tensor target, Func<Tensor, Tensor> of) => OfNumbers(output, target, (x, y) => of(x - y));

    /// <summary>The mean over each example's numbers of a function of two tensors of the same shape.</summary>
    static Tensor OfNumbers(Tensor output, Tensor target, Func<Tensor, Tensor, Tensor> of) =>
        InScope(() => of(output, Wanted(target, output)).flatten(1).mean([1]));

    /// <summary>The target as numbers of the output's type, if it has its shape; or [batch] with an output of [batch, 1].</summary>
    static Tensor Wanted(Tensor target, Tensor output) => (target.ndim == 1 && output.ndim == 2 && output.size(1) == 1 ? target.unsqueeze(1) : target)
        .Want(nameof(target), output.shape).to_type(output.dtype);

    static Tensor InScope(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return loss().MoveToOuterDisposeScope();
    }

    static (Tensor Sum, Tensor Gradient) CrossEntropyAndGradient(Tensor logits, Tensor labels)
    {
        if (logits.ndim > 2)
        {
            var (flatLogits, flatLabels, positions) = Flat(logits, labels);
            var (sum, gradientOfSum) = CrossEntropyAndGradient(flatLogits, flatLabels);
            return (sum.Over_(positions), gradientOfSum.Over_(positions).view_as(logits));
        }
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

    /// <summary>A loss of rows, [batch, classes]; of rows at several positions of an example, [batch, …, classes], the mean over the positions.</summary>
    static Tensor Of(Tensor rows, Tensor labels, Func<Tensor, Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        if (rows.ndim <= 2) return loss(rows, labels).MoveToOuterDisposeScope();
        var (flatRows, flatLabels, positions) = Flat(rows, labels);
        return loss(flatRows, flatLabels).view(-1, positions).mean([1]).MoveToOuterDisposeScope();
    }

    /// <summary>Rows and labels of sequences one after the other, and how many positions an example has.</summary>
    static (Tensor Rows, Tensor Labels, long Positions) Flat(Tensor rows, Tensor labels)
    {
        _ = labels.Want(nameof(labels), [.. Enumerable.Range(0, (int)rows.ndim - 1).Select(axis => rows.size(axis))]);
        return (rows.flatten(0, -2), labels.flatten(), labels.numel() / rows.size(0));
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
