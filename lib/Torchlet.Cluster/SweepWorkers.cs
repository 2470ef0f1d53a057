using System.Collections.Concurrent;

namespace Torchlet;

/// <summary>
/// Processes that do what a sweep asks of its script. As many as are wanted start at once, before it is known what the cells are: a start takes longer
/// than that.
/// </summary>
/// <param name="script">The script's path.</param>
/// <param name="count">How many start.</param>
sealed class SweepWorkers(string script, int count) : IDisposable
{
    readonly ConcurrentBag<SweepWorker> idle = [.. Enumerable.Range(0, count).Select(_ => SweepWorker.Start(script))];

    /// <summary>A free worker; a new one if none is free.</summary>
    public SweepWorker Take()
    {
        while (idle.TryTake(out var worker))
        {
            if (!worker.HasExited) return worker;
            worker.Dispose();
        }
        return SweepWorker.Start(script);
    }

    /// <summary>Leaves one to others.</summary>
    public void Return(SweepWorker worker) => idle.Add(worker);

    /// <summary>Ends all free workers at once: their cells are done, and a process takes a while to unload libtorch.</summary>
    public void Dispose()
    {
        foreach (var worker in idle) worker.Dispose();
    }
}
