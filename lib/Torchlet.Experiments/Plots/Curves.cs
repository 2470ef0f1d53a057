using ScottPlot;

namespace Torchlet;

/// <summary>A point of a curve that several trainings have in common: the mean of their values, and the lowest and highest.</summary>
sealed record BandPoint(double X, double Mean, double Low, double High)
{
    const float AloneWidth = 4;

    /// <summary>The point of these values; null if one of them is not finite.</summary>
    public static BandPoint? Of(double x, IReadOnlyCollection<double> values) =>
        values.All(double.IsFinite) ? new(x, values.Average(), values.Min(), values.Max()) : null;

    /// <summary>Fills the range between the lowest and highest value of each point; nothing if they are equal.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="points">The points, by their x.</param>
    /// <param name="colour">That of the curve.</param>
    /// <param name="scale">What a value becomes on the axis.</param>
    public static void Fill(Plot plot, IReadOnlyList<BandPoint> points, Color colour, Func<double, double> scale)
    {
        if (points.All(p => p.High <= p.Low)) return;
        colour = colour.WithAlpha(0.2);
        if (points is [var only])
        {
            plot.Add.Line(only.X, scale(only.Low), only.X, scale(only.High)).LineStyle = new(AloneWidth, colour);
            return;
        }
        var band = plot.Add.FillY([.. points.Select(p => p.X)], [.. points.Select(p => scale(p.Low))], [.. points.Select(p => scale(p.High))]);
        (band.FillColor, band.LineWidth, band.MarkerSize) = (colour, 0, 0);
    }
}

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
