using System.Globalization;
using ScottPlot;
using ScottPlot.Panels;
using ScottPlot.Plottables;

namespace Torchlet.Tests;

/// <summary>The content of a plot before it is drawn, as text.</summary>
static class PlotContent
{
    /// <summary>The title, and then the line below it if there is one.</summary>
    public static IEnumerable<string> Titles(this Plot plot) =>
        [plot.Axes.Title.Label.Text, .. plot.Axes.GetPanels().OfType<TitlePanel>().Where(panel => panel != plot.Axes.Title).Select(panel => panel.Label.Text)];

    /// <summary>Each curve by its name and its points.</summary>
    public static IEnumerable<string> Curves(this Plot plot) => plot.GetPlottables<Scatter>().Select(line =>
        $"{line.LegendText}: {string.Join(", ", line.Data.GetScatterPoints().Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:g4} {p.Y:g4}")))}");

    public static IEnumerable<string> Texts(this Plot plot) => plot.GetPlottables<Text>().Select(text => text.LabelText);
}
