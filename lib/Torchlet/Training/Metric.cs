using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Something that is reported of a model, as a mean over the examples.</summary>
/// <param name="Name">As a column of a log says it: accuracy.</param>
/// <param name="Of">(output, target) ↦ a number, or whether it is so, of each example: [batch].</param>
public sealed record Metric(string Name, Func<Tensor, Tensor, Tensor> Of)
{
    /// <summary>Whether the largest of an example's scores is that of its label.</summary>
    public static Metric Accuracy { get; } = new("accuracy", (scores, labels) => Metrics.Predictions(scores).eq(labels));

    /// <summary>Mean absolute error: <see cref="Losses.AbsoluteError"/>.</summary>
    public static Metric MeanAbsoluteError { get; } = new("mae", Losses.AbsoluteError);
}
