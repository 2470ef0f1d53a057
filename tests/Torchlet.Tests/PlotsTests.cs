using System.Collections.Immutable;

namespace Torchlet.Tests;

public class PlotsTests
{
    static readonly RunRecord Record = new("02_train_cross_entropy", "784-10 on MNIST", ImmutableSortedDictionary<string, string>.Empty,
        [("lr", "0.01"), ("seed", "3")]);

    static readonly IReadOnlyList<Epoch> Epochs =
        [Tensors.Row(1, 2.25, 2, 0.25), Tensors.Row(2, 1.5, 1.25, 0.5), Tensors.Row(3, double.PositiveInfinity, 1.75, 0.375)];

    static IReadOnlyList<IReadOnlyList<Epoch>> Once => [Epochs];

    [Fact]
    public void A_training_is_drawn_as_its_rows_say()
    {
        var pictures = Plots.Of([Epochs], Record);
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
        Assert.All(Plots.Overlay([.. names.Select(name => (name, Once))], "784-10 on MNIST"), picture =>
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
        var plot = Plots.Overlay([.. Enumerable.Range(0, 30).Select(i => ($"seed {i}", Once))], "784-10 on MNIST")[1].Plot;
        Assert.Equal(["Test accuracy of 30 runs", "784-10 on MNIST"], plot.Titles());
        Assert.Equal("seed 29: 1 25, 2 50, 3 37.5", plot.Curves().Last());
        Assert.Equal(30, plot.GetPlottables<ScottPlot.Plottables.Scatter>().Select(line => (line.Color, line.LinePattern.Name)).Distinct().Count());
    }

    [Fact]
    public void Titles_are_cut_when_the_picture_is_made_and_stay_in_one_line()
    {
        var title = Plots.Of([Epochs], Record with { Subject = "a\e[31m\nb" + new string('x', 1000) })[0].Plot.Titles().First();
        Assert.StartsWith("Loss of a?[31m?bxxx", title);
        Assert.InRange(title.Length, 50, 120);
    }

    [Fact]
    public void Several_seeds_are_drawn_as_means_and_ranges_as_far_as_all_of_them_go()
    {
        Epoch[] longer = [Tensors.Row(1, 2.75, 3, 0.5), Tensors.Row(2, 2.5, 1.75, 0.25), Tensors.Row(3, 1, 0.5, 0.5), Tensors.Row(4, 1, 1, 0.5)];
        var pictures = Plots.Of([Epochs, longer], Record);
        var (loss, accuracy) = (pictures[0].Plot, pictures[1].Plot);
        Assert.Equal(["train (during the epoch); 1 of 3 epochs not finite: 1 2.5, 2 2", "test (after the epoch): 1 2.5, 2 1.5, 3 1.125"], loss.Curves());
        Assert.Equal(["test, 43.75% (37.50% to 50.00%) after epoch 3: 1 37.5, 2 37.5, 3 43.75"], accuracy.Curves());
        Assert.Equal([(2, 1.25), (3, 0.5)], loss.GetPlottables<ScottPlot.Plottables.Marker>().Select(m => (m.Location.X, m.Location.Y)));
        Assert.Contains("best test loss 0.875 (0.5 to 1.25)", loss.Legend.GetItems().Select(item => item.LabelText));
        Assert.Equal(2, loss.GetPlottables<ScottPlot.Plottables.FillY>().Count());
        Assert.Equal("epoch (mean and range over the seeds, as far as all of them go)", loss.Axes.Bottom.Label.Text);
        Assert.Equal(Lines(Plots.Of([Epochs], Record)[0].Plot), Lines(loss));

        static IEnumerable<ScottPlot.Color> Lines(ScottPlot.Plot plot) => plot.GetPlottables<ScottPlot.Plottables.Scatter>().Select(line => line.Color);
    }

    [Fact]
    public void What_validation_chose_is_named_with_its_test_loss_and_a_rate_that_varies_has_a_picture()
    {
        IReadOnlyList<Epoch> epochs = [.. Epochs.Select((e, i) => e with { Validation = new(i + 1, ("accuracy", 0.5)), LearningRate = 1.0 / (i + 1) })];
        var pictures = Plots.Of([epochs], Record);
        Assert.Equal(["loss.png", "accuracy.png", "learning_rate.png"], pictures.Select(p => p.File));
        Assert.Contains("best validation loss 1, epoch 1; test 2", pictures[0].Plot.Legend.GetItems().Select(item => item.LabelText));
        Assert.Equal("validation (after the epoch): 1 1, 2 2, 3 3", pictures[0].Plot.Curves().Last());
        Assert.Equal(["learning rate: 1 1, 2 0.5, 3 0.3333"], pictures[2].Plot.Curves());
    }

    [Fact]
    public void Any_number_of_seeds_epochs_and_numbers_that_are_none_are_drawn()
    {
        IReadOnlyList<Epoch> none = [Tensors.Row(1, double.NaN, double.NaN, 0.1)];
        IReadOnlyList<Epoch> many = [.. Enumerable.Range(1, 300).Select(i => Tensors.Row(i, 1.0 / i, i, 0.5))];
        foreach (var trainings in new IReadOnlyList<IReadOnlyList<Epoch>>[] { [none], [none, none], [none, many], [many, many, [.. many.Take(1)]] })
            foreach (var picture in Plots.Of(trainings, Record))
                picture.Plot.RenderInMemory(2 * picture.Width, 2 * picture.Height);
    }
}
