using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Runs of many epochs, with everything that script 02 does to each.</summary>
public sealed class LongRunTests : IDisposable
{
    const int WarmUp = 20;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Sixty_epochs_keep_memory_tensors_and_file_handles() => Run(60, megabytes: 60);

    [LongFact]
    public void A_thousand_epochs_keep_memory_tensors_and_file_handles() => Run(1000, megabytes: 60);

    void Run(int epochs, long megabytes)
    {
        var config = new TrainConfig { Epochs = epochs, Out = Path.Combine(folder.Path, "run") };
        var data = Datasets.Load(SmallMnist.Write(folder.Path, train: 2000, test: 500));
        using var run = RunFolder.Create("02_train_cross_entropy", config, data, CPU, folder.Path, DateTime.UnixEpoch);
        var rows = new List<(long Tensors, int Handles, int OfTheRun, long Megabytes)>();

        var epochsDone = Training.Run(config, data, Losses.CrossEntropy) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run, config, data)
            | Checkpoint.KeepLast(run, config, data)
            | Pipe.Tap<Epoch>(_ => rows.Add((DisposeScopeManager.Statistics.ThreadTotalLiveCount, Handles().Count, Handles().Count(h => h.StartsWith(run.Folder, StringComparison.Ordinal)), ResidentMegabytes())))
            | Plots.Curves(run);

        var growth = rows.Max(r => r.Megabytes) - rows[WarmUp].Megabytes;
        TestContext.Current.TestOutputHelper!.WriteLine($"{rows[^1].Tensors} tensors, {rows[^1].Handles} handles, {rows[WarmUp].Megabytes} MB after epoch {WarmUp + 1}, at most {growth} more afterwards");
        Assert.Single(rows.Select(r => r.Tensors).Distinct());
        if (OperatingSystem.IsLinux()) Assert.All(rows, r => Assert.Equal(2, r.OfTheRun)); // The log and the lock.
        Assert.InRange(rows.Skip(WarmUp).Max(r => r.Handles) - rows[WarmUp].Handles, 0, epochs / 10); // The runtime has some of its own, which come and go.
        Assert.True(growth < megabytes, $"grew by {growth} MB");
        Assert.All(epochsDone, e => Assert.Null(e.State));
        Assert.Equal(Enumerable.Range(1, epochs).Select(i => $"{i}"), File.ReadLines(run.PathOf("log.csv")).Skip(1).Select(line => line.Split(',')[0]));
    }

    static IReadOnlyList<string> Handles() =>
        OperatingSystem.IsLinux() ? [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "")] : [];

    static long ResidentMegabytes()
    {
        GC.Collect(); // What the collector has not come to yet in this large process is no growth of the run.
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 >> 20;
    }
}
