using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchSharp;

namespace Torchlet.Benchmarks;

/// <summary>Cost of a training when one setting grows and the others stay. Each has its own process, and so its own peak of memory.</summary>
static class Growth
{
    public const string Hidden = "hidden", Batch = "batch", Examples = "examples", Epochs = "epochs", Threads = "threads", Ranks = "ranks";

    /// <summary>The first argument that makes the benchmark the process of one row.</summary>
    public const string Word = "growth-row";

    const int FewExamples = 2000, ExamplesOfRanks = 10_000; // Enough to tell an epoch's time, so that many epochs or ranks take no hour.

    /// <summary>The settings and their values. Epochs are of 2,000 images; ranks have 784-1000-1000-10, 10,000 images and one thread each.</summary>
    public static IEnumerable<GrowthRow> Run(BenchmarkConfig config, Dataset data, string folder)
    {
        foreach (var (setting, values) in new (string, int[])[]
        {
            (Hidden, [50, 100, 200, 500, 1000, 2000, 4000]), (Batch, [32, 128, 512, 2048, 8192]), (Examples, [1000, 3000, 10_000, 30_000, 60_000]),
            (Epochs, [10, 30, 100, 300, 1000]), (Threads, [.. Enumerable.Range(1, torch.get_num_threads())]),
        })
            foreach (var value in values) yield return InAProcess(setting, value, config, data);
        if (!HasMpi()) yield break;
        for (var ranks = 1; ranks <= 4; ranks++) yield return OfRanks(ranks, config, data, Path.Combine(folder, "runs"));
    }

    /// <summary>The process of one row: writes it as JSON.</summary>
    public static int Row(string[] args)
    {
        if (args is not [Word, var setting, var text, var folder, var device, var rounds]) return 2;
        var value = int.Parse(text, CultureInfo.InvariantCulture);
        if (setting == Threads) torch.set_num_threads(value);
        var data = Datasets.Load(folder).To(Devices.Pick(device));
        data = data with { Train = data.Train[..Math.Min(data.Train.Count, setting == Examples ? value : setting == Epochs ? FewExamples : int.MaxValue)] };
        var usual = new TrainConfig { Epochs = setting == Epochs ? value : int.Parse(rounds, CultureInfo.InvariantCulture) + 1 };
        var recipe = (setting switch
        {
            Hidden => usual with { Hidden = [value, 100] },
            Batch => usual with { BatchSize = value },
            _ => usual,
        }).Recipe(data);
        var seconds = (Training.Epochs(recipe, data) | Clock.Time).Select(e => e.Elapsed.TotalSeconds).ToList();
        var gflop = Gflop(recipe.Net(data), data);
        using var process = Process.GetCurrentProcess();
        var peak = process.PeakWorkingSet64 / 1048576.0;
        Console.WriteLine(JsonSerializer.Serialize(setting == Epochs
            ? new GrowthRow(setting, value, seconds.Sum(), gflop * value, peak)
            : new GrowthRow(setting, value, Measurement.MedianOf(seconds[1..]), gflop, peak)));
        return 0;
    }

    /// <summary>
    /// Two operations a weight and an example: forward, for the weights' gradient, and, but for the first layer, for its input's;
    /// the test set forward alone.
    /// </summary>
    public static double Gflop(Net net, Dataset data)
    {
        var weights = net.Parameters.Where(Slot.IsWeight).Select(slot => (double)slot.Count).ToList();
        return 2e-9 * (data.Train.Count * (3 * weights.Sum() - weights[0]) + data.Test.Count * weights.Sum());
    }

    static GrowthRow InAProcess(string setting, int value, BenchmarkConfig config, Dataset data) =>
        JsonSerializer.Deserialize<GrowthRow>(ChildProcess.Run("dotnet",
            [typeof(Growth).Assembly.Location, Word, setting, $"{value}", data.Source, config.Device, $"{config.Rounds}"]).Lines[^1])!;

    static bool HasMpi()
    {
        try
        {
            _ = ChildProcess.Run("mpirun", ["--version"]);
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.WriteLine("skipped: ranks, since mpirun is not installed (Debian: apt install openmpi-bin)");
            return false;
        }
    }

    static GrowthRow OfRanks(int ranks, BenchmarkConfig config, Dataset data, string outputs)
    {
        var run = Path.Combine(outputs, "ranks");
        var shape = new TrainConfig { Hidden = [1000, 1000] };
        var cost = ChildProcess.Run("mpirun",
        [
            "--allow-run-as-root", "--oversubscribe", "-n", $"{ranks}", "dotnet", Path.Combine(Natives.Folder, "Csx.dll"),
            Path.Combine(ProjectFolders.Root, "scripts", "02_train_cross_entropy.csx"), "--hidden", string.Join(',', shape.Hidden), "--threads", "1",
            "--limit", $"{ExamplesOfRanks}", "--epochs", $"{config.Rounds + 1}", "--data", data.Source, "--plain", "--out", run,
        ], (ProjectFolders.OutputsVariable, outputs));
        var seconds = File.ReadLines(Path.Combine(run, "log.csv")).Skip(2).Select(line => double.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture));
        var few = data with { Train = data.Train[..ExamplesOfRanks] };
        var row = new GrowthRow(Ranks, ranks, Measurement.MedianOf([.. seconds]), Gflop(shape.Recipe(few).Net(few), few), cost.PeakMegabytes);
        Directory.Delete(outputs, recursive: true);
        return row;
    }
}
