using static System.FormattableString;

namespace Torchlet;

/// <summary>Several measurements of the same thing.</summary>
static class MeanDeviation
{
    /// <summary><c>0.9465 ± 0.0012</c>: mean ± standard deviation (of n − 1); the mean alone of one.</summary>
    public static string Text(IReadOnlyCollection<double> figures)
    {
        var mean = figures.Average();
        var deviation = Math.Sqrt(figures.Sum(x => (x - mean) * (x - mean)) / (figures.Count - 1));
        return figures.Count > 1 ? Invariant($"{mean:g4} ± {deviation:g2}") : Invariant($"{mean:g4}");
    }
}
