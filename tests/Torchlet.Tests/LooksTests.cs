using System.Collections.Immutable;
using ScottPlot;
using ScottPlot.Plottables;

namespace Torchlet.Tests;

/// <summary>Runs over one another can be told apart by everybody, and those of one epoch are seen.</summary>
public class LooksTests
{
    [Fact]
    public void Each_colour_is_seen_on_white_and_the_first_four_are_the_ones_that_pictures_always_had()
    {
        var colours = Looks.Palette.Colors;
        Assert.Equal(new ScottPlot.Palettes.ColorblindFriendly().Colors[..4], colours[..4]);
        Assert.Equal(colours.Length, colours.Distinct().Count());
        // Yellow has 1.3.
        Assert.All(colours, colour => Assert.True(1.05 / (Luminance(colour) + 0.05) > 2, $"{colour.ToHex()}: want a contrast of 2 with white."));

        // Source: Web Content Accessibility Guidelines 2.1, relative luminance.
        static double Luminance(Color c) => 0.2126 * Linear(c.R) + 0.7152 * Linear(c.G) + 0.0722 * Linear(c.B);
        static double Linear(byte part) => part / 255.0 is var x && x <= 0.03928 ? x / 12.92 : Math.Pow((x + 0.055) / 1.055, 2.4);
    }

    [Fact]
    public void Curves_of_several_runs_differ_without_their_colours_and_those_of_one_run_look_as_before()
    {
        IReadOnlyList<Epoch> epochs = [Tensors.Row(1, 2.25, 2, 0.25), Tensors.Row(2, 1.5, 1.25, 0.5)];
        var over = Lines(Plots.Overlay([.. Enumerable.Range(0, 18).Select(i => ($"{i}", (IReadOnlyList<IReadOnlyList<Epoch>>)[epochs]))], "x")[0].Plot);
        Assert.Equal(18, over.Select(line => (line.LinePattern.Name, line.MarkerShape)).Distinct().Count());
        Assert.Equal((LinePattern.Solid.Name, MarkerShape.FilledCircle), (over[0].LinePattern.Name, over[0].MarkerShape));
        Assert.All(Lines(Of(epochs)), line => Assert.Equal(
            (LinePattern.Solid.Name, MarkerShape.FilledCircle, 5f), (line.LinePattern.Name, line.MarkerShape, line.MarkerSize)));
        Assert.All(Lines(Of([.. epochs.Take(1)])), line => Assert.InRange(line.MarkerSize, 10, 20)); // One epoch makes no visible line.

        static Plot Of(IReadOnlyList<Epoch> epochs) => Plots.Of([epochs], new("02", "x", ImmutableSortedDictionary<string, string>.Empty, []))[0].Plot;
        static List<Scatter> Lines(Plot plot) => [.. plot.GetPlottables<Scatter>()];
    }
}
