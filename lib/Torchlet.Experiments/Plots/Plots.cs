using System.Globalization;
using ScottPlot;
using Trainings = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.IReadOnlyList<Torchlet.Epoch>>;

namespace Torchlet;

/// <summary>
/// Pictures of a training run, or of the same training from several seeds: then curves are means, and bands reach from the lowest to the highest, as far as all
/// of them go. Each is a function of the run's folder, of its CSV files and config.json, and so can be redrawn at any time.
/// </summary>
public static class Plots
{
    // A marker on each of more epochs than these would hide the line.
    const int MostMarkers = 60;

    // As many as a picture of a reasonable height has names for.
    const int MostRuns = 200;

    const int OverlayWidth = 800, OverlayHeight = 540, LegendWidth = 720, NameWidth = 640, LegendFontSize = 12;

    /// <summary>The width of a curve's sample in a legend, in points: enough to show its dashes.</summary>
    internal const int SymbolWidth = 44;

    const string MeanEpoch = "epoch (mean and range over the seeds, as far as all of them go)";

    // One epoch makes no visible line.
    const float AloneSize = 12;

    /// <summary>
    /// The last stage of a training run: takes every epoch, then draws loss.png and a picture for each metric, such as accuracy.png, from log.csv,
    /// which <see cref="CsvLog.To(RunFolder)"/> has written.
    /// </summary>
    /// <returns>A stage that gives back the figures of every epoch, also of those before the run was resumed.</returns>
    public static Func<IEnumerable<Epoch>, IReadOnlyList<Epoch>> Curves(RunFolder run) => epochs =>
    {
        Epoch[] rows = [.. run.Finished.Rows, .. epochs.Select(epoch => RunChecks.Drawn(run, epoch).Figures())];
        Draw(run);
        return rows;
    };

    /// <summary>Draws the pictures of a run from the files in its folder.</summary>
    internal static void Draw(RunFolder run) => Picture.Save(Of(run), run);

    /// <summary>The pictures of the training run in a folder.</summary>
    /// <exception cref="TorchletException">log.csv or config.json is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var record = run.Record();
        if (VariantPlots.IsOf(run)) return VariantPlots.Of(run, record);
        return
        [
            .. Of(TrainingLog.Read(run), record),
            .. LogFiles.Reconstructions.IsIn(run.Folder) ? [InferencePlots.Reconstructions(run, record.Subject)] : (Picture[])[],
            .. LogFiles.LayerGradients.IsIn(run.Folder) ? [LayerGradients(run, record)] : (Picture[])[],
        ];
    }

    /// <summary>A training run's pictures: loss.png, one for each metric, such as accuracy.png, and learning_rate.png where it varies.</summary>
    internal static IReadOnlyList<Picture> Of(Trainings trainings, RunRecord run) =>
    [
        Loss(trainings, run), .. MetricsOf(trainings).Select(metric => Metric(metric, trainings, run)),
        .. trainings[0][^1].LearningRate is null ? [] : (Picture[])[LearningRate(trainings, run)],
    ];

    /// <summary>The test losses and accuracies of the training runs in several folders over one another.</summary>
    /// <exception cref="TorchletException">There are too many of them; log.csv or config.json of one is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Overlay(IReadOnlyList<RunFolder> runs)
    {
        if (runs.Count > MostRuns) throw new TorchletException($"{runs.Count} training runs are too many to draw over one another; name at most {MostRuns}.");
        var records = runs.Select(run => run.Record()).ToList();
        return Overlay([.. Names(runs, records).Zip(runs.Select(TrainingLog.Read))], string.Join(", ", records.Select(r => r.Subject).Distinct()));
    }

    /// <summary>
    /// Several training runs over one another, each with its name in the legend: losses.png, accuracies.png, and validation_accuracies.png where all have such.
    /// </summary>
    /// <param name="runs">The runs.</param>
    /// <param name="subject">What they are of.</param>
    /// <param name="kind">What each of them is.</param>
    internal static IReadOnlyList<Picture> Overlay(IReadOnlyList<(string Name, Trainings Trainings)> runs, string subject, string kind = "runs")
    {
        var classify = runs.All(r => MetricsOf(r.Trainings).Contains("accuracy"));
        return
        [
            Over("losses.png", $"Test loss of {runs.Count} {kind}", Unit(runs.SelectMany(r => r.Trainings)), e => e.Kept.Loss),
            .. classify ? [Over("accuracies.png", $"Test accuracy of {runs.Count} {kind}", "accuracy (% of the test set)", e => e.Kept["accuracy"] * 100)]
                : (Picture[])[],
            .. classify && runs.All(r => r.Trainings.All(t => t.All(e => e.Validation is not null)))
                ? [Over("validation_accuracies.png", $"Validation accuracy of {runs.Count} {kind}", "accuracy (% of the validation set)",
                    e => e.Validation!["accuracy"] * 100)]
                : (Picture[])[],
        ];

        Picture Over(string file, string title, string unit, Func<Epoch, double> y) => LegendBelow(file, Overlaid(title, subject, unit, runs, y));
    }

    /// <summary>A figure of several training runs over one another.</summary>
    internal static Plot Overlaid(string title, string subject, string unit, IReadOnlyList<(string Name, Trainings Trainings)> runs, Func<Epoch, double> y)
    {
        var plot = Axes(title, subject, unit, [.. runs.SelectMany(r => r.Trainings)], runs.Select(r => r.Name));
        plot.XLabel(runs.Any(r => r.Trainings.Count > 1) ? MeanEpoch : "epoch");
        foreach (var (name, trainings) in runs)
            Line(plot, trainings, y, FittingText.Of(name, LegendFont(plot), NameWidth));
        Looks.TellApart(plot);
        return plot;
    }

    // Ranges make a legend so wide that it would hide curves.
    static Picture WithLegend(string file, Plot plot, Trainings trainings, Alignment corner)
    {
        if (trainings.Count > 1) return LegendBelow(file, plot);
        plot.ShowLegend(corner);
        return new(file, plot);
    }

    /// <summary>A picture with its legend below the axes: as many and as long names as there are hide no curve.</summary>
    /// <param name="file">The picture's name.</param>
    /// <param name="plot">The plot.</param>
    /// <param name="height">That of the picture less its legend.</param>
    internal static Picture LegendBelow(string file, Plot plot, int height = OverlayHeight)
    {
        var layout = new LegendOfWidth(LegendWidth);
        (plot.Legend.Layout, plot.Legend.FontSize, plot.Legend.SymbolWidth) = (layout, LegendFontSize, SymbolWidth);
        plot.ShowLegend(ScottPlot.Edge.Bottom);
        return new(file, plot, OverlayWidth, height + (int)layout.HeightOf(plot.Legend));
    }

    /// <summary>Names of the runs in the legend: the options in which they differ, and their folders if the options do not differ.</summary>
    internal static IReadOnlyList<string> Names(IReadOnlyList<RunFolder> runs, IReadOnlyList<RunRecord> records)
    {
        var names = RunRecord.Distinctions(records);
        return names.Distinct().Count() == runs.Count ? names
            : [.. runs.Zip(names, (run, name) => $"{new DirectoryInfo(run.Folder).Name} {name}".TrimEnd())];
    }

    static Picture Loss(Trainings trainings, RunRecord run)
    {
        var (plot, last) = (Axes($"Loss of {run.Subject}", run.Settled, Unit(trainings), trainings, []), trainings[0][^1]);
        Line(plot, trainings, e => e.TrainLoss, "train (during the epoch)");
        Line(plot, trainings, e => e.TestLoss, "test (after the epoch)");
        if (last.Validation is not null) Line(plot, trainings, e => e.Validation?.Loss ?? double.NaN, "validation (after the epoch)");
        if (last.Averaged is not null) Line(plot, trainings, e => e.Averaged?.Loss ?? double.NaN, "test, averaged parameters");
        if (last.AveragedValidation is not null)
            Line(plot, trainings, e => e.AveragedValidation?.Loss ?? double.NaN, "validation, averaged parameters");
        MarkBest(plot, [.. trainings.Select(epochs => Epoch.Best(epochs.Where(e => double.IsFinite(e.JudgedLoss)))).OfType<Epoch>()]);
        return WithLegend("loss.png", plot, trainings, Alignment.UpperRight);
    }

    /// <summary>Marks the best epoch of each training. One that validation examples chose is named with the test loss, which had no part in that.</summary>
    static void MarkBest(Plot plot, IReadOnlyList<Epoch> best)
    {
        var marks = best.Select(e => plot.Add.Marker(e.Index, e.JudgedLoss, MarkerShape.OpenCircle, size: 14, color: Colors.Black)).ToList();
        if (marks.Count == 0) return;
        marks[0].LegendText = $"best {EpochLine.Examples(best[0])} {best[0].JudgedBy.Figure} {Mean(best, e => e.JudgedBy.Of(e.Judged), "g3")}"
            + (best.Count == 1 ? $", epoch {best[0].Index}" : "") + (best[0].Validation is null ? "" : $"; test {Mean(best, e => e.Kept.Loss, "g3")}");
    }

    static Picture Metric(string metric, Trainings trainings, RunRecord run)
    {
        var (factor, unit, format) = metric == "accuracy" ? (100, "%", "f2") : (1, "", "g4");
        var plot = Axes($"Test {metric} of {run.Subject}", run.Settled, unit == "%" ? $"{metric} (% of the test set)" : metric, trainings, []);
        var last = trainings.Select(epochs => epochs[Shared(trainings) - 1]).ToList();
        (string, Func<Epoch, Evaluation?>)[] evaluations =
            [("test", e => e.Test), ("validation", e => e.Validation), ("test, averaged parameters", e => e.Averaged),
                ("validation, averaged parameters", e => e.AveragedValidation)];
        foreach (var (name, of) in evaluations)
            if (of(last[0]) is not null)
            {
                double Y(Epoch e) => (of(e)?[metric] ?? double.NaN) * factor;
                Line(plot, trainings, Y, $"{name}, {Mean(last, Y, format, unit)} after epoch {last[0].Index}");
            }
        return WithLegend($"{metric}.png", plot, trainings, metric == "accuracy" ? Alignment.LowerRight : Alignment.UpperRight);
    }

    static Picture LearningRate(Trainings trainings, RunRecord run)
    {
        var plot = Axes($"Learning rate of {run.Subject}", run.Settled, "learning rate (last step of the epoch)", trainings, []);
        Line(plot, trainings, e => e.LearningRate ?? double.NaN, "learning rate");
        plot.HideLegend();
        return new("learning_rate.png", plot);
    }

    /// <summary>layer_gradients.png of layer_gradients.csv: a curve for each parameter, on a logarithmic axis.</summary>
    static Picture LayerGradients(RunFolder run, RunRecord record)
    {
        var rows = LogFiles.LayerGradients.Read(run.Folder, TrainingLog.NoEpoch);
        List<string> names = [.. rows[0].Gradients.Select(g => g.Parameter).Take(MostRuns)];
        var plot = Axes($"Gradients of {record.Subject}", record.Settled, "‖∂loss/∂parameter‖₂ of one batch", rows[^1].Epoch, names);
        foreach (var (i, name) in names.Index())
            Curve(plot, rows.Count, [.. rows.Select(row => BandPoint.Of(row.Epoch, [Math.Log10(row.Gradients[i].Norm)])).OfType<BandPoint>()],
                FittingText.Of(name, LegendFont(plot), NameWidth));
        StudyPlots.LogTicks(plot.Axes.Left, rows.SelectMany(row => row.Gradients.Take(MostRuns)).Select(g => g.Norm).Where(double.IsFinite));
        return LegendBelow("layer_gradients.png", plot);
    }

    static LabelStyle LegendFont(Plot plot) => new() { FontName = plot.Axes.Title.Label.FontName, FontSize = LegendFontSize };

    /// <summary>The mean, and the range of several values.</summary>
    static string Mean(IReadOnlyList<Epoch> epochs, Func<Epoch, double> of, string format, string unit = "")
    {
        return epochs.Count == 1 ? Show(of(epochs[0])) : $"{Show(epochs.Average(of))} ({Show(epochs.Min(of))} to {Show(epochs.Max(of))})";

        string Show(double value) => value.ToString(format, CultureInfo.InvariantCulture) + unit;
    }

    // A metric's name is a picture's file name too, and a log may come from a stranger.
    static IEnumerable<string> MetricsOf(Trainings trainings) =>
        trainings[0][^1].Test.Metrics.Select(m => m.Name).Where(name => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')).Distinct();

    // Almost all losses of classifiers are in nats.
    static string Unit(IEnumerable<IReadOnlyList<Epoch>> trainings) =>
        trainings.All(epochs => epochs.All(e => e.Test.Metrics.Any(m => m.Name == "accuracy"))) ? "loss (nats per example)" : "loss (per example)";

    /// <summary>How many epochs all of the trainings have.</summary>
    static int Shared(Trainings trainings) => trainings.Min(epochs => epochs.Count);

    /// <summary>An empty plot in the house's style.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="subtitle">Under which conditions; may be empty.</param>
    /// <param name="texts">Texts to come that are not this program's own, for the choice of the font.</param>
    internal static Plot Titled(string title, string subtitle = "", params IEnumerable<string> texts)
    {
        var plot = new Plot { ScaleFactor = 2 }.WithFont([title, subtitle, .. texts]);
        plot.Add.Palette = Looks.Palette;
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

    static Plot Axes(string title, string subtitle, string y, Trainings trainings, IEnumerable<string> texts)
    {
        var plot = Axes(title, subtitle, y, trainings.Max(training => training[^1].Index), texts);
        if (trainings.Count > 1) plot.XLabel(MeanEpoch);
        return plot;
    }

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

    /// <summary>A figure over the epochs, for several trainings their mean with a band of their range, up to the epoch that all of them have.</summary>
    static void Line(Plot plot, Trainings trainings, Func<Epoch, double> y, string name)
    {
        var epochs = Shared(trainings);
        Curve(plot, epochs, [.. Enumerable.Range(0, epochs)
            .Select(i => BandPoint.Of(trainings[0][i].Index, [.. trainings.Select(t => y(t[i]))])).OfType<BandPoint>()], name);
    }

    /// <summary>A curve over the epochs. What is not finite cannot be drawn, and the legend says so.</summary>
    internal static void Curve(Plot plot, int epochs, IReadOnlyList<BandPoint> points, string name)
    {
        // Counted by the lines: bands take none of the palette's colours.
        var before = plot.GetPlottables<ScottPlot.Plottables.Scatter>().Count();
        var (drawn, colour) = (Thinned.Of([.. points.Select(p => (p.X, p.Mean))]), plot.Add.Palette.GetColor(before));
        BandPoint.Fill(plot, points, colour, value => value);
        var line = plot.Add.Scatter(drawn.Select(p => p.X).ToArray(), drawn.Select(p => p.Y).ToArray(), colour);
        (line.LineWidth, line.LinePattern) = (2, Looks.Pattern(before / Looks.Palette.Colors.Length));
        line.MarkerSize = points.Count switch { 1 => AloneSize, > MostMarkers => 0, _ => 5 };
        line.LegendText = points.Count == epochs ? name : $"{name}; {epochs - points.Count} of {epochs} epochs not finite";
    }
}
