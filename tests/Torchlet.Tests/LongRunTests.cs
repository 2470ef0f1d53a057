namespace Torchlet.Tests;

/// <summary>Runs of many epochs: script 02 itself, in a process of its own, which tells after each epoch what it holds.</summary>
[Collection(Lane.MoreScripts)]
public sealed class LongRunTests : IDisposable
{
    const string Probe = """
        Pipe.Tap<Epoch>(_ =>
            {
                using var process = Process.GetCurrentProcess();
                var handles = Directory.Exists("/proc/self/fd")
                    ? Directory.GetFileSystemEntries("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "").ToList()
                    : [];
                Error.WriteLine(
                    $"{TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount} {handles.Count} "
                    + $"{handles.Count(h => h.StartsWith(training.Folder.Folder))} {process.WorkingSet64 >> 20}");
            })
        """;

    /// <summary>Eight batches an epoch of few examples.</summary>
    const string Small = "--batch-size 50";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Sixty_epochs_keep_memory_tensors_and_file_handles() => Run(60, warmUp: 20, megabytes: 30, Few(), Small);

    [Fact]
    public void Sixty_epochs_of_a_conv_net_with_state_and_noise_keep_them_too() => Run(60, warmUp: 30, megabytes: 30,
        Few(), Small, "Layers.Conv(4, 3) >> Layers.BatchNorm() >> Layers.Relu "
            + ">> Layers.MaxPool(2) >> Layers.Flatten >> Layers.Dropout(0.2) >> Layers.Dense(10)");

    [LongFact]
    public void A_thousand_epochs_keep_memory_tensors_and_file_handles() => Run(1000, warmUp: 20, megabytes: 30, Few(), Small);

    [Fact]
    public void Ten_epochs_of_MNIST_keep_them_and_print_the_notebooks_lines()
    {
        var (data, wanted) = (Shared.Mnist, GoldenLines.Wanted(seed: 1));
        Assert.Equal(wanted, GoldenLines.Printed(Run(wanted.Count, warmUp: 3, megabytes: 25, data, "--plain --seed 1")));
    }

    [LongFact]
    public void Thirty_epochs_of_MNIST_keep_them_too() => Run(30, warmUp: 3, megabytes: 50, Shared.Mnist);

    string Few() => SmallMnist.Write(folder.Path, train: 400, test: 100);

    string Run(int epochs, int warmUp, long megabytes, string data, string options = "", string? model = null)
    {
        var script = ScriptEngine.Write(folder.Path, "probed.csx", File.ReadAllText(Path.Combine(ProjectFolders.Root, "scripts", "02_train_cross_entropy.csx"))
            .Replace("| training.Draw", $"| {Probe} | training.Draw")
            .Replace("run.Recipe;", model is null ? "run.Recipe;" : $"run.Recipe with {{ Model = {model} }};"));
        var run = Path.Combine(folder.Path, "run");
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, script, $"--epochs {epochs} --data {data} --out {run} {options}");
        Assert.Equal(0, outcome.ExitCode);

        var rows = outcome.ErrorLines
            .Select(line => line.Split(' ').Select(long.Parse).ToArray())
            .Select(n => (Tensors: n[0], Handles: n[1], OfTheRun: n[2], Megabytes: n[3]))
            .ToList();
        var warm = rows.Skip(warmUp - 1).ToList();
        var growth = warm.Max(r => r.Megabytes) - warm[0].Megabytes;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{warm[0].Tensors} tensors, {warm[0].Handles} handles, {warm[0].Megabytes} MB after epoch {warmUp}, at most {growth} more afterwards");
        Assert.Equal(epochs, rows.Count);
        Assert.Single(rows.Select(r => r.Tensors).Distinct());
        if (OperatingSystem.IsLinux()) Assert.All(rows, r => Assert.Equal(2, r.OfTheRun)); // The log and the lock.
        Assert.InRange(warm.Max(r => r.Handles) - warm[0].Handles, 0, epochs / 10); // The runtime has some of its own, which come and go.
        Assert.True(growth < megabytes, $"grew by {growth} MB");
        Assert.Equal(Enumerable.Range(1, epochs).Select(i => $"{i}"), File.ReadLines(Path.Combine(run, "log.csv")).Skip(1).Select(line => line.Split(',')[0]));
        return outcome.Output;
    }
}
