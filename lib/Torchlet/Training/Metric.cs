using System.Collections.Immutable;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A figure of a model on a split, next to its loss: the mean of a number of each example, or by <see cref="OfSplit"/> a number of all of them together.
/// </summary>
/// <param name="Name">Its name in the columns of a log: accuracy.</param>
/// <param name="Of">(output, target) ↦ a number, or whether it is so, of each example: [batch]; null where it is another kind of figure.</param>
public sealed record Metric(string Name, Func<Tensor, Tensor, Tensor>? Of)
{
    /// <summary>(output, target) ↦ a number, or whether it is so, of each example: [batch]; null where it is another kind of figure.</summary>
    public Func<Tensor, Tensor, Tensor>? Of { get; init => (field, Function) = (value, value); } = Of;

    /// <summary>The function that it is: of outputs and targets, of the model and a batch, or of all outputs and targets.</summary>
    internal Delegate? Function { get; private init; } = Of;

    /// <summary>The figure of all outputs and targets, for one that <see cref="OfSplit"/> made.</summary>
    internal Func<Tensor, Tensor, double> Whole =>
        Function as Func<Tensor, Tensor, double> ?? throw new InvalidOperationException($"{Name} is of each example.");

    /// <summary>Whether more of it is better, or less; null where that is not said, and it cannot choose the best epoch.</summary>
    public Better? Better { get; init; }

    /// <summary>The mean of a number of each example that a function of the model gives, such as a part of a loss.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="of">(model, batch) ↦ [batch].</param>
    /// <param name="better">Which is better; less if not given.</param>
    public static Metric OfModel(string name, ModelLoss of, Better better = Torchlet.Better.Less) => new(name, null) { Function = of, Better = better };

    /// <summary>A figure of a whole split, which is not a mean over its examples, such as macro F1.</summary>
    /// <example><c>Metric.OfSplit("worst", (outputs, targets) => Losses.CrossEntropy(outputs, targets).max().Number(), Better.Less)</c></example>
    /// <param name="name">Its name.</param>
    /// <param name="of">(outputs [count, …], targets [count, …]) of all examples ↦ the figure.</param>
    /// <param name="better">Which is better.</param>
    public static Metric OfSplit(string name, Func<Tensor, Tensor, double> of, Better better) => new(name, null) { Function = of, Better = better };

    /// <summary>The metric as text: its name; <c>own(name)</c> for a custom one.</summary>
    public string Text => (Function is null ? Named.Own : Named.TextOf(Function)) is var text && text == Name ? Name : $"{text}({Name})";

    /// <summary>Its text.</summary>
    public override string ToString() => Text;

    /// <summary>Whether the largest of an example's scores is that of its label; of a sequence, the share of its positions where that is so.</summary>
    public static Metric Accuracy { get; } = new("accuracy", IsRight) { Better = Torchlet.Better.More };

    /// <summary>Mean absolute error: <see cref="Losses.AbsoluteError"/>.</summary>
    public static Metric MeanAbsoluteError { get; } = new("mae", AbsoluteError) { Better = Torchlet.Better.Less };

    /// <summary>Whether the label is among the k largest of an example's scores; of a sequence, the share of its positions where that is so.</summary>
    /// <param name="k">How many scores, from 1.</param>
    public static Metric TopK(int k) => k < 1 ? throw new ArgumentOutOfRangeException(nameof(k), k, "want 1 or more")
        : new Metric($"top{k}", new AmongTop(k).Of) { Better = Torchlet.Better.More };

    /// <summary>Mean over the classes of TP / (TP + FP), 0 for a class that is never predicted. scikit-learn: precision_score(average="macro").</summary>
    public static Metric MacroPrecision { get; } = OfSplit("macro_precision", Precision, Torchlet.Better.More);

    /// <summary>Mean over the classes of TP / (TP + FN), 0 for a class without examples. scikit-learn: recall_score(average="macro").</summary>
    public static Metric MacroRecall { get; } = OfSplit("macro_recall", Recall, Torchlet.Better.More);

    /// <summary>Mean over the classes of 2·TP / (2·TP + FP + FN), 0 for a class that never occurs. scikit-learn: f1_score(average="macro").</summary>
    public static Metric MacroF1 { get; } = OfSplit("macro_f1", F1, Torchlet.Better.More);

    /// <summary>1 − Σ(target − output)² / Σ(target − mean)², the explained share of the variance; NaN for equal targets. scikit-learn: r2_score.</summary>
    public static Metric R2 { get; } = OfSplit("r2", Explained, Torchlet.Better.More);

    /// <summary>e to the mean cross-entropy: how many classes a guess as good as the model's would choose between.</summary>
    public static Metric Perplexity { get; } = OfSplit("perplexity", PerplexityOf, Torchlet.Better.Less);

    /// <summary>The figures of classifiers that have a name on the command line.</summary>
    public static ImmutableArray<Metric> OfClasses { get; } = [Accuracy, TopK(5), MacroPrecision, MacroRecall, MacroF1, Perplexity];

    /// <summary>The figures of predicted numbers that have a name on the command line.</summary>
    public static ImmutableArray<Metric> OfNumbers { get; } = [MeanAbsoluteError, R2];

    /// <summary>All of them.</summary>
    public static ImmutableArray<Metric> All { get; } = [.. OfClasses, .. OfNumbers];

    sealed record AmongTop(int K) : INamed
    {
        public string Text => $"top{K}";

        public Tensor Of(Tensor scores, Tensor labels)
        {
            using var scope = NewDisposeScope();
            return OfPositions(scores.topk((int)Math.Min(K, scores.size(-1)), -1).indexes.eq(labels.unsqueeze(-1)).any(-1)).MoveToOuterDisposeScope();
        }
    }

    [Named("accuracy")]
    static Tensor IsRight(Tensor scores, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return OfPositions(Metrics.Predictions(scores).eq(labels)).MoveToOuterDisposeScope();
    }

    /// <summary>Whether it is so of each example; of sequences the share of the positions where it is so.</summary>
    static Tensor OfPositions(Tensor right) => right.ndim == 1 ? right : right.flatten(1).to_type(ScalarType.Float32).mean([1]);

    [Named("mae")]
    static Tensor AbsoluteError(Tensor output, Tensor target) => Losses.AbsoluteError(output, target);

    [Named("macro_precision")]
    static double Precision(Tensor scores, Tensor labels) => Macro(scores, labels, (right, predicted, _) => predicted == 0 ? 0 : right / predicted);

    [Named("macro_recall")]
    static double Recall(Tensor scores, Tensor labels) => Macro(scores, labels, (right, _, labelled) => labelled == 0 ? 0 : right / labelled);

    [Named("macro_f1")]
    static double F1(Tensor scores, Tensor labels) =>
        Macro(scores, labels, (right, predicted, labelled) => predicted + labelled == 0 ? 0 : 2 * right / (predicted + labelled));

    [Named("r2")]
    static double Explained(Tensor outputs, Tensor targets)
    {
        var y = targets.to_type(ScalarType.Float64).reshape(outputs.shape);
        return 1 - (y - outputs).Squared().sum().Number() / (y - y.mean()).Squared().sum().Number();
    }

    [Named("perplexity")]
    static double PerplexityOf(Tensor logits, Tensor labels) => Math.Exp(Losses.CrossEntropy(logits, labels).mean().Number());

    /// <summary>The mean over the classes that occur, as labels or predictions, of a figure of how often each is right, predicted and the label.</summary>
    static double Macro(Tensor scores, Tensor labels, Func<double, double, double, double> of)
    {
        var classes = (int)scores.size(-1);
        var confusion = Metrics.ConfusionMatrix(Metrics.Predictions(scores).flatten(), labels.flatten(), classes);
        return Enumerable.Range(0, classes)
            .Select(c => (Right: (double)confusion[c, c], Predicted: Sum(i => confusion[i, c]), Labelled: Sum(i => confusion[c, i])))
            .Where(c => c.Predicted + c.Labelled > 0)
            .Average(c => of(c.Right, c.Predicted, c.Labelled));

        double Sum(Func<int, long> count) => Enumerable.Range(0, classes).Sum(count);
    }
}

/// <summary>Which of two values of a figure is better.</summary>
public enum Better
{
    /// <summary>The smaller one, as of a loss.</summary>
    Less,

    /// <summary>The larger one, as of an accuracy.</summary>
    More,
}

/// <summary>The figure that chooses the best epoch.</summary>
/// <param name="Figure">Its name: loss, or that of a metric.</param>
/// <param name="MoreIsBetter">Whether more of it is better.</param>
public sealed record JudgedBy(string Figure, bool MoreIsBetter)
{
    /// <summary>The name of the part of a recipe that records it.</summary>
    internal const string Part = "judge";

    const string More = " (more is better)";

    /// <summary>The loss, the lower the better.</summary>
    public static JudgedBy Loss { get; } = new("loss", false);

    /// <summary>It as text: <c>macro_f1 (more is better)</c>.</summary>
    internal string Text => Figure + (MoreIsBetter ? More : "");

    /// <summary>The judge that a text describes.</summary>
    internal static JudgedBy Parse(string text) => text.EndsWith(More, StringComparison.Ordinal) ? new(text[..^More.Length], true) : new(text, false);

    /// <summary>The figure of an evaluation.</summary>
    internal double Of(Evaluation evaluation) => Figure == Loss.Figure ? evaluation.Loss : evaluation[Figure];

    /// <summary>Its text.</summary>
    public override string ToString() => Invariant($"JudgedBy: {Text}");
}
