using System.Globalization;
using ScottPlot;

namespace Torchlet.Benchmarks;

/// <summary>Everything measured, in one picture.</summary>
static class BenchmarkSheet
{
    const int Columns = 3, Width = 760, Height = 360;

    public static void Save(IReadOnlyList<Measurement> measurements, IReadOnlyList<GrowthRow> growth, string path)
    {
        Plot[] plots = [.. measurements.GroupBy(m => m.Comparison).Select(Bars), .. growth.GroupBy(r => r.Setting).Select(Lines)];
        var sheet = new Multiplot();
        sheet.RemovePlot(sheet.GetPlot(0));
        foreach (var plot in plots)
        {
            plot.ScaleFactor = 1; // A sheet lays plots of any other size over one another.
            sheet.AddPlot(plot);
        }
        var rows = (plots.Length + Columns - 1) / Columns;
        sheet.Layout = new ScottPlot.MultiplotLayouts.Grid(rows, Math.Min(plots.Length, Columns));
        var image = sheet.Render(Width * Math.Min(plots.Length, Columns), Height * rows);
        AtomicFile.Write(path, file => File.WriteAllBytes(file, image.GetImageBytes(ImageFormat.Png)));
    }

    /// <summary>A bar for each median, from min to max a whisker; Torchlet's own in another colour.</summary>
    static Plot Bars(IGrouping<string, Measurement> comparison)
    {
        var rows = comparison.Reverse().ToList();
        var plot = Plots.Titled($"{comparison.Key} ({rows[0].Unit})");
        var bars = plot.Add.Bars(rows.Select((m, i) => new Bar
        {
            Position = i, Value = m.Median, Orientation = Orientation.Horizontal, Size = 0.6,
            FillColor = m.Name.StartsWith("Torchlet", StringComparison.Ordinal) ? Colors.SteelBlue : Colors.LightGray,
        }).ToArray());
        bars.Horizontal = true;
        foreach (var (i, m) in rows.Index())
        {
            plot.Add.Line(m.Min, i, m.Max, i).LineColor = Colors.Black;
            var label = plot.Add.Text(m.Median.ToString("g3", CultureInfo.InvariantCulture), m.Max, i);
            (label.LabelAlignment, label.OffsetX, label.LabelFontSize) = (Alignment.MiddleLeft, 6, 11);
        }
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. rows.Select((m, i) => new Tick(i, m.Name))]);
        plot.Axes.SetLimits(0, rows.Max(m => m.Max) * 1.2, -0.6, rows.Count - 0.4);
        return plot;
    }

    static Plot Lines(IGrouping<string, GrowthRow> rows) => rows.Key is Growth.Epochs or Growth.Endurance ? OverEpochs(rows) : Grown(rows);

    /// <summary>Seconds of each epoch, and above them the memory of the process.</summary>
    static Plot OverEpochs(IGrouping<string, GrowthRow> rows)
    {
        var plot = Plots.Titled($"{rows.Count()} epochs: time and memory of each");
        var x = rows.Select(r => (double)r.Value).ToArray();
        var seconds = plot.Add.ScatterLine(x, rows.Select(r => r.Seconds).ToArray());
        var memory = plot.Add.ScatterLine(x, rows.Select(r => r.ResidentMegabytes).ToArray());
        (seconds.LegendText, memory.LegendText, memory.Axes.YAxis) = ("s an epoch (left)", "resident MB (right)", plot.Axes.Right);
        plot.Axes.SetLimitsY(0, 1.3 * rows.Max(r => r.Seconds), plot.Axes.Left);
        plot.Axes.SetLimitsY(0, 1.3 * rows.Max(r => r.ResidentMegabytes), plot.Axes.Right);
        plot.XLabel("epoch");
        plot.ShowLegend(ScottPlot.Edge.Bottom);
        return plot;
    }

    /// <summary>Seconds of an epoch over the setting, both axes logarithmic; beside them what the same speed throughout would be.</summary>
    static Plot Grown(IGrouping<string, GrowthRow> rows)
    {
        var plot = Plots.Titled($"an epoch over {rows.Key}");
        var x = rows.Select(r => Math.Log10(r.Value)).ToArray();
        var fastest = rows.Max(r => r.Gflop / r.Seconds);
        plot.Add.Scatter(x, rows.Select(r => Math.Log10(r.Seconds)).ToArray()).LegendText = "measured";
        plot.Add.Scatter(x, rows.Select(r => Math.Log10(r.Gflop / fastest)).ToArray()).LegendText = $"at {fastest:f0} GFLOP/s throughout";
        static string Power(double log) => Math.Pow(10, log).ToString("g2", CultureInfo.InvariantCulture);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. rows.Select(r => new Tick(Math.Log10(r.Value), $"{r.Value}"))]);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = Power };
        plot.XLabel(rows.Key);
        plot.YLabel("s an epoch");
        plot.ShowLegend(rows.Last().Seconds > rows.First().Seconds ? Alignment.UpperLeft : Alignment.UpperRight);
        return plot;
    }
}
