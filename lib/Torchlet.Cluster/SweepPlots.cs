using System.Collections.Immutable;
using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of a sweep. Each is drawn from results.csv, config.json and the logs of the cells, and from nothing else.</summary>
public static class SweepPlots
{
    // More lines than these, or rows and columns with numbers in them, could not be told apart.
    const int MostLines = 8, MostLabels = 12, MostCurves = 5;

    const int Width = 900, Height = 500;

    /// <summary>The common parts of a sweep's pictures.</summary>
    /// <param name="Script">The script that was swept.</param>
    /// <param name="Results">What came of it.</param>
    /// <param name="Judge">The metric that is drawn.</param>
    /// <param name="Drawn">The options that were drawn at random, so that no line leads from one value to the next.</param>
    sealed record Subject(string Script, SweepResults Results, string Judge, ImmutableArray<string> Drawn)
    {
        public bool IsShare => Judge.EndsWith("accuracy", StringComparison.Ordinal);

        public string Unit => Printable.Of(IsShare ? $"{Judge} (%)" : Judge);

        public double Figure(SweepRow row) => row.Metrics.GetValueOrDefault(Judge, double.NaN) * (IsShare ? 100 : 1);

        public string Seeds => Results.Rows.Select(r => r.Seed).Distinct().Count() is > 1 and var count ? $"mean and range over {count} seeds" : "";
    }

    /// <summary>The last step of a sweep: draws its pictures from the files in its folder.</summary>
    public static void Draw(RunFolder run) => Picture.Save(Of(run), run);

    /// <summary>
    /// A picture of the metric over each option, of two options a heat map, and the losses and accuracies of the five best cells over one another.
    /// </summary>
    /// <exception cref="TorchletException">A file that they are drawn from is missing or damaged.</exception>
    public static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var config = Config(run.Record());
        var plan = SweepPlan.Of(config);
        var results = SweepResults.Read(run.Folder, plan.Options);
        if (results.Judge is not { } judge || results.Rows.IsEmpty) return [];
        var drawn = config.Random is null ? [] : plan.Options[^config.With.Split(SweepConfig.Separator).Length..];
        var subject = new Subject(Path.GetFileNameWithoutExtension(config.Script!), results, judge, drawn);
        return
        [
            .. plan.Options.Select((option, i) => new Picture($"{FileName(judge)}_over_{FileName(option)}.png", Over(subject, i), Width, Height)),
            .. plan.Options.Length == 2 && drawn.IsEmpty ? new[] { new Picture("heat_map.png", HeatMap(subject), Width, Height) } : [],
            .. Curves(run, subject),
        ];
    }

    static SweepConfig Config(RunRecord record) => CommandLine.Parse(
        record.Options.Where(o => !string.IsNullOrEmpty(o.Value)).SelectMany(o => CommandLine.Typed(o.Name, o.Value!)), new SweepConfig());

    static Plot Over(Subject subject, int option)
    {
        var (name, rows) = (subject.Results.Options[option], subject.Results.Rows);
        var others = rows.GroupBy(row => SweepPlan.Named(subject.Results.Options.RemoveAt(option), row.Values.RemoveAt(option))).ToList();
        var isDrawn = subject.Drawn.Contains(name);
        var lines = isDrawn || others.Count > MostLines ? [.. rows.GroupBy(_ => "")] : others;
        var plot = Plots.Titled($"{subject.Judge} of {subject.Script} over {name}", string.Join("; ", new[]
        {
            isDrawn ? "each point is a cell" : subject.Seeds,
            lines.Count < others.Count && !isDrawn ? "over all other options" : "",
        }.Where(text => text.Length > 0)), lines.Select(l => l.Key).Concat(Values(rows, option)));
        var finite = rows.Select(subject.Figure).Where(double.IsFinite).ToList();
        var isLog = StudyPlots.NeedLogAxis(finite);
        var x = Positions(plot, rows, option);
        foreach (var line in lines)
            Line(plot, line.Key, [.. line.Where(row => double.IsFinite(subject.Figure(row))).GroupBy(x, subject.Figure)], isLog ? Math.Log10 : y => y, isDrawn);
        if (lines.Count > 1) Looks.TellApart(plot);
        if (isLog) StudyPlots.LogTicks(plot.Axes.Left, finite);
        plot.XLabel(name);
        plot.YLabel(subject.Unit);
        plot.Legend.SymbolWidth = Plots.SymbolWidth;
        if (lines.Count > 1) plot.ShowLegend(ScottPlot.Edge.Right);
        return plot;
    }

    /// <summary>A line through the means, and the range of the seeds behind it.</summary>
    static void Line(Plot plot, string name, IReadOnlyList<IGrouping<double, double>> groups, Func<double, double> y, bool isDrawn)
    {
        if (groups.Count == 0) return;
        var points = groups.OrderBy(g => g.Key).ToList();
        double[] xs = [.. points.Select(p => p.Key)];
        var line = isDrawn
            ? plot.Add.ScatterPoints(points.SelectMany(p => p.Select(_ => p.Key)).ToArray(), points.SelectMany(p => p.Select(y)).ToArray())
            : plot.Add.Scatter(xs, points.Select(p => y(p.Average())).ToArray());
        (line.LegendText, line.MarkerSize) = (name, 7);
        if (isDrawn) return;
        line.LineWidth = 2;
        BandPoint.Fill(plot, [.. points.Select(p => BandPoint.Of(p.Key, [.. p])).OfType<BandPoint>()], line.Color, y);
    }

    /// <summary>Position of a row on the axis of an option: numbers at their value, names and lists at equal distances.</summary>
    static Func<SweepRow, double> Positions(Plot plot, IReadOnlyList<SweepRow> rows, int option)
    {
        if (rows.All(row => row.Number(option) is not null))
        {
            var numbers = rows.Select(row => row.Number(option)!.Value).ToList();
            if (!SweepScale.IsLogarithmic(numbers)) return row => row.Number(option)!.Value;
            StudyPlots.LogTicks(plot.Axes.Bottom, numbers);
            return row => Math.Log10(row.Number(option)!.Value);
        }
        var names = Values(rows, option);
        plot.Axes.Bottom.TickGenerator = Ticks(names);
        plot.Axes.SetLimitsX(-0.5, names.Count - 0.5);
        return row => names.IndexOf(row.Values[option]);
    }

    static Plot HeatMap(Subject subject)
    {
        var (rows, options) = (subject.Results.Rows, subject.Results.Options);
        var (left, below) = (Values(rows, 0), Values(rows, 1));
        var plot = Plots.Titled($"{subject.Judge} of {subject.Script}", subject.Seeds.Replace(" and range", ""), left.Concat(below));
        var means = rows.GroupBy(row => (left.IndexOf(row.Values[0]), below.IndexOf(row.Values[1])))
            .ToDictionary(same => same.Key, same => same.Average(subject.Figure));
        var cells = new double[left.Count, below.Count];
        // A heat map's first row is the uppermost.
        for (var i = 0; i < left.Count; i++)
            for (var j = 0; j < below.Count; j++) cells[left.Count - 1 - i, j] = means.GetValueOrDefault((i, j), double.NaN);
        var map = plot.Add.Heatmap(cells);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        plot.Add.ColorBar(map).Label = subject.Unit;
        if (Math.Max(left.Count, below.Count) <= MostLabels)
            foreach (var ((i, j), mean) in means)
            {
                var text = plot.Add.Text(FormattableString.Invariant($"{mean:g4}"), j, i);
                (text.LabelAlignment, text.LabelFontColor, text.LabelFontSize) = (Alignment.MiddleCenter, Colors.White, 13);
                (text.LabelBorderColor, text.LabelBackgroundColor, text.LabelPadding) = (Colors.Transparent, Colors.Black.WithAlpha(0.35), 3);
            }
        (plot.Axes.Left.TickGenerator, plot.Axes.Bottom.TickGenerator) = (Ticks(left), Ticks(below));
        plot.Axes.SetLimits(-0.5, below.Count - 0.5, -0.5, left.Count - 0.5);
        plot.XLabel(options[1]);
        plot.YLabel(options[0]);
        return plot;
    }

    /// <summary>The curves of the best cells that have a log of epochs.</summary>
    static IEnumerable<Picture> Curves(RunFolder run, Subject subject)
    {
        var best = (from row in subject.Results.Rows
                    where double.IsFinite(subject.Figure(row)) && row.Cell.All(char.IsAsciiHexDigit)
                    let figure = subject.Figure(row)
                    orderby subject.Results.MoreIsBetter ? -figure : figure
                    let folder = new CellFiles(run.Folder, row.Cell).Run
                    where TrainingLog.IsIn(folder)
                    let epochs = Reading.Of(folder, () => TrainingLog.Judged(LogFiles.Log.Read(folder, TrainingLog.NoEpoch), folder)).Value
                    where epochs is not null // Of a damaged run the report says what is wrong.
                    let seed = row.Seed.Length > 0 ? $" · seed {row.Seed}" : ""
                    select (Name: SweepPlan.Named(subject.Results.Options, row.Values) + seed, Epochs: epochs)).Take(MostCurves).ToList();
        return best.Count == 0 ? []
            : Plots.Overlay(
                    [.. best.Select(b => (b.Name, (IReadOnlyList<IReadOnlyList<Epoch>>)[b.Epochs]))], $"the best of {subject.Script}, by {subject.Judge}")
                .Select(p => p with { File = $"best_{p.File}" });
    }

    /// <summary>An option's values: numbers by their size, others in the grid's order.</summary>
    static List<string> Values(IReadOnlyList<SweepRow> rows, int option)
    {
        var first = rows.DistinctBy(row => row.Values[option]);
        return [.. (rows.All(row => row.Number(option) is not null) ? first.OrderBy(row => row.Number(option)) : first).Select(row => row.Values[option])];
    }

    static ScottPlot.TickGenerators.NumericManual Ticks(IReadOnlyList<string> names) =>
        new([.. names.Index().Select(name => (double)name.Index)], [.. names]);

    // It becomes a file's name, and a table may come from a stranger.
    static string FileName(string column) =>
        string.Concat(column.Take(Printable.Longest).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
}
