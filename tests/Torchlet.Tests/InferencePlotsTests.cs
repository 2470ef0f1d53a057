namespace Torchlet.Tests;

public class InferencePlotsTests
{
    static IReadOnlyList<string> Classes(int count) => [.. Enumerable.Range(0, count).Select(i => $"class {i}")];

    static UnitWeights Unit(int index, int weights) => new(index, [.. Enumerable.Repeat(0.5f, weights)], [weights]);

    [Fact]
    public void A_confusion_holds_a_number_for_each_cell_and_a_name_for_each_row_and_column()
    {
        var picture = InferencePlots.Confusion([new(0, 1, 0, 0.9f), new(1, 1, 1, 0.9f), new(2, 1, 1, 0.9f)], ["no", "yes"], "a net");
        Assert.Equal(["Confusion of a net", "66.67% of 3 examples are classified correctly"], picture.Plot.Titles());
        Assert.Equal(["0", "0", "1", "2"], picture.Plot.Texts());
        var shares = Assert.Single(picture.Plot.GetPlottables<ScottPlot.Plottables.Heatmap>()).Intensities;
        Assert.Equal([0, 0, Math.Sqrt(1 / 3.0), Math.Sqrt(2 / 3.0)], shares.Cast<double>());
        Assert.Equal(["no", "yes"], Names(picture));
    }

    [Theory, InlineData(20, 400, 20), InlineData(21, 0, 21), InlineData(101, 0, 34), InlineData(1000, 0, 50)]
    public void Of_many_classes_a_confusion_shows_no_numbers_and_some_of_the_names(int classes, int numbers, int names)
    {
        var picture = InferencePlots.Confusion([new(0, 1, 0, 0.9f)], Classes(classes), "a net");
        Assert.Equal(numbers, picture.Plot.Texts().Count());
        Assert.Equal(names, Names(picture).Count());
    }

    [Fact]
    public void A_mistake_is_an_image_with_its_classes_below_in_the_room_that_there_is()
    {
        var picture = InferencePlots.WorstMistakes([new(new(0, 0, 1, 0.5f), [0, 0, 255, 9], [1, 2, 2])], ["Ankle boot that is long", "b"], "a net");
        Assert.Equal(["Worst mistakes of a net", "label → prediction, confidence"], picture.Plot.Titles());
        Assert.Equal([0, 0, 255, 9], Assert.Single(picture.Plot.GetPlottables<ScottPlot.Plottables.Heatmap>()).Intensities.Cast<double>());
        Assert.Matches("^Ank.*…ong → b\n50.0 %$", Assert.Single(picture.Plot.Texts()));
        Assert.Equal("there is none", InferencePlots.WorstMistakes([], ["a"], "a net").Plot.Titles().Last());
    }

    [Fact]
    public void A_reliability_diagram_has_a_bar_for_each_bin_that_holds_an_example()
    {
        var picture = InferencePlots.Reliability([new(0, 1, 1, 0.95f), new(1, 0, 1, 0.95f), new(2, 1, 1, 0.5f), new(3, 1, 1, float.NaN)], "a net");
        Assert.Equal(["Reliability of a net", "expected calibration error 46.67% over 3 examples in 15 bins"], picture.Plot.Titles());
        Assert.Equal(["1", "2"], picture.Plot.Texts());
        Assert.Equal([100, 50], picture.Plot.GetPlottables<ScottPlot.Plottables.BarPlot>().SelectMany(p => p.Bars).Select(b => b.Value));
        InferencePlots.Reliability([], "nothing").Plot.RenderInMemory(100, 100);
    }

    [Theory, InlineData(3, 4, 3), InlineData(100_000, 4, 200), InlineData(100, 60_000, 34)]
    public void A_first_layer_is_drawn_as_far_as_there_is_room_and_asks_for_no_more(int units, int weights, int drawn)
    {
        var read = 0;
        var picture = InferencePlots.FirstLayer(Enumerable.Range(0, units).Select(_ => Unit(read++, weights)), "a net");
        Assert.Equal(Enumerable.Range(0, drawn).Select(i => $"{i}"), picture.Plot.Texts());
        Assert.Equal(drawn, picture.Plot.GetPlottables<ScottPlot.Plottables.Heatmap>().Count());
        Assert.InRange(read, drawn, drawn + 1);
        Assert.Equal("one image a unit: blue weights below zero, red ones above; a bar for each input" + (drawn < units ? $"; the first {drawn} units" : ""),
            picture.Plot.Titles().Last());
    }

    [Fact]
    public void A_coloured_mistake_is_drawn_in_colour_and_weights_of_three_colours_side_by_side()
    {
        byte[] red = [255, 255, 0, 0], green = [0, 9, 0, 0], blue = [0, 0, 0, 77];
        var picture = InferencePlots.WorstMistakes([new(new(0, 0, 1, 0.5f), [.. red, .. green, .. blue], [3, 2, 2])], ["a", "b"], "a net");
        Assert.Empty(picture.Plot.GetPlottables<ScottPlot.Plottables.Heatmap>());
        Assert.Single(picture.Plot.GetPlottables<ScottPlot.Plottables.ImageRect>());
        using var drawn = SkiaSharp.SKBitmap.Decode(picture.Plot.GetImageBytes(2 * picture.Width, 2 * picture.Height));
        Assert.Contains(new SkiaSharp.SKColor(255, 9, 0), drawn.Pixels);
        Assert.Contains(new SkiaSharp.SKColor(0, 0, 77), drawn.Pixels);

        var layer = InferencePlots.FirstLayer([new(0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 2, 2])], "a net");
        Assert.Equal(new double[,] { { 1, 2, 5, 6, 9, 10 }, { 3, 4, 7, 8, 11, 12 } },
            Assert.Single(layer.Plot.GetPlottables<ScottPlot.Plottables.Heatmap>()).Intensities);
        Assert.EndsWith("; of red, green and blue light", layer.Plot.Titles().Last());
    }

    static IEnumerable<string> Names(Picture picture)
    {
        picture.Plot.RenderInMemory(2 * picture.Width, 2 * picture.Height);
        return picture.Plot.Axes.Bottom.TickGenerator.Ticks.Where(tick => tick.IsMajor).Select(tick => tick.Label);
    }
}
