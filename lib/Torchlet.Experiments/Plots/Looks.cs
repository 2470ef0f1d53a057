using ScottPlot;

namespace Torchlet;

/// <summary>How the curves of several runs are told apart: by colour, and by dashes and markers for those who do not see colours or print in grey.</summary>
static class Looks
{
    static readonly LinePattern[] Patterns = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted, new([14, 4, 3, 4], 0, "DashDotted")];

    static readonly MarkerShape[] Markers =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown,
    ];

    /// <summary>Okabe and Ito's colours, which the colour-blind tell apart, with grey in place of their yellow, which is lost on white.</summary>
    public static IPalette Palette { get; } = new ScottPlot.Palettes.Custom(
        [.. new[] { "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F" }.Select(Color.FromHex)],
        "Okabe and Ito without yellow");

    /// <summary>The dashes of a curve; beyond the last kind the first one comes again.</summary>
    public static LinePattern Pattern(int number) => Patterns[number % Patterns.Length];

    /// <summary>Gives each curve of a plot dashes and a marker of its own. Those of one colour differ in both.</summary>
    public static void TellApart(Plot plot)
    {
        foreach (var (i, line) in plot.GetPlottables<ScottPlot.Plottables.Scatter>().Index())
        {
            var round = i / Palette.Colors.Length;
            (line.LinePattern, line.MarkerShape) = (Pattern(i + round), Markers[(i + round) % Markers.Length]);
        }
    }
}
