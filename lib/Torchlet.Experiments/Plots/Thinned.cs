namespace Torchlet;

/// <summary>A curve with no more points than a picture can show: drawing a million noisy ones takes minutes.</summary>
static class Thinned
{
    const int Stretches = 4000; // More than a picture has pixels across.

    /// <summary>Of each short stretch of the curve its first, lowest, highest and last point: a line through these covers what one through all would.</summary>
    /// <param name="points">By their x.</param>
    public static IReadOnlyList<(double X, double Y)> Of(IReadOnlyList<(double X, double Y)> points) => points.Count <= 4 * Stretches ? points
        : [.. points.Chunk((points.Count + Stretches - 1) / Stretches)
            .SelectMany(s => new[] { s[0], s.MinBy(p => p.Y), s.MaxBy(p => p.Y), s[^1] }.Distinct().OrderBy(p => p.X))];
}
