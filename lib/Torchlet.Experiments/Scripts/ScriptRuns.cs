using System.Diagnostics;

namespace Torchlet;

/// <summary>The runs that the script at work has begun. They bear its name and end when it does, as it does.</summary>
/// <param name="script">The script's name, without its ending.</param>
/// <param name="index">The index of runs.</param>
/// <param name="isListed">Whether the runs stand in the index, and the script's latest is one of them.</param>
/// <param name="processes">The processes that train together; null for this one alone.</param>
sealed class ScriptRuns(string script, string index, bool isListed, Processes? processes)
{
    sealed record Begun(RunFolder Run, string? Options, DateTimeOffset Time, long Start);

    static readonly AsyncLocal<ScriptRuns?> Current = new();

    readonly List<Begun> begun = [];

    /// <summary>Those of the script that this code is part of; null where it is part of none.</summary>
    public static ScriptRuns? AtWork => Current.Value;

    /// <summary>The script's name, without its ending.</summary>
    public string Script => script;

    /// <summary>Whether the runs stand in the index and behind latest: those of a sweep's cells belong to the sweep alone.</summary>
    public bool IsListed => isListed;

    /// <summary>The processes that train together; null for this one alone.</summary>
    public Processes? Processes => processes;

    /// <summary>What the first of them came to; null if there is none.</summary>
    public RunFigures? Figures => begun.FirstOrDefault()?.Run.Figures;

    /// <summary>Runs a script's body, and then ends each run that it has begun: finished, interrupted or failed.</summary>
    /// <param name="script">The script's name, without its ending.</param>
    /// <param name="body">What the script does.</param>
    /// <param name="stop">What the script is stopped by, if it is.</param>
    /// <param name="index">The index of runs; null for the one in outputs/.</param>
    /// <param name="isListed">Whether the runs are to stand there.</param>
    /// <param name="processes">The processes that train together; null for this one alone.</param>
    /// <returns>The runs.</returns>
    /// <exception cref="InterruptedException">The body ended because it was to stop; the message says where its rows are.</exception>
    public static ScriptRuns Within(
        string script, Action body, CancellationToken stop = default, string? index = null, bool isListed = true, Processes? processes = null)
    {
        var (outer, runs) = (Current.Value, new ScriptRuns(script, index ?? RunIndex.Place, isListed, processes));
        Current.Value = runs;
        try
        {
            body();
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested)
        {
            throw new InterruptedException(runs.Interrupted(), e);
        }
        catch
        {
            runs.End(RunStatus.Failed); // The failure is the greater news, and often the cause where this cannot be written.
            throw;
        }
        finally
        {
            Current.Value = outer;
        }
        foreach (var complaint in runs.End(RunStatus.Finished)) Notice.Warn(complaint);
        return runs;
    }

    /// <summary>Takes a run in.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">Its options as <see cref="CommandLine.Differing"/> gives them; null for a run that the index does not list.</param>
    public void Add(RunFolder run, string? options) => begun.Add(new(run, options, DateTimeOffset.Now, Stopwatch.GetTimestamp()));

    /// <summary>Ends one of the runs before the script does: it is finished.</summary>
    public void Finish(RunFolder run)
    {
        var ended = begun.Single(b => ReferenceEquals(b.Run, run));
        begun.Remove(ended);
        foreach (var complaint in End(ended, RunStatus.Finished)) Notice.Warn(complaint);
    }

    string Interrupted()
    {
        string[] news = [.. from b in begun
                         where b.Options is not null
                         let rows = b.Run.Figures.Rows
                         select $"{rows} finished {(rows == 1 ? "row is" : "rows are")} in {Notice.Shown(b.Run.Folder)}."];
        return string.Join(' ', (IEnumerable<string>)(End(RunStatus.Interrupted) is [_, ..] complaints ? complaints : news) switch
        {
            var none when !none.Any() => ["interrupted."],
            var some => ["interrupted;", .. some],
        });
    }

    /// <summary>Writes how the runs ended; gives what could not be written, each as a sentence.</summary>
    IReadOnlyList<string> End(string status) => [.. begun.SelectMany(b => End(b, status))];

    IEnumerable<string> End(Begun ended, string status)
    {
        var (run, seconds) = (ended.Run, Stopwatch.GetElapsedTime(ended.Start).TotalSeconds);
        string?[] complaints =
        [
            Try($"{run.Folder} does not say that the run is {status}", () => RunStatus.Write(run, status)),
            !isListed || ended.Options is not { } options ? null : Try($"{index} does not list the run in {run.Folder}",
                () => RunIndex.Add(index, RunIndex.Line(index, run, status, options, ended.Time, seconds))),
        ];
        run.Dispose();
        return complaints.OfType<string>();
    }

    static string? Try(string otherwise, Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (TorchletException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{otherwise} ({AtomicFile.Reason(e)}).";
        }
    }
}
