using System.Diagnostics;

namespace Torchlet;

/// <summary>The engines that run a sweep's cells.</summary>
public static class SweepEngines
{
    /// <summary>Runs what is missing: here, or by what --on says.</summary>
    /// <returns>Whether that is over; not, where others are at work on it now.</returns>
    /// <exception cref="TorchletException">The program that is to run it is not there, or refuses.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static bool Run(Sweep sweep, RunFolder run, CancellationToken stop)
    {
        var missing = sweep.Missing(run.Folder);
        foreach (var _ in Enumerable.Range(0, sweep.Cells.Length - missing.Count)) run.Figures.Add();
        if (missing.Count == 0 || sweep.Config.On == "none") return true;
        if (sweep.Config.On == "local")
        {
            RunHere(sweep, run, missing, stop);
            return true;
        }
        var slices = Slices(sweep, run, missing, stop);
        missing = sweep.Missing(run.Folder); // The first cell may be done by now.
        if (missing.Count == 0) return true;
        if (sweep.Config.On == "parallel") return ClusterEngine.RunParallel(sweep, run, missing, Math.Min(slices, missing.Count));
        ClusterEngine.Submit(sweep, run, missing, Math.Min(slices, missing.Count));
        return false;
    }

    /// <summary>How many tasks to cut the cells into: as many as are asked for, or of ten minutes each, as the first cell tells that is run here.</summary>
    static int Slices(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, CancellationToken stop)
    {
        if (sweep.Config.Tasks is { } asked) return asked;
        Console.WriteLine("The first cell tells how long the others take; --tasks N goes without it.");
        var start = Stopwatch.GetTimestamp();
        RunHere(sweep, run, [missing[0]], stop);
        return JobScript.SlicesOf(missing.Count, Stopwatch.GetElapsedTime(start));
    }

    static void RunHere(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, CancellationToken stop)
    {
        var display = new SweepDisplay(sweep, run, missing.Count, LiveDisplay.Terminal(sweep.Config));
        display.Begin();
        try
        {
            LocalEngine.Run(sweep, run, missing, Show, stop);
        }
        finally
        {
            display.Close();
        }

        void Show(LocalEngine.Ended ended)
        {
            if (ended.Came == SweptScript.Done) run.Figures.Add();
            display.Show(ended);
        }
    }
}
