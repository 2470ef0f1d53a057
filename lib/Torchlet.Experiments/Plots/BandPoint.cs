using ScottPlot;

namespace Torchlet;

/// <summary>A point of a curve that several trainings have in common: the mean of their values, and the lowest and highest.</summary>
sealed record BandPoint(double X, double Mean, double Low, double High)
{
    const float AloneWidth = 4;

    /// <summary>The point of these values; null if one of them is not finite.</summary>
    public static BandPoint? Of(double x, IReadOnlyCollection<double> values) =>
        values.All(double.IsFinite) ? new(x, values.Average(), values.Min(), values.Max()) : null;

    /// <summary>Fills what lies between the lowest and highest of each point; nothing where they are one.</summary>
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
