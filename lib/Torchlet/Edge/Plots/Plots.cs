using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of a training run. Each is a function of the run's folder, of log.csv and config.json, and so can be drawn anew at any time.</summary>
public static class Plots
{
    // A marker on each of more epochs than these would hide the line.
    const int MostMarkers = 60;

    // As many as a picture of a reasonable height has names for.
    const int MostRuns = 200;

    const int OverlayWidth = 800, OverlayHeight = 540, LegendWidth = 720, NameWidth = 640, LegendFontSize = 12, SymbolWidth = 44;

    // Curves beyond the palette's colours take the same ones again.
    static readonly LinePattern[] Patterns = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted, new([14, 4, 3, 4], 0, "DashDotted")];

    /// <summary>
    /// The last stage of a training run: takes every epoch, then draws loss.png and a picture for each metric, such as accuracy.png, from log.csv,
    /// which <see cref="CsvLog.To(RunFolder)"/> has written.
    /// </summary>
    /// <returns>A stage that gives back the figures of every epoch, also of those before the run was resumed.</returns>
    public static Func<IEnumerable<Epoch>, IReadOnlyList<Epoch>> Curves(RunFolder run) => epochs =>
    {
        Epoch[] rows = [.. run.Past.Rows, .. epochs.Select(e => e.Figures())];
        foreach (var picture in Of(run)) picture.Save(run);
        return rows;
    };

    /// <summary>The pictures of the training run in a folder.</summary>
    /// <exception cref="TorchletException">log.csv or config.json is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run) => Of(Log(run), run.Record());

    /// <summary>A training run's pictures: loss.png, and one for each metric: accuracy.png.</summary>
    internal static IReadOnlyList<Picture> Of(IReadOnlyList<Epoch> epochs, RunRecord run) =>
        [new("loss.png", Loss(epochs, run)), .. MetricsOf(epochs).Select(metric => new Picture($"{metric}.png", Metric(metric, epochs, run)))];

    /// <summary>The test losses and accuracies of the training runs in several folders over one another.</summary>
    /// <exception cref="TorchletException">There are too many of them; log.csv or config.json of one is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Overlay(IReadOnlyList<RunFolder> runs)
    {
        if (runs.Count > MostRuns) throw new TorchletException($"{runs.Count} training runs are too many to draw over one another; name at most {MostRuns}.");
        var records = runs.Select(run => run.Record()).ToList();
        return Overlay([.. Names(runs, records).Zip(runs.Select(Log))], string.Join(", ", records.Select(r => r.Subject).Distinct()));
    }

    /// <summary>Several training runs over one another, each with its name in the legend: losses.png and accuracies.png.</summary>
    internal static IReadOnlyList<Picture> Overlay(IReadOnlyList<(string Name, IReadOnlyList<Epoch> Epochs)> runs, string subject)
    {
        return
        [
            Over("losses.png", $"Test loss of {runs.Count} runs", Unit(runs.SelectMany(r => r.Epochs)), e => e.TestLoss),
            .. runs.All(r => MetricsOf(r.Epochs).Contains("accuracy"))
                ? new[] { Over("accuracies.png", $"Test accuracy of {runs.Count} runs", "accuracy (% of the test set)", e => e.TestAccuracy * 100) } : [],
        ];

        Picture Over(string file, string title, string unit, Func<Epoch, double> y)
        {
            var plot = Axes(title, subject, unit, runs.Max(r => r.Epochs.Max(e => e.Index)), runs.Select(r => r.Name));
            var font = new LabelStyle { FontName = plot.Axes.Title.Label.FontName, FontSize = LegendFontSize };
            foreach (var (i, (name, epochs)) in runs.Index())
                Line(plot, epochs, y, FittingText.Of(name, font, NameWidth)).LinePattern = Patterns[i / plot.Add.Palette.Colors.Length % Patterns.Length];
            // Below the axes: as many and as long names as there are hide no curve.
            var layout = new LegendOfWidth(LegendWidth);
            (plot.Legend.Layout, plot.Legend.FontSize, plot.Legend.SymbolWidth) = (layout, LegendFontSize, SymbolWidth);
            plot.ShowLegend(ScottPlot.Edge.Bottom);
            return new(file, plot, OverlayWidth, OverlayHeight + (int)layout.HeightOf(plot.Legend));
        }
    }

    static IReadOnlyList<Epoch> Log(RunFolder run) =>
        CsvRows.Read(run.PathOf("log.csv"), EpochColumns.Required, f => f.Epoch(), none: "no epoch of the run has ended");

    /// <summary>What the legend calls the runs: by the options in which they differ, and by their folders where these do not tell them apart.</summary>
    internal static IReadOnlyList<string> Names(IReadOnlyList<RunFolder> runs, IReadOnlyList<RunRecord> records)
    {
        var names = RunRecord.Distinctions(records);
        return names.Distinct().Count() == runs.Count ? names
            : [.. runs.Zip(names, (run, name) => $"{new DirectoryInfo(run.Folder).Name} {name}".TrimEnd())];
    }

    static Plot Loss(IReadOnlyList<Epoch> epochs, RunRecord run)
    {
        var plot = Axes($"Loss of {run.Subject}", run.Settled, Unit(epochs), epochs[^1].Index, []);
        Line(plot, epochs, e => e.TrainLoss, "train (during the epoch)");
        Line(plot, epochs, e => e.TestLoss, "test (after the epoch)");
        if (epochs[^1].Validation is not null) Line(plot, epochs, e => e.Validation?.Loss ?? double.NaN, "validation (after the epoch)");
        if (epochs[^1].Averaged is not null) Line(plot, epochs, e => e.Averaged?.Loss ?? double.NaN, "test, averaged parameters");
        if (epochs.Where(e => double.IsFinite(e.JudgedLoss)).MinBy(e => e.JudgedLoss) is { } best)
        {
            var mark = plot.Add.Marker(best.Index, best.JudgedLoss, MarkerShape.OpenCircle, size: 14, color: Colors.Black);
            mark.LegendText = FormattableString.Invariant(
                $"best {(best.Validation is null ? "test" : "validation")} loss {best.JudgedLoss:g3}, epoch {best.Index}");
        }
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    static Plot Metric(string metric, IReadOnlyList<Epoch> epochs, RunRecord run)
    {
        var (factor, unit) = metric == "accuracy" ? (100, "%") : (1, "");
        var plot = Axes($"Test {metric} of {run.Subject}", run.Settled, unit == "%" ? $"{metric} (% of the test set)" : metric, epochs[^1].Index, []);
        (string, Func<Epoch, Evaluation?>)[] evaluations =
            [("test", e => e.Test), ("validation", e => e.Validation), ("test, averaged parameters", e => e.Averaged)];
        foreach (var (name, of) in evaluations)
            if (of(epochs[^1]) is { } last)
                Line(plot, epochs, e => (of(e)?[metric] ?? double.NaN) * factor,
                    FormattableString.Invariant(
                        $"{name}, {(unit == "%" ? $"{last[metric] * factor:f2}" : $"{last[metric]:g4}")}{unit} after epoch {epochs[^1].Index}"));
        plot.ShowLegend(metric == "accuracy" ? Alignment.LowerRight : Alignment.UpperRight);
        return plot;
    }

    // A metric's name is a picture's file name too, and a log may come from a stranger.
    static IEnumerable<string> MetricsOf(IReadOnlyList<Epoch> epochs) =>
        epochs[^1].Test.Metrics.Select(m => m.Name).Where(name => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')).Distinct();

    // Whoever classifies minimises nats, all but a few.
    static string Unit(IEnumerable<Epoch> epochs) =>
        epochs.All(e => e.Test.Metrics.Any(m => m.Name == "accuracy")) ? "loss (nats per example)" : "loss (per example)";

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
            (panel.Label.Text, panel.Label.FontName, panel.Label.FontSize) = (subtitle, plot.Axes.Title.Label.FontName, 12);
            (panel.Label.Bold, panel.Label.ForeColor) = (false, Colors.DimGray);
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
