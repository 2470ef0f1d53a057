using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The loss that is minimised, and the figures that are reported.</summary>
/// <param name="Loss">The loss of each example.</param>
/// <param name="Metrics">Further figures to report.</param>
/// <exception cref="ArgumentException">Two metrics have one name, or a name is taken or has other characters than a to z, digits and _.</exception>
public sealed record Objective(Loss Loss, params ImmutableArray<Metric> Metrics)
{
    /// <summary>Further figures to report. Their names are columns of a log and names of pictures: letters a to z, digits and _, each used once.</summary>
    public ImmutableArray<Metric> Metrics { get; init => field = Checked(value); } = Checked(Metrics);

    /// <summary>The usual preparation: bytes of pictures become brightness in [0, 1], other numbers stay.</summary>
    internal static Func<Batch, Batch> Brightness { get; } = Named.Preparation("brightness", batch =>
        Split.AreBytesOfPictures(batch.Inputs) ? batch with { Inputs = Batches.Floats(batch.Inputs) } : batch);

    /// <summary>The loss as text, such as <c>cross_entropy</c>; "own" for a custom one.</summary>
    public string Text => Named.TextOf(Loss);

    /// <summary>The loss that is reported of examples which are not learned from, where it is another than the one that is minimised.</summary>
    public Loss? Evaluation { get; init; }

    /// <summary>
    /// Turns a batch as it is cut into what model and loss take. By default bytes of pictures, [batch, 1 or 3, height, width], become brightness in [0, 1].
    /// All other numbers stay: integers reach a custom layer as they are, as ids, and the other layers convert them to float32 numbers, all but bytes, which
    /// they refuse: <c>Prepare = batch => batch with { Inputs = Batches.Floats(batch.Inputs) }</c> makes pixels of any bytes.
    /// </summary>
    public Func<Batch, Batch> Prepare { get; init; } = Brightness;

    /// <summary>Whether it is a classification: the targets are labels, and the output is a score for each class.</summary>
    public bool IsClassification { get; init; }

    /// <summary>Whether loss or metrics are differences between outputs and targets as numbers.</summary>
    internal bool ComparesNumbers => Loss == Losses.SquaredError || Loss == Losses.AbsoluteError || Metrics.Contains(Metric.MeanAbsoluteError);

    /// <summary>Classification: a loss of scores and labels, and the accuracy.</summary>
    /// <example><c>Objective.Classify(Losses.Focal(2), evaluation: Losses.CrossEntropy)</c></example>
    /// <param name="loss">The loss that is minimised; cross-entropy if not given.</param>
    /// <param name="evaluation">The loss that is reported of the test set, if another one.</param>
    public static Objective Classify(Loss? loss = null, Loss? evaluation = null) =>
        new(loss ?? Losses.CrossEntropy, Metric.Accuracy) { Evaluation = evaluation, IsClassification = true };

    /// <summary>Regression: the mean squared error, and the mean absolute error.</summary>
    /// <param name="loss">The loss that is minimised; the squared error if not given.</param>
    public static Objective Regress(Loss? loss = null) => new(loss ?? Losses.SquaredError, Metric.MeanAbsoluteError);

    /// <summary>Prediction of the input itself, flattened: the mean squared error of a brightness.</summary>
    public static Objective Reconstruct { get; } = new(Losses.SquaredError)
    {
        Prepare = Named.Preparation("reconstruction", batch =>
        {
            var x = Brightness(batch).Inputs;
            return new(x, x.flatten(1));
        }),
    };

    /// <summary>Objective: cross_entropy, accuracy.</summary>
    public override string ToString() => $"Objective: {string.Join(", ", Metrics.Select(metric => metric.Text).Prepend(Text))}";

    /// <summary>The parts of the objective as text, by name; those that are as usual are left out.</summary>
    internal IEnumerable<(string Part, string Text)> Parts
    {
        get
        {
            yield return ("objective", Text);
            // Label smoothing is nearly always evaluated without it.
            var usual = Text.StartsWith(nameof(Losses.Smoothed), StringComparison.Ordinal) ? (Loss)Losses.CrossEntropy : null;
            if (Evaluation != usual) yield return ("evaluation", Named.TextOf(Evaluation ?? Loss));
            if (Named.TextOf(Prepare) is var prepare && prepare != Named.TextOf(Brightness)) yield return ("prepare", prepare);
            if (Metrics.Select(metric => metric.Text).ToList() is var metrics && !metrics.SequenceEqual(Metrics.Select(m => m.Name)))
                yield return ("metrics", string.Join(", ", metrics));
        }
    }

    // A run has columns or pictures of these names already.
    static readonly ImmutableArray<string> Taken = ["loss", "learning_rate", "layer_gradients", "reconstructions"];

    static ImmutableArray<Metric> Checked(ImmutableArray<Metric> metrics)
    {
        foreach (var name in metrics.Select(metric => metric.Name))
            if (name is null or "" || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || Taken.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new ArgumentException(
                    $"metric: want a name of letters a to z, digits and _, other than {string.Join(", ", Taken)}, got '{name}'.", nameof(metrics));
        return metrics.CountBy(metric => metric.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(n => n.Value > 1).Key is { } twice
            ? throw new ArgumentException($"metric: want a name for each, got {twice} twice.", nameof(metrics))
            : metrics;
    }
}

/// <summary>A figure of a model that is reported as a mean over the examples.</summary>
/// <param name="Name">Its name in the columns of a log: accuracy.</param>
/// <param name="Of">(output, target) ↦ a number, or whether it is so, of each example: [batch].</param>
public sealed record Metric(string Name, Func<Tensor, Tensor, Tensor> Of)
{
    /// <summary>The metric as text: its name; <c>own(name)</c> for a custom one.</summary>
    public string Text => Named.TextOf(Of) is var text && text == Name ? Name : $"{text}({Name})";

    /// <summary>Its text.</summary>
    public override string ToString() => Text;

    /// <summary>Whether the largest of an example's scores is that of its label.</summary>
    public static Metric Accuracy { get; } = new("accuracy", IsRight);

    /// <summary>Mean absolute error: <see cref="Losses.AbsoluteError"/>.</summary>
    public static Metric MeanAbsoluteError { get; } = new("mae", AbsoluteError);

    [Named("accuracy")]
    static Tensor IsRight(Tensor scores, Tensor labels) => Torchlet.Metrics.Predictions(scores).eq(labels);

    [Named("mae")]
    static Tensor AbsoluteError(Tensor output, Tensor target) => Losses.AbsoluteError(output, target);
}
