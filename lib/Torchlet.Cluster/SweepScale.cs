namespace Torchlet;

/// <summary>How numbers that a sweep takes lie apart.</summary>
static class SweepScale
{
    /// <summary>Whether they are rather told apart by their logarithms: above 0, and spanning a factor of ten or more.</summary>
    public static bool IsLogarithmic(IReadOnlyCollection<double> values) => values.Count > 0 && values.Min() > 0 && values.Max() >= 10 * values.Min();
}
