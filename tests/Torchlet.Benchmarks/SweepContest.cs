namespace Torchlet.Benchmarks;

/// <summary>A sweep side by side and one cell after the other, what it takes beyond its cells, and what planning a large one takes.</summary>
static class SweepContest
{
    const int WarmUp = 1; // The first one compiles the scripts.

    const string Grid = "--grid=lr=1e-4,2e-4,4e-4,8e-4";

    /// <summary>Time of a sweep.</summary>
    /// <param name="CellsPerMinute">Cells over the time of the whole process.</param>
    /// <param name="Beyond">Its seconds beyond those of its cells: the start and the end of everything, and what the first cells take longer.</param>
    sealed record SweepCost(double CellsPerMinute, double Beyond);

    public static IReadOnlyList<Measurement> Run(BenchmarkConfig config, Dataset data, string folder)
    {
        var outputs = Path.Combine(folder, "sweeps");
        var cores = Math.Min(Environment.ProcessorCount, 8); // Sixteen cells tell nothing of more.
        ProcessCost Sweep(params string[] options) => ChildProcess.RunScript(
            Path.Combine(ProjectFolders.Root, "scripts", "05_sweep.csx"), outputs, ["02_train_cross_entropy", "--data", data.Source, .. options]);
        SweepCost Cells(int jobs, int threads)
        {
            var place = Path.Combine(outputs, Guid.NewGuid().ToString("n"));
            var whole = Sweep(Grid, "--seeds", "0..3", "--epochs", "2", "--jobs", $"{jobs}", "--threads", $"{threads}", "--out", place).Seconds;
            var ends = Directory.GetFiles(Path.Combine(place, "cells"), "*.json").Select(File.GetLastWriteTimeUtc).Order().ToList();
            var pace = (ends[^1] - ends[0]).TotalSeconds / (ends.Count - jobs); // The first ones of all processes end at about the same time.
            return new(60 * ends.Count / whole, whole - ends.Count * pace);
        }

        var sweeps = Contest.Alternate<SweepCost>(config.Rounds, WarmUp,
        [
            ($"Torchlet, {cores} side by side, a thread each", () => Cells(cores, 1)),
            ($"one after the other, {cores} threads", () => Cells(1, cores)),
        ]);
        var plans = Contest.Alternate<ProcessCost>(config.Rounds, WarmUp,
        [
            ("Torchlet, 10,000 cells", () => Sweep(Grid, "--seeds", "0..2499", "--dry-run")),
            ("the same of 16 cells", () => Sweep(Grid, "--seeds", "0..3", "--dry-run")),
        ]);
        Directory.Delete(outputs, recursive: true);
        return
        [
            .. Measurement.Of("a sweep's cells, 2 epochs each, 16 of them", "/min", sweeps, c => c.CellsPerMinute),
            .. Measurement.Of("the same sweep, beyond its cells", "s", sweeps, c => c.Beyond),
            .. Measurement.Of("planning a sweep", "s", plans, c => c.Seconds),
            .. Measurement.Of("planning a sweep, peak memory", "MB", plans, c => c.PeakMegabytes),
        ];
    }
}
