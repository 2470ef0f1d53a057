using System.Collections.Immutable;

namespace Torchlet.Tests;

public class PlotsTests
{
    static readonly RunRecord Record = new("02_train_cross_entropy", "784-10 on MNIST", ImmutableSortedDictionary<string, string>.Empty,
        [("lr", "0.01"), ("seed", "3")]);

    static readonly IReadOnlyList<Epoch> Epochs =
        [Tensors.Row(1, 2.25, 2, 0.25), Tensors.Row(2, 1.5, 1.25, 0.5), Tensors.Row(3, double.PositiveInfinity, 1.75, 0.375)];

    [Fact]
    public void A_training_is_drawn_as_its_rows_say()
    {
        var pictures = Plots.Of(Epochs, Record);
        Assert.Equal(["loss.png", "accuracy.png"], pictures.Select(p => p.File));
        var (loss, accuracy) = (pictures[0].Plot, pictures[1].Plot);
        Assert.Equal(["Loss of 784-10 on MNIST", "lr 0.01 · seed 3"], loss.Titles());
        Assert.Equal(["train (during the epoch); 1 of 3 epochs not finite: 1 2.25, 2 1.5", "test (after the epoch): 1 2, 2 1.25, 3 1.75"], loss.Curves());
        Assert.Equal((2, 1.25), loss.GetPlottables<ScottPlot.Plottables.Marker>().Select(m => (m.Location.X, m.Location.Y)).Single());
        Assert.Contains("best test loss 1.25, epoch 2", loss.Legend.GetItems().Select(item => item.LabelText));
        Assert.Equal(["Test accuracy of 784-10 on MNIST", "lr 0.01 · seed 3"], accuracy.Titles());
        Assert.Equal(["test, 37.50% after epoch 3: 1 25, 2 50, 3 37.5"], accuracy.Curves());
    }

    [Theory]
    [InlineData(2, "seed {0}")]
    [InlineData(10, "seed {0}")]
    [InlineData(30, "784-100-100-100-10 on MNIST · cross_entropy · adam · lr 0.0001 · batch 16 · seed {0}")]
    [InlineData(200, "784-100-100-100-10 on MNIST · cross_entropy · adam · lr 0.0001 · batch 16 · seed {0}")]
    public void The_legend_has_room_for_every_run_that_is_drawn(int runs, string format)
    {
        var names = Enumerable.Range(0, runs).Select(i => string.Format(null, format, i)).ToList();
        Assert.All(Plots.Overlay([.. names.Select(name => (name, Epochs))], "784-10 on MNIST"), picture =>
        {
            var (plot, legend) = (picture.Plot, picture.Plot.Legend);
            Assert.Equal(runs, plot.Curves().Count());
            Assert.Equal(names, legend.GetItems().Select(item => item.LabelText));
            plot.RenderInMemory(2 * picture.Width, 2 * picture.Height);
            var (figure, data) = (plot.LastRender.FigureRect, plot.LastRender.DataRect);
            using var paint = ScottPlot.Paint.NewDisposablePaint();
            var layout = legend.GetLayout(legend.LastRenderSize, paint);
            var size = legend.LastRenderSize;
            Assert.All(layout.LabelRects, label => Assert.True(label.HasArea && label.Right <= size.Width && label.Bottom <= size.Height));
            Assert.Equal(runs, layout.LabelRects.Select(label => (label.Left, label.Top)).Distinct().Count());
            Assert.InRange(data.Bottom + size.Height, data.Bottom, figure.Bottom);
            Assert.InRange(data.Height, 300, 500);
        });
    }

    [Fact]
    public void Runs_over_one_another_keep_their_points_and_their_looks_apart()
    {
        var plot = Plots.Overlay([.. Enumerable.Range(0, 30).Select(i => ($"seed {i}", Epochs))], "784-10 on MNIST")[1].Plot;
        Assert.Equal(["Test accuracy of 30 runs", "784-10 on MNIST"], plot.Titles());
        Assert.Equal("seed 29: 1 25, 2 50, 3 37.5", plot.Curves().Last());
        Assert.Equal(30, plot.GetPlottables<ScottPlot.Plottables.Scatter>().Select(line => (line.Color, line.LinePattern.Name)).Distinct().Count());
    }

    [Fact]
    public void Titles_are_cut_when_the_picture_is_made_and_stay_in_one_line()
    {
        var title = Plots.Of(Epochs, Record with { Subject = "a\e[31m\nb" + new string('x', 1000) })[0].Plot.Titles().First();
        Assert.StartsWith("Loss of a?[31m?bxxx", title);
        Assert.InRange(title.Length, 50, 120);
    }
}
