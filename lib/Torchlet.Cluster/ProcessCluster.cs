namespace Torchlet;

/// <summary>A script in one of several processes: a worker of a sweep, or a rank of an MPI job.</summary>
sealed class ProcessCluster : ICluster
{
    Ranks? ranks;

    /// <inheritdoc/>
    public void Join() => ranks ??= Cluster.Started is { } started ? new(started.Rank, started.Count) : null;

    /// <inheritdoc/>
    public void RunCells(
        IReadOnlyList<string> asked, string path, Func<IReadOnlyList<string>, ScriptConfig> read, Action<ScriptConfig, ScriptRuns> body,
        CancellationToken stop)
    {
        var script = new SweptScript(path, read, body, Console.Out);
        if (asked is [SweptScript.Serving, var requests, var answers]) script.Serve(WorkerSession.Open(requests, answers), stop);
        else script.Run(asked, stop);
    }

    /// <inheritdoc/>
    public void RunTogether(ScriptConfig config, string path, CancellationToken stop, Action<ScriptConfig, ScriptRuns> body) =>
        ranks!.Run(config, path, stop, body);

    /// <inheritdoc/>
    public void Fail(string message, int exitCode) => ranks!.Fail(message, exitCode);
}
