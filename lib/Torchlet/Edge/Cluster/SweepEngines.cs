namespace Torchlet;

/// <summary>What runs a sweep's cells.</summary>
public static class SweepEngines
{
    /// <summary>Runs what is missing, here or as --on says.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static void Run(Sweep sweep, RunFolder run, CancellationToken stop)
    {
        var missing = sweep.Missing(run);
        foreach (var _ in Enumerable.Range(0, sweep.Cells.Length - missing.Count)) run.Figures.Add();
        if (missing.Count == 0 || sweep.Config.On == "none") return;
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
