using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>The runs that a script has begun. They have its name, and end when it does: finished, interrupted or failed.</summary>
/// <param name="script">The script's name, without its ending.</param>
/// <param name="stop">Cancelled when the script is to stop.</param>
/// <param name="index">The index of runs; null for the one in outputs/.</param>
/// <param name="isListed">Whether the runs are in the index and behind <c>latest</c>: those of a sweep's cells belong to the sweep alone.</param>
/// <param name="processes">The processes that train together; null for this one alone.</param>
sealed partial class ScriptRuns(string script, CancellationToken stop = default, string? index = null, bool isListed = true, Processes? processes = null)
{
    sealed record Begun(RunFolder Run, string? Options, DateTimeOffset Time, long Start);

    readonly string index = index ?? RunIndex.Place;

    readonly List<Begun> begun = [];

    /// <summary>The script's name, without its ending.</summary>
    public string Script => script;

    /// <summary>The path of the script's file; null if there is none.</summary>
    public string? Source { get; init; }

    /// <summary>The command line that its runs record: the host, the script and the arguments. By default that of this process.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = Environment.GetCommandLineArgs();

    /// <summary>SHA-256 of the script's file and of those that it loads by #load, all but the library; null if there is none.</summary>
    public string? SourceHash => File.Exists(Source)
        ? Convert.ToHexStringLower(SHA256.HashData([.. Files(Path.GetFullPath(Source), []).SelectMany(RegularFile.Bytes)])) : null;

    /// <summary>Cancelled when the script is to stop.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Whether the runs are in the index and behind <c>latest</c>.</summary>
    public bool IsListed => isListed;

    /// <summary>The processes that train together; null for this one alone.</summary>
    public Processes? Processes => processes;

    /// <summary>The figures of the first run; null if there is none.</summary>
    public RunFigures? Figures => begun.FirstOrDefault()?.Run.Figures;

    /// <summary>Runs the script's body, and then ends each run that it has begun.</summary>
    /// <exception cref="InterruptedException">The body ended because it was to stop; the message says where its rows are.</exception>
    /// <exception cref="TorchletException">A run was begun to train, and no epoch of it was trained; or an option of it had no effect.</exception>
    public void During(Action body)
    {
        try
        {
            body();
            foreach (var run in begun) RunChecks.Check(run.Run, run.Time);
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested)
        {
            throw new InterruptedException(Interrupted(), e);
        }
        catch
        {
            End(RunStatus.Failed); // The failure is the greater news, and often the cause where this cannot be written.
            throw;
        }
        foreach (var complaint in End(RunStatus.Finished)) Notice.Warn(complaint);
    }

    /// <summary>Adds a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">Its options as <see cref="CommandLine.Differing"/> gives them; null for a run that the index does not list.</param>
    public void Add(RunFolder run, string? options) => begun.Add(new(run, options, DateTimeOffset.Now, Stopwatch.GetTimestamp()));

    /// <summary>Ends one of the runs as finished, before the script ends.</summary>
    /// <exception cref="TorchletException">No epoch of it was trained, or an option of it had no effect.</exception>
    public void Finish(RunFolder run)
    {
        var ended = begun.Single(b => ReferenceEquals(b.Run, run));
        RunChecks.Check(run, ended.Time);
        begun.Remove(ended);
        foreach (var complaint in End(ended, RunStatus.Finished)) Notice.Warn(complaint);
    }

    // The compiler reads #load more exactly; this is only for a warning.
    static IEnumerable<string> Files(string file, HashSet<string> seen) =>
        !seen.Add(file) || Path.GetFileName(file) == "torchlet.csx" || !File.Exists(file) ? []
        : Load().Matches(RegularFile.Text(file)).Select(match => match.Groups[1].Value)
            .SelectMany(loaded => Files(Path.GetFullPath(loaded, Path.GetDirectoryName(file)!), seen)).Prepend(file);

    [GeneratedRegex("(?m)^\\s*#load\\s+\"([^\"]+)")]
    private static partial Regex Load();

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
