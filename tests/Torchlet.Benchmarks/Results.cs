namespace Torchlet.Benchmarks;

/// <summary>The measurements as lines and as CSV files.</summary>
static class Results
{
    public static void Print(IReadOnlyList<Measurement> measurements)
    {
        foreach (var comparison in measurements.GroupBy(m => m.Comparison))
        {
            Console.WriteLine($"\n{comparison.Key,-44}{"median",9}{"min",9}{"max",9}{(comparison.Key == EpochContest.Parts ? "share" : "Torchlet/it"),14}");
            foreach (var m in comparison)
                Console.WriteLine($"  {m.Name,-42}{m.Median,9:g4}{m.Min,9:g4}{m.Max,9:g4} {m.Unit,-5}{m.Ratio,8:f3}");
        }
    }

    public static void Print(IReadOnlyList<GrowthRow> rows)
    {
        foreach (var setting in rows.GroupBy(r => r.Setting))
        {
            Console.WriteLine($"\n{setting.Key,-10}{"s",10}{"GFLOP/s",10}{"peak MB",10}");
            foreach (var r in setting) Console.WriteLine($"{r.Value,-10}{r.Seconds,10:f4}{r.Gflop / r.Seconds,10:f1}{r.PeakMegabytes,10:f0}");
        }
    }

    public static void Print(IReadOnlyList<Endurance> rows)
    {
        Console.WriteLine($"\n{"epoch",-10}{"s",10}{"resident MB",13}{"tensors",10}{"open files",12}");
        foreach (var r in rows.Where(r => r.Epoch % (rows.Count / 10) == 0))
            Console.WriteLine($"{r.Epoch,-10}{r.Seconds,10:f4}{r.ResidentMegabytes,13:f1}{r.LiveTensors,10}{r.OpenFiles,12}");
    }

    public static void Write(string path, IReadOnlyList<Measurement> measurements) => Write(path, measurements, m => new
    {
        comparison = m.Comparison, name = m.Name, unit = m.Unit, median = m.Median, min = m.Min, max = m.Max, ratio = m.Ratio,
    });

    public static void Write(string path, IReadOnlyList<GrowthRow> rows) => Write(path, rows, r => new
    {
        setting = r.Setting, value = r.Value, seconds = r.Seconds, gflop = r.Gflop, peak_mb = r.PeakMegabytes,
    });

    public static void Write(string path, IReadOnlyList<Endurance> rows) => Write(path, rows, r => new
    {
        epoch = r.Epoch, seconds = r.Seconds, resident_mb = r.ResidentMegabytes, live_tensors = r.LiveTensors, open_files = r.OpenFiles,
    });

    static void Write<T, C>(string path, IEnumerable<T> rows, Func<T, C> columns) =>
        AtomicFile.Write(path, file => _ = (rows | CsvLog.To(file, columns)).Count());
}
