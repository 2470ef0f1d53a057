using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of a training run. Each is a function of the run's folder, of log.csv and config.json, and so can be drawn anew at any time.</summary>
public static class Plots
{
    // A marker on each of more epochs than these would hide the line.
    const int MostMarkers = 60;

    const int OverlayWidth = 800, LegendWidth = 560, LegendRow = 19, LegendFontSize = 12;

    // Curves beyond the palette's colours take the same ones again.
    static readonly LinePattern[] Patterns = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted];

    /// <summary>The last stage of a training run: takes every epoch, then draws loss.png and accuracy.png from log.csv, which <see cref="CsvLog.To(RunFolder)"/> has written.</summary>
    /// <returns>A stage that gives back the figures of every epoch, also of those before the run was resumed.</returns>
    public static Func<IEnumerable<Epoch>, IReadOnlyList<Epoch>> Curves(RunFolder run) => epochs =>
    {
        Epoch[] rows = [.. run.Past.Rows, .. epochs.Select(e => e.Figures())];
        foreach (var picture in Of(run)) picture.Save(run);
        return rows;
    };

    /// <summary>A training run's pictures: loss.png and accuracy.png.</summary>
    /// <exception cref="TorchletException">log.csv or config.json is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var (record, epochs) = (run.Record(), Log(run));
        return [new("loss.png", Loss(epochs, record)), new("accuracy.png", Accuracy(epochs, record))];
    }

    /// <summary>The test losses and accuracies of several training runs over one another: losses.png and accuracies.png.</summary>
    internal static IReadOnlyList<Picture> Overlay(IReadOnlyList<RunFolder> runs)
    {
        var records = runs.Select(run => run.Record()).ToList();
        IReadOnlyList<(string Name, IReadOnlyList<Epoch> Epochs)> curves = [.. Names(runs, records).Zip(runs.Select(Log))];
        var subject = string.Join(", ", records.Select(r => r.Subject).Distinct());
        var height = 500 + LegendRow * runs.Count;
        return
        [
            new("losses.png", Over($"Test loss of {runs.Count} runs", "loss (nats per example)", e => e.TestLoss), OverlayWidth, height),
            new("accuracies.png", Over($"Test accuracy of {runs.Count} runs", "accuracy (% of the test set)", e => e.TestAccuracy * 100), OverlayWidth, height),
        ];

        Plot Over(string title, string unit, Func<Epoch, double> y)
        {
            var plot = Axes(title, subject, unit, curves.Max(c => c.Epochs[^1].Index), curves.Select(c => c.Name));
            var font = new LabelStyle { FontName = plot.Axes.Title.Label.FontName, FontSize = LegendFontSize };
            foreach (var (i, (name, epochs)) in curves.Index())
                Line(plot, epochs, y, FittingText.Of(name, font, LegendWidth)).LinePattern = Patterns[i / plot.Add.Palette.Colors.Length % Patterns.Length];
            plot.Legend.FontSize = LegendFontSize;
            plot.ShowLegend(ScottPlot.Edge.Bottom); // Below the axes: as many and as long names as there are hide no curve.
            return plot;
        }
    }

    static IReadOnlyList<Epoch> Log(RunFolder run)
    {
        var epochs = CsvRows.Read(run.PathOf("log.csv"), CsvFields.EpochColumns, f => f.Epoch());
        return epochs.Count > 0 ? epochs : throw new TorchletException($"{run.PathOf("log.csv")} has no row: no epoch of the run has ended.");
    }

    /// <summary>What the legend calls the runs: by the options in which they differ, and by their folders where these do not tell them apart.</summary>
    internal static IReadOnlyList<string> Names(IReadOnlyList<RunFolder> runs, IReadOnlyList<RunRecord> records)
    {
        var names = RunRecord.Distinctions(records);
        return names.Distinct().Count() == runs.Count ? names
            : [.. runs.Zip(names, (run, name) => $"{new DirectoryInfo(run.Folder).Name} {name}".TrimEnd())];
    }

    static Plot Loss(IReadOnlyList<Epoch> epochs, RunRecord run)
    {
        var plot = Axes($"Loss of {run.Subject}", run.Settled, "loss (nats per example)", epochs[^1].Index, []);
        Line(plot, epochs, e => e.TrainLoss, "train (during the epoch)");
        Line(plot, epochs, e => e.TestLoss, "test (after the epoch)");
        if (epochs.Where(e => double.IsFinite(e.TestLoss)).MinBy(e => e.TestLoss) is { } best)
        {
            var mark = plot.Add.Marker(best.Index, best.TestLoss, MarkerShape.OpenCircle, size: 14, color: Colors.Black);
            mark.LegendText = FormattableString.Invariant($"best test loss {best.TestLoss:g3}, epoch {best.Index}");
        }
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    static Plot Accuracy(IReadOnlyList<Epoch> epochs, RunRecord run)
    {
        var plot = Axes($"Test accuracy of {run.Subject}", run.Settled, "accuracy (% of the test set)", epochs[^1].Index, []);
        var last = epochs[^1];
        Line(plot, epochs, e => e.TestAccuracy * 100, FormattableString.Invariant($"test, {last.TestAccuracy * 100:f2}% after epoch {last.Index}"));
        plot.ShowLegend(Alignment.LowerRight);
        return plot;
    }

    /// <summary>An empty plot in the house's style.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="subtitle">Under which conditions; may be empty.</param>
    /// <param name="texts">Texts to come that are not this program's own, for the choice of the font.</param>
    internal static Plot Titled(string title, string subtitle = "", params IEnumerable<string> texts)
    {
        var plot = new Plot { ScaleFactor = 2 }.WithFont([title, subtitle, .. texts]);
        plot.Add.Palette = new ScottPlot.Palettes.ColorblindFriendly();
        plot.Title(title);
        if (subtitle.Length > 0)
        {
            var panel = new ScottPlot.Panels.TitlePanel();
            (panel.Label.Text, panel.Label.FontName, panel.Label.FontSize, panel.Label.Bold, panel.Label.ForeColor) = (subtitle, plot.Axes.Title.Label.FontName, 12, false, Colors.DimGray);
            plot.Axes.AddPanel(panel);
        }
        return plot;
    }

    /// <summary>Ticks for an axis of epochs.</summary>
    internal static ITickGenerator WholeNumbers() => new ScottPlot.TickGenerators.NumericAutomatic
    {
        IntegerTicksOnly = true, MinorTickGenerator = new ScottPlot.TickGenerators.EvenlySpacedMinorTickGenerator(1),
    };

    static Plot Axes(string title, string subtitle, string y, int epochs, IEnumerable<string> texts)
    {
        var plot = Titled(title, subtitle, texts);
        var margin = Math.Max(0.5, epochs / 20.0);
        plot.Axes.SetLimitsX(1 - margin, epochs + margin); // Also epochs that have nothing finite to show.
        plot.Axes.Bottom.TickGenerator = WholeNumbers();
        plot.XLabel("epoch");
        plot.YLabel(y);
        return plot;
    }

    /// <summary>A curve over the epochs. What is not finite cannot be drawn, and the legend says so.</summary>
    static ScottPlot.Plottables.Scatter Line(Plot plot, IReadOnlyList<Epoch> epochs, Func<Epoch, double> y, string name)
    {
        var points = epochs.Select(e => (X: (double)e.Index, Y: y(e))).Where(p => double.IsFinite(p.Y)).ToList();
        var drawn = Thinned.Of(points);
        var line = plot.Add.Scatter(drawn.Select(p => p.X).ToArray(), drawn.Select(p => p.Y).ToArray());
        (line.LineWidth, line.MarkerSize) = (2, points.Count > MostMarkers ? 0 : 5);
        line.LegendText = points.Count == epochs.Count ? name : $"{name}; {epochs.Count - points.Count} of {epochs.Count} epochs not finite";
        return line;
    }
}
