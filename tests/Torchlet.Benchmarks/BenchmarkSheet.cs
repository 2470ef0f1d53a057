using System.Globalization;
using ScottPlot;

namespace Torchlet.Benchmarks;

/// <summary>The measurements, as pictures.</summary>
static class BenchmarkSheet
{
    const int Columns = 3, Width = 760, Height = 360;

    /// <summary>A bar for each median, from min to max a whisker; Torchlet's own in another colour.</summary>
    public static IReadOnlyList<Plot> Bars(IEnumerable<Measurement> measurements) => [.. measurements.GroupBy(m => m.Comparison).Select(Bars)];

    /// <summary>Seconds over each setting, both axes logarithmic; next to them the time at constant speed.</summary>
    public static IReadOnlyList<Plot> Cost(IEnumerable<GrowthRow> growth) => [.. growth.GroupBy(r => r.Setting).Select(Cost)];

    /// <summary>The peak of memory over each setting, on axes on which a line is straight.</summary>
    public static IReadOnlyList<Plot> Memory(IEnumerable<GrowthRow> growth) => [.. growth.GroupBy(r => r.Setting).Select(Memory)];

    /// <summary>Seconds of each epoch, and above them the memory of the process.</summary>
    public static Plot Long(IReadOnlyList<Endurance> rows)
    {
        var plot = Plots.Titled($"{rows.Count} epochs: time and memory of each");
        var x = rows.Select(r => (double)r.Epoch).ToArray();
        var seconds = plot.Add.ScatterLine(x, rows.Select(r => r.Seconds).ToArray());
        var memory = plot.Add.ScatterLine(x, rows.Select(r => r.ResidentMegabytes).ToArray());
        (seconds.LegendText, memory.LegendText, memory.Axes.YAxis) = ("s an epoch (left)", "resident MB (right)", plot.Axes.Right);
        plot.Axes.SetLimitsY(0, 1.3 * rows.Max(r => r.Seconds), plot.Axes.Left);
        plot.Axes.SetLimitsY(0, 1.3 * rows.Max(r => r.ResidentMegabytes), plot.Axes.Right);
        plot.XLabel("epoch");
        plot.ShowLegend(ScottPlot.Edge.Bottom);
        return plot;
    }

    /// <summary>Writes plots side by side into one picture.</summary>
    public static void Save(IReadOnlyCollection<Plot> plots, string path)
    {
        var sheet = new Multiplot();
        sheet.RemovePlot(sheet.GetPlot(0));
        foreach (var plot in plots)
        {
            plot.ScaleFactor = 1; // A sheet lays plots of any other size over one another.
            sheet.AddPlot(plot);
        }
        var (columns, rows) = (Math.Min(plots.Count, Columns), (plots.Count + Columns - 1) / Columns);
        sheet.Layout = new ScottPlot.MultiplotLayouts.Grid(rows, columns);
        var image = sheet.Render(Width * columns, Height * rows);
        AtomicFile.Write(path, file => File.WriteAllBytes(file, image.GetImageBytes(ImageFormat.Png)));
    }

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

    static Plot Cost(IGrouping<string, GrowthRow> rows)
    {
        var plot = Plots.Titled($"{(rows.Key == Growth.Epochs ? "a training" : "an epoch")} over {rows.Key}");
        var x = rows.Select(r => Math.Log10(r.Value)).ToArray();
        var (ideal, legend) = Ideal([.. rows]);
        plot.Add.Scatter(x, rows.Select(r => Math.Log10(r.Seconds)).ToArray()).LegendText = "measured";
        plot.Add.Scatter(x, ideal.Select(Math.Log10).ToArray()).LegendText = legend;
        static string Power(double log) => Math.Pow(10, log).ToString("g2", CultureInfo.InvariantCulture);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. rows.Select(r => new Tick(Math.Log10(r.Value), $"{r.Value}"))]);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = Power };
        plot.XLabel(rows.Key);
        plot.YLabel("s");
        plot.ShowLegend(rows.Last().Seconds > rows.First().Seconds ? Alignment.UpperLeft : Alignment.UpperRight);
        return plot;
    }

    /// <summary>The seconds that there would be if nothing but the arithmetic, or the cores that share it, counted.</summary>
    static (IReadOnlyList<double> Seconds, string Legend) Ideal(IReadOnlyList<GrowthRow> rows)
    {
        if (rows[0].Setting is Growth.Threads or Growth.Ranks)
            return ([.. rows.Select(r => rows[0].Seconds / Math.Min(r.Value, Environment.ProcessorCount))], "one's time, shared by the cores");
        var fastest = rows.Max(r => r.Gflop / r.Seconds);
        return ([.. rows.Select(r => r.Gflop / fastest)], $"at {fastest:f0} GFLOP/s throughout");
    }

    static Plot Memory(IGrouping<string, GrowthRow> rows)
    {
        var plot = Plots.Titled($"peak memory over {rows.Key} (MB)");
        plot.Add.Scatter(rows.Select(r => (double)r.Value).ToArray(), rows.Select(r => r.PeakMegabytes).ToArray());
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.SetLimitsY(0, 1.2 * rows.Max(r => r.PeakMegabytes));
        plot.XLabel(rows.Key);
        return plot;
    }
}
