using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of a run, drawn once the run is over.</summary>
public static class Plots
{
    const int Width = 800, Height = 500;

    /// <summary>The last stage of a training run: takes every epoch, then draws loss.png and accuracy.png.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="subject">What was trained, for the titles.</param>
    /// <returns>A stage that gives back the epochs.</returns>
    public static Func<IEnumerable<Epoch>, IReadOnlyList<Epoch>> Curves(RunFolder run, string subject) => epochs =>
    {
        Epoch[] rows = [.. run.Past.Rows, .. epochs.Select(e => e.Figures())];
        Save(Loss(rows, subject), run.PathOf("loss.png"));
        Save(Accuracy(rows, subject), run.PathOf("accuracy.png"));
        return rows;
    };

    /// <summary>The last stage of a comparison: takes every epoch, then draws the test losses over one another in losses.png.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="subject">What was trained, for the title.</param>
    /// <returns>A stage that gives back the epochs.</returns>
    public static Func<IEnumerable<LossEpoch>, IReadOnlyList<LossEpoch>> Compared(RunFolder run, string subject) => epochs =>
    {
        var rows = epochs.ToList();
        Save(Overlay([.. rows.GroupBy(r => $"{r.Loss}, seed {r.Seed}", r => r.Epoch)], subject), run.PathOf("losses.png"));
        return rows;
    };

    static Plot Overlay(IReadOnlyList<IGrouping<string, Epoch>> trainings, string subject)
    {
        var plot = Axes($"Test loss of {subject}", "loss (nats per example)");
        foreach (var (i, training) in trainings.Index())
        {
            var line = Line(plot, [.. training], e => e.TestLoss, training.Key);
            // Curves that fall on one another: wide and solid below, thin and dashed above, so that all can be seen.
            (line.LineWidth, line.MarkerSize, line.LinePattern) = i % 2 == 0 ? (6, 0, LinePattern.Solid) : (2, 0, LinePattern.Dashed);
        }
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    static Plot Loss(IReadOnlyList<Epoch> epochs, string subject)
    {
        var plot = Axes($"Loss of {subject}", "loss (nats per example)");
        Line(plot, epochs, e => e.TrainLoss, "train (during the epoch)");
        Line(plot, epochs, e => e.TestLoss, "test (after the epoch)");
        var best = epochs.MinBy(e => e.TestLoss)!;
        var mark = plot.Add.Marker(best.Index, best.TestLoss, MarkerShape.OpenCircle, size: 14, color: Colors.Black);
        mark.LegendText = FormattableString.Invariant($"best test loss {best.TestLoss:f3}, epoch {best.Index}");
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    static Plot Accuracy(IReadOnlyList<Epoch> epochs, string subject)
    {
        var plot = Axes($"Test accuracy of {subject}", "accuracy (% of the test set)");
        var last = epochs[^1];
        Line(plot, epochs, e => e.TestAccuracy * 100, FormattableString.Invariant($"test, {last.TestAccuracy * 100:f2}% after epoch {last.Index}"));
        plot.ShowLegend(Alignment.LowerRight);
        return plot;
    }

    /// <summary>An empty plot in the house's style.</summary>
    internal static Plot Titled(string title)
    {
        var plot = new Plot { ScaleFactor = 2 }.WithFont();
        plot.Add.Palette = new ScottPlot.Palettes.ColorblindFriendly();
        plot.Title(title);
        return plot;
    }

    /// <summary>Writes a plot of this size as a PNG of twice the resolution.</summary>
    internal static void Save(Plot plot, string path, int width = Width, int height = Height) =>
        AtomicFile.Write(path, file => plot.SavePng(file, 2 * width, 2 * height));

    static Plot Axes(string title, string y)
    {
        var plot = Titled(title);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true, MinorTickGenerator = new ScottPlot.TickGenerators.EvenlySpacedMinorTickGenerator(1) };
        plot.XLabel("epoch");
        plot.YLabel(y);
        return plot;
    }

    static ScottPlot.Plottables.Scatter Line(Plot plot, IReadOnlyList<Epoch> epochs, Func<Epoch, double> y, string name)
    {
        var line = plot.Add.Scatter(epochs.Select(e => (double)e.Index).ToArray(), epochs.Select(y).ToArray());
        (line.LegendText, line.LineWidth, line.MarkerSize) = (name, 2, 5);
        return line;
    }
}
