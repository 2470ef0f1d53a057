using System.Collections.Immutable;

namespace Torchlet;

/// <summary>What is minimised, and what is reported.</summary>
/// <param name="Loss">The loss of each example.</param>
/// <param name="Metrics">What is reported beside it.</param>
public sealed record Objective(Loss Loss, params ImmutableArray<Metric> Metrics)
{
    /// <summary>How it is written; "own" of somebody's own.</summary>
    public string Text { get; init; } = Initializer.Own;

    /// <summary>The loss that is reported of examples which are not learned from, where it is another than the one that is minimised.</summary>
    public Loss? Evaluation { get; init; }

    /// <summary>How a batch as it is cut becomes what model and loss take: bytes become brightness in [0, 1], and the rest stays.</summary>
    public Func<Batch, Batch> Prepare { get; init; } = batch => batch with { Inputs = Batches.Floats(batch.Inputs) };

    /// <summary>Whether it tells classes apart: the targets are labels, and the output is a score for each class.</summary>
    public bool IsClassification { get; init; }

    /// <summary>Telling classes apart: a loss of scores and labels, and the accuracy.</summary>
    /// <example><c>Objective.Classify(Losses.Focal(2), evaluation: Losses.CrossEntropy)</c></example>
    /// <param name="loss">What is minimised; cross-entropy if not given.</param>
    /// <param name="evaluation">What is reported of the test set, if another one.</param>
    public static Objective Classify(Loss? loss = null, Loss? evaluation = null) => new(loss ?? Losses.CrossEntropy, Metric.Accuracy)
    {
        Text = NamedLoss.TextOf(loss ?? Losses.CrossEntropy) ?? Initializer.Own, Evaluation = evaluation, IsClassification = true,
    };

    /// <summary>Predicting numbers: the mean squared error, and the mean absolute error.</summary>
    /// <param name="loss">What is minimised; the squared error if not given.</param>
    public static Objective Regress(Loss? loss = null) =>
        new(loss ?? Losses.SquaredError, Metric.MeanAbsoluteError) { Text = loss is null || loss == Losses.SquaredError ? "squared_error" : Initializer.Own };

    /// <summary>Predicting the input itself, flattened: the mean squared error of a brightness.</summary>
    public static Objective Reconstruct { get; } = new(Losses.SquaredError)
    {
        Text = "reconstruction",
        Prepare = batch => Batches.Floats(batch.Inputs) is var x ? new(x, x.flatten(1)) : batch,
    };
}
