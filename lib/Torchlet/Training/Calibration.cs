namespace Torchlet;

/// <summary>Whether a classifier is right as often as it says. Source: Guo et al. 2017, "On Calibration of Modern Neural Networks".</summary>
public static class Calibration
{
    /// <summary>The predictions by their confidence, in bins of one width over [0, 1]; those whose confidence does not lie there are in none.</summary>
    /// <param name="predictions">Predictions of the network for a split.</param>
    /// <param name="count">How many bins.</param>
    public static IReadOnlyList<ConfidenceBin> Bins(IEnumerable<Prediction> predictions, int count = 15)
    {
        var binned = predictions.Where(p => p.Confidence is >= 0 and <= 1).ToLookup(p => Math.Max(0, (int)Math.Ceiling((double)p.Confidence * count) - 1));
        return [.. from i in Enumerable.Range(0, count)
                   let bin = binned[i]
                   select new ConfidenceBin((double)i / count, (i + 1.0) / count, bin.Count(), Mean(bin, p => p.Confidence),
                       Mean(bin, p => p.Predicted == p.Label ? 1 : 0))];
    }

    /// <summary>The expected calibration error: the mean over the predictions of |accuracy − confidence| of their bins, in [0, 1]; NaN of none.</summary>
    public static double ExpectedError(IReadOnlyCollection<ConfidenceBin> bins) =>
        bins.Where(bin => bin.Count > 0).Sum(bin => bin.Count * Math.Abs(bin.Accuracy - bin.Confidence)) / bins.Sum(bin => (double)bin.Count);

    static double Mean(IEnumerable<Prediction> bin, Func<Prediction, double> of) => bin.Select(of).DefaultIfEmpty(double.NaN).Average();
}

/// <summary>Predictions of nearly one confidence: how sure the network was of them, and how often it was right.</summary>
/// <param name="Low">The confidences of the bin lie above this, in the first bin also at it.</param>
/// <param name="High">The highest that it takes.</param>
/// <param name="Count">How many predictions it holds.</param>
/// <param name="Confidence">Their mean confidence; NaN if it holds none.</param>
/// <param name="Accuracy">The share of them that is right; NaN if it holds none.</param>
public sealed record ConfidenceBin(double Low, double High, int Count, double Confidence, double Accuracy);
