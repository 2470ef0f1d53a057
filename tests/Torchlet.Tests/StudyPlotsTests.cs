namespace Torchlet.Tests;

public class StudyPlotsTests
{
    static LossEpoch Row(string loss, long seed, int epoch, double testLoss) => new(loss, seed, Tensors.Row(epoch, 0, testLoss, 0.5));

    static readonly RunRecord Run = new("03_compare_losses", "a test", System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, []);

    static byte[] Drawn(Picture picture)
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path, "test");
        Picture.Save([picture], run);
        return File.ReadAllBytes(run.PathOf(picture.File));
    }

    [Theory, InlineData(1.0), InlineData(1e6), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Numbers_of_any_size_and_none_are_drawn(double value)
    {
        IReadOnlyList<Picture> pictures =
        [
            .. StudyPlots.OfLearning([Row("naive", 0, 1, value), Row("naive", 1, 1, 2), Row("mse", 0, 1, value)], Run),
            .. StudyPlots.OfGradients([new GradientNorm("mse", 0, 0, value, value, value)], Run),
            .. StudyPlots.OfStability([new StabilityRow("naive", 1, 1, 0, 0, 0, value), new StabilityRow("naive", 10, 1, 1, 1, 0, double.NaN)]),
        ];
        Assert.Equal(["losses.png", "accuracy.png", "gradient_norm.png", "gradient_of_mistakes.png", "stability.png"], pictures.Select(p => p.File));
        Assert.All(pictures, picture => Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Drawn(picture)[..4]));
    }

    [Fact]
    public void Each_loss_is_a_curve_of_its_means_over_the_seeds()
    {
        IReadOnlyList<LossEpoch> rows =
        [
            Row("nll", 0, 1, 2), Row("nll", 1, 1, 3), Row("nll", 0, 2, 1), Row("nll", 1, 2, 2), Row("mse", 0, 1, 5), Row("mse", 0, 2, double.NaN),
        ];
        var (losses, accuracy) = (StudyPlots.OfLearning(rows, Run)[0].Plot, StudyPlots.OfLearning(rows, Run)[1].Plot);
        Assert.Equal(["Test cross-entropy of a test"], losses.Titles());
        Assert.Equal("epoch (mean and range over seeds 0, 1)", losses.Axes.Bottom.Label.Text);
        Assert.Equal(["nll: 1 2.5, 2 1.5", "mse (NaN or ∞): 1 5"], losses.Curves());
        Assert.Equal(["nll: 1 50, 2 50", "mse: 1 50, 2 50"], accuracy.Curves());
        Assert.Equal(["nll", "mse (NaN or ∞)"], losses.Legend.GetItems().Select(item => item.LabelText));
    }

    [Fact]
    public void Gradients_and_errors_are_curves_of_their_rows()
    {
        var gradients = StudyPlots.OfGradients([new("mse", 7, 0, 0.5, 0.25, 0.75), new("mse", 7, 1, 0.25, 0.5, 0.25)], Run);
        Assert.Equal(["mse: 0 0.5, 1 0.25"], gradients[0].Plot.Curves());
        Assert.Equal(["mse: 0 3, 1 0.5"], gradients[1].Plot.Curves());
        Assert.Equal("epoch (seed 7)", gradients[0].Plot.Axes.Bottom.Label.Text);
        var errors = Assert.Single(StudyPlots.OfStability(
            [new("naive", 1, 1, 0, 0, 0, 0.01), new("naive", 10, 1, 0, 0, 0, 0.1), new("naive", 100, 1, 1, 0, 0, double.NaN)])).Plot;
        Assert.Equal(["naive: 0 -2, 1 -1, 2 0"], errors.Curves());
        Assert.Equal(["naive: ∞ from 100"], errors.Texts());
    }

    [Fact]
    public void After_a_single_epoch_every_loss_is_a_marker_and_those_below_one_another_are_seen()
    {
        var plot = StudyPlots.OfLearning([.. LossVariant.All.Select(v => Row(v.Name, 0, 1, 1))], Run)[0].Plot;
        Assert.Equal((0.5, 1.5), (plot.Axes.GetLimits().Left, plot.Axes.GetLimits().Right));
        var lines = plot.GetPlottables<ScottPlot.Plottables.Scatter>().ToList();
        Assert.Equal(LossVariant.All.Length, lines.Count);
        Assert.All(lines, line => Assert.True(line.MarkerShape != ScottPlot.MarkerShape.None && line.MarkerSize > 0));
        Assert.Equal(lines.Take(4).Select(line => line.MarkerSize).Distinct().OrderDescending(), lines.Take(4).Select(line => line.MarkerSize));
    }

    [Fact]
    public void Seeds_that_the_axis_has_no_room_for_lose_their_middle()
    {
        var rows = Enumerable.Range(0, 100).Select(seed => Row("mse", long.MaxValue - seed, 1, 1)).ToList();
        var label = StudyPlots.OfLearning(rows, Run)[0].Plot.Axes.Bottom.Label.Text;
        Assert.InRange(label.Length, 50, 120);
        Assert.Contains('…', label);
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        IReadOnlyList<LossEpoch> rows = [.. LossVariant.All.SelectMany(v => new[] { Row(v.Name, 0, 1, 1), Row(v.Name, 0, 2, 0.5) })];
        Assert.Equal(Drawn(StudyPlots.OfLearning(rows, Run)[0]), Drawn(StudyPlots.OfLearning(rows, Run)[0]));
    }
}
