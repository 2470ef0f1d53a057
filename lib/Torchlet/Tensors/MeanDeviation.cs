using static System.FormattableString;

namespace Torchlet;

/// <summary>Mean and standard deviation of several measurements of the same thing, such as the accuracies of several seeds or folds.</summary>
/// <param name="Mean">μ = Σx / n.</param>
/// <param name="Deviation">√(Σ(x − μ)² / (n − 1)); NaN of one.</param>
/// <param name="Count">n.</param>
public readonly record struct MeanDeviation(double Mean, double Deviation, int Count)
{
    /// <summary>Mean and standard deviation of these numbers: <c>MeanDeviation.Of([0.94, 0.95, 0.96])</c>.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static MeanDeviation Of(params IReadOnlyCollection<double> figures)
    {
        if (figures.Count == 0) throw new ArgumentException("figures: want one or more, got none.", nameof(figures));
        var mean = figures.Average();
        return new(mean, Math.Sqrt(figures.Sum(x => (x - mean) * (x - mean)) / (figures.Count - 1)), figures.Count);
    }

    /// <summary><c>0.9465 ± 0.0012</c>; the mean alone of one.</summary>
    public override string ToString() => Count > 1 ? Invariant($"{Mean:g4} ± {Deviation:g2}") : Invariant($"{Mean:g4}");
}
