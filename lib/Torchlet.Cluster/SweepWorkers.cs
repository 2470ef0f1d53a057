using System.Collections.Concurrent;
using System.Diagnostics;

namespace Torchlet;

/// <summary>
/// Processes that do what a sweep asks of its script. As many as are wanted start at once, before it is known what the cells are: a start takes longer
/// than that.
/// </summary>
/// <param name="script">The script's path.</param>
/// <param name="count">How many start.</param>
sealed class SweepWorkers(string script, int count) : IDisposable
{
    readonly ConcurrentBag<Process> idle = [.. Enumerable.Range(0, count).Select(_ => ScriptProcess.Start(script, Cluster.CellsOption, SweptScript.Serving))];

    /// <summary>One that nobody else has; a new one if there is none.</summary>
    public Process Take()
    {
        while (idle.TryTake(out var worker))
        {
            if (!worker.HasExited) return worker;
            worker.Dispose();
        }
        return ScriptProcess.Start(script, Cluster.CellsOption, SweptScript.Serving);
    }

    /// <summary>Leaves one to others.</summary>
    public void Return(Process worker) => idle.Add(worker);

    /// <summary>Asks all to end that nobody has. What they were asked for is done, and a process takes a while to unload libtorch: so nobody waits.</summary>
    public void Dispose()
    {
        foreach (var worker in idle)
        {
            worker.StandardInput.Close();
            worker.Dispose();
        }
    }
}
