using System.Diagnostics;
using TorchSharp;

namespace Torchlet.Benchmarks;

/// <summary>Memory after an epoch of a long training.</summary>
/// <param name="Epoch">Which one, from 1.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="ResidentMegabytes">Memory of the process after it.</param>
/// <param name="LiveTensors">Tensors that someone holds after it.</param>
/// <param name="OpenFiles">Of the process, after it; 0 where the system does not tell.</param>
sealed record Endurance(int Epoch, double Seconds, double ResidentMegabytes, long LiveTensors, int OpenFiles)
{
    const int Epochs = 1000, Examples = 2000;

    /// <summary>A thousand epochs over 2,000 images.</summary>
    public static IEnumerable<Endurance> Run(Dataset data)
    {
        var few = data with { Train = data.Train[..Examples], Test = data.Test[..Examples] };
        return Training.Epochs(new TrainConfig { Epochs = Epochs }.Recipe(few), few) | Clock.Time | (epochs => epochs.Select(Of));
    }

    static Endurance Of(Epoch epoch)
    {
        using var process = Process.GetCurrentProcess();
        return new(epoch.Index, epoch.Elapsed.TotalSeconds, process.WorkingSet64 / 1048576.0, DisposeScopeManager.Statistics.ThreadTotalLiveCount,
            Directory.Exists("/proc/self/fd") ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0);
    }
}
