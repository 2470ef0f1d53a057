using System.Diagnostics;
using System.Globalization;

namespace Torchlet.Tests;

/// <summary>Training on several ranks of the real Open MPI.</summary>
[Collection(Lane.Scripts)]
public sealed class RanksTests : IDisposable
{
    const string Small = "--data synthetic --limit 1100 --hidden 20 --lr 1e-3";

    readonly TemporaryFolder outputs = new();

    public void Dispose() => outputs.Dispose();

    /// <summary>
    /// 1,100 examples are two batches of 512 and one of 76, which three ranks share as 25, 25 and 26. Dropout draws the same numbers on all ranks.
    /// </summary>
    [Fact]
    public void Several_ranks_train_what_one_process_trains_also_when_resumed()
    {
        var one = Path.Combine(outputs.Path, "one");
        Assert.Equal(0, Alone($"{Small} --dropout 0.2 --epochs 3 --out {one}").ExitCode);
        foreach (var count in new[] { 1, 3 })
        {
            var folder = Path.Combine(outputs.Path, $"ranks-{count}");
            var outcome = Run(count, $"{Small} --dropout 0.2 --epochs 3 --plain --out {folder}");
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            Assert.Single(outcome.Output.Split('\n'), line => line.StartsWith("Epoch: 03", StringComparison.Ordinal));
            AssertSameLosses(one, folder);
            Assert.Equal(FilesOf(one), FilesOf(folder));
            Assert.Contains($"\"processes\": {count}", File.ReadAllText(Path.Combine(folder, "config.json")));
        }
        Assert.Equal(1 + 3, File.ReadLines(Path.Combine(outputs.Path, "index.csv")).Count()); // The first rank's alone.

        var run = Path.Combine(outputs.Path, "run");
        Assert.Equal(0, Run(2, $"{Small} --dropout 0.2 --epochs 2 --out {run}").ExitCode);
        var resumed = Run(3, $"--resume {run} --epochs 3");
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains("Resumed: after epoch 2", resumed.Output);
        AssertSameLosses(one, run);
    }

    [Fact]
    public void Each_of_several_seeds_is_shared()
    {
        var folder = Path.Combine(outputs.Path, "seeds");
        Assert.Equal(0, Run(2, $"{Small} --epochs 2 --seeds 0,1 --out {folder}").ExitCode);
        Assert.Equal(5, File.ReadLines(Path.Combine(folder, "log.csv")).Count());
        Assert.True(File.Exists(Path.Combine(folder, "seed-1", "best.safetensors")));
    }

    [Fact]
    public void Batch_norm_says_what_it_does()
    {
        var data = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(outputs.Path, "data")).FullName, train: 8, test: 8);
        var outcome = Run(2, $"--data {data} --model resnet --epochs 1 --out {outputs.Path}/run");
        Assert.Equal(0, outcome.ExitCode);
        Assert.StartsWith("warning: batch norm: each of 2 processes normalises its share", Assert.Single(outcome.ErrorLines));
    }

    [Fact]
    public void A_script_that_cannot_be_shared_is_refused()
    {
        var outcome = Run(2, "", "01_infer_pretrained");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("error: 01_infer_pretrained.csx trains no network whose batches 2 processes could share; start it without mpirun or srun.",
            Assert.Single(outcome.ErrorLines, line => line.StartsWith("error", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_wrong_on_all_ranks_is_said_once()
    {
        var divergent = Run(3, $"--data synthetic --limit 1100 --optimizer sgd --activation relu --lr 1e9 --out {outputs.Path}/run");
        Assert.Equal(1, divergent.ExitCode);
        Assert.Contains("the loss is NaN", Assert.Single(divergent.ErrorLines, line => line.StartsWith("error", StringComparison.Ordinal)));
        Assert.Equal("failed", File.ReadAllText(Path.Combine(outputs.Path, "run", "status")).Trim());
    }

    [Fact]
    public void One_that_is_asked_to_stop_stops_all()
    {
        var folder = Path.Combine(outputs.Path, "run");
        using var running = Begin(2, $"{Small} --epochs 100000 --out {folder}");
        running.Until(() => running.HasPrinted("Epoch: 02"));
        Kill("-USR1", RanksOf(folder)[^1]);
        var outcome = running.End();
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("interrupted; ", outcome.Error);
        Assert.Equal("interrupted", File.ReadAllText(Path.Combine(folder, "status")).Trim());
        var rows = File.ReadLines(Path.Combine(folder, "log.csv")).Count() - 1;
        Assert.Contains($"Resumed: after epoch {rows}", Alone($"--resume {folder} --epochs {rows + 1}").Output);
    }

    [Fact]
    public void One_that_dies_ends_all()
    {
        var folder = Path.Combine(outputs.Path, "run");
        using var running = Begin(3, $"{Small} --epochs 100000 --out {folder}");
        running.Until(() => running.HasPrinted("Epoch: 02"));
        Kill("-KILL", RanksOf(folder)[^1]);
        var outcome = running.End();
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Single(outcome.ErrorLines, line => line.Contains("exited on signal 9 (Killed)", StringComparison.Ordinal));
        Assert.Empty(RanksOf(folder));
    }

    [Fact]
    public void Processes_that_know_nothing_of_one_another_train_nothing()
    {
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, "scripts/02_train_cross_entropy.csx", $"{Small} --out {outputs.Path}/run",
            environment: [("SLURM_STEP_NUM_TASKS", "2"), ("SLURM_PROCID", "0"), .. Outputs]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("error: 2 processes were started", Assert.Single(outcome.ErrorLines)); // Without Open MPI it says what to install.
        Assert.False(Directory.Exists(Path.Combine(outputs.Path, "run")));
    }

    (string, string)[] Outputs => [(ProjectFolders.OutputsVariable, outputs.Path)];

    Outcome Alone(string arguments) => ScriptEngine.Run(ScriptEngine.Csx, "scripts/02_train_cross_entropy.csx", arguments, environment: Outputs);

    Outcome Run(int count, string arguments, string script = "02_train_cross_entropy")
    {
        using var running = Begin(count, arguments, script);
        return running.End();
    }

    RunningScript Begin(int count, string arguments, string script = "02_train_cross_entropy")
    {
        const string mpirun = "mpirun";
        Assert.SkipUnless(ScriptEngine.IsThere(mpirun), $"{mpirun} is not on the PATH (Debian's package openmpi-bin)");
        var host = Path.Combine(Natives.Folder, "Csx.dll");
        // As many as there are asked for, on any machine and for any user.
        return new(Process.Start(ScriptEngine.Info(mpirun,
            $"--allow-run-as-root --oversubscribe -n {count} dotnet \"{host}\" scripts/{script}.csx {arguments}", ProjectFolders.Root,
            [("XDG_CACHE_HOME", ScriptEngine.CacheFolder), .. Outputs]))!);
    }

    static int[] RanksOf(string folder) =>
    [
        .. from process in Directory.EnumerateDirectories("/proc")
           let number = int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var n) ? n : 0
           where number > 0 && Words(process) is ["dotnet", ..] words && words.Contains(folder)
           orderby number
           select number,
    ];

    static string[] Words(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
        }
        catch (IOException)
        {
            return []; // It has just ended.
        }
    }

    static void Kill(string signal, int process) => ScriptEngine.Start("kill", $"{signal} {process}", "/");

    static IEnumerable<string?> FilesOf(string folder) => Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    static void AssertSameLosses(string one, string other)
    {
        var (expected, actual) = (Losses(one), Losses(other));
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, pair.First * 1e-5));
    }

    static double[] Losses(string folder) =>
    [
        .. File.ReadLines(Path.Combine(folder, "log.csv")).Skip(1)
            .SelectMany(row => row.Split(',')[1..3]).Select(loss => double.Parse(loss, CultureInfo.InvariantCulture)),
    ];
}
