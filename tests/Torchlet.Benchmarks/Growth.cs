using System.Diagnostics;
using TorchSharp;

namespace Torchlet.Benchmarks;

/// <summary>What an epoch costs where one setting grows and the others stay.</summary>
/// <param name="Setting">epochs, batch, hidden or threads.</param>
/// <param name="Value">Its value; of epochs, the epoch at hand.</param>
/// <param name="Seconds">Of an epoch: the median, or of epochs this one's.</param>
/// <param name="Gflop">Arithmetic of the epoch's matrix products, in 10⁹ operations.</param>
/// <param name="ResidentMegabytes">Memory of the process after it.</param>
/// <param name="LiveTensors">Tensors that someone holds after it.</param>
/// <param name="OpenFiles">Of the process, after it; 0 where the system does not tell.</param>
sealed record GrowthRow(string Setting, int Value, double Seconds, double Gflop, double ResidentMegabytes, long LiveTensors, int OpenFiles);

/// <summary>How training grows with its settings.</summary>
static class Growth
{
    public const string Epochs = "epochs", Batch = "batch", Hidden = "hidden", Threads = "threads", Endurance = "endurance";

    static readonly TrainConfig Usual = new();

    public static IEnumerable<GrowthRow> Run(Dataset data, int rounds)
    {
        foreach (var row in Each(Epochs, Usual, data, 100)) yield return row;
        foreach (var size in new[] { 32, 128, 512, 2048, 8192 }) yield return Median(Batch, size, Usual with { BatchSize = size }, data, rounds);
        foreach (var width in new[] { 50, 100, 200, 500, 1000, 2000 }) yield return Median(Hidden, width, Usual with { Hidden = [width, 100] }, data, rounds);
        var threads = torch.get_num_threads();
        for (var n = 1; n <= threads; n++)
        {
            torch.set_num_threads(n);
            yield return Median(Threads, n, Usual, data, rounds);
        }
        torch.set_num_threads(threads);
    }

    /// <summary>A thousand epochs over 2,000 images.</summary>
    public static IEnumerable<GrowthRow> Endure(Dataset data)
    {
        var few = data with { Train = data.Train[..2000], Test = data.Test[..2000] };
        return Each(Endurance, Usual, few, 1000);
    }

    static IEnumerable<GrowthRow> Each(string setting, TrainConfig config, Dataset data, int epochs) =>
        Training.Run((config with { Epochs = epochs }).Recipe(data), data)
            | Clock.Time | (rows => rows.Select(e => Row(setting, e.Index, e.Elapsed.TotalSeconds, config, data)));

    static GrowthRow Median(string setting, int value, TrainConfig config, Dataset data, int rounds)
    {
        var seconds = Each(setting, config, data, rounds + 1).Skip(1).Select(r => r.Seconds).ToList();
        return Row(setting, value, Measurement.MedianOf(seconds), config, data);
    }

    static GrowthRow Row(string setting, int value, double seconds, TrainConfig config, Dataset data)
    {
        using var process = Process.GetCurrentProcess();
        return new(setting, value, seconds, Gflop(config.Recipe(data).Net(data), data),
            process.WorkingSet64 / 1048576.0, DisposeScopeManager.Statistics.ThreadTotalLiveCount,
            Directory.Exists("/proc/self/fd") ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0);
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
}
