using System.Collections.Frozen;

namespace Torchlet;

/// <summary>Redraws the pictures of earlier runs from the files in their folders.</summary>
public static class Redraw
{
    const string Own = "04_regenerate_plots";

    // A script that is not named here is user-defined and has, like script 02, a log of epochs.
    static readonly FrozenDictionary<string, Func<RunFolder, IReadOnlyList<Picture>>> ByScript = new Dictionary<string, Func<RunFolder, IReadOnlyList<Picture>>>
    {
        ["01_infer_pretrained"] = run => DrawingPlots.IsOf(run) ? DrawingPlots.Of(run) : NewRows.IsOf(run) ? [] : InferencePlots.Of(run),
        ["03_compare_losses"] = StudyPlots.Of,
    }.ToFrozenDictionary();

    /// <summary>The folders that are named, each once, or the latest run of every script if none is. A link means the run that it leads to.</summary>
    /// <param name="named">Folders, those below outputs/ by their names there, or <c>latest</c>: the run that was begun or resumed last.</param>
    /// <exception cref="TorchletException">A folder does not exist, or there are no runs.</exception>
    public static IReadOnlyList<string> Folders(IReadOnlyList<string> named)
    {
        if (named.Count > 0) return [.. named.Select(Found).Select(RunPlaces.Behind).Distinct()];
        var latest = Latest();
        return latest.Count > 0 ? latest
            : throw new TorchletException($"{ProjectFolders.Outputs} holds no run yet; make one with script 01, 02 or 03, or name a folder.");
    }

    /// <summary>A stage that prints which pictures were redrawn, and on standard error which could not be.</summary>
    public static IEnumerable<Redrawn> Print(IEnumerable<Redrawn> runs) => runs | Pipe.Tap<Redrawn>(r =>
    {
        if (r.Error is { } error) Notice.Error(error.Message);
        else Console.WriteLine($"{Notice.Shown(r.Run.Folder)}: {string.Join(", ", r.Pictures)}");
    });

    /// <summary>Draws the pictures of each run, lazily. One that cannot be drawn does not keep the others from it.</summary>
    /// <param name="folders">The runs' folders.</param>
    /// <param name="others">Scripts whose pictures are drawn elsewhere: <c>("05_sweep", SweepPlots.Of)</c>.</param>
    public static IEnumerable<Redrawn> Each(
        IEnumerable<string> folders, params IEnumerable<(string Script, Func<RunFolder, IReadOnlyList<Picture>> Pictures)> others)
    {
        var drawers = ByScript.Concat(others.Select(other => KeyValuePair.Create(other.Script, other.Pictures))).ToFrozenDictionary();
        return folders.Select(folder => One(folder, drawers));
    }

    /// <summary>Draws the training runs among these over one another: losses.png and accuracies.png. Needs two of them.</summary>
    /// <returns>The folder drawn into; null if there were not two.</returns>
    public static RunFolder? Overlay(Run<RedrawConfig> run, IEnumerable<Redrawn> runs)
    {
        var trained = runs.Where(r => r.Error is null && r.IsTraining).Select(r => r.Run).ToList();
        if (trained.Count < 2) return null;
        var pictures = Plots.Overlay(trained);
        var home = Path.Combine(ProjectFolders.Outputs, run.Runs.Script);
        var into = NewRun.Create(run.Runs.Script, run.Config, data: null, device: null, home, DateTime.Now, runs: run.Runs);
        run.Runs.Add(into, into.Options);
        Picture.Save(pictures, into);
        return into;
    }

    /// <summary>Draws a training run and the one before it over one another, into the folder <c>watch</c> next to them.</summary>
    /// <returns>The picture of the losses; null if one of them has not trained.</returns>
    internal static string? OverLast(string before, string run)
    {
        RunFolder[] both = [new(before, ""), new(run, "")];
        if (!both.All(one => File.Exists(LogFiles.Log.In(one.Folder)))) return null;
        var pictures = Plots.Overlay(both);
        var into = new RunFolder(Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(run)!, "watch")).FullName, "");
        Picture.Save(pictures, into);
        return into.PathOf(pictures[0].File);
    }

    /// <summary>Ends a run in which something could not be drawn: what, has been said.</summary>
    /// <exception cref="TorchletException">Something could not be drawn.</exception>
    public static void Check(IReadOnlyCollection<Redrawn> runs)
    {
        var failed = runs.Count(r => r.Error is not null);
        if (failed > 0) throw new TorchletException($"{failed} of {Plural.Of(runs.Count, "run")} could not be drawn.");
    }

    /// <summary>The latest run of each script that draws.</summary>
    static IReadOnlyList<string> Latest() =>
        [.. RunPlaces.LatestOfEach().Where(run => Path.GetFileName(Path.GetDirectoryName(run)) != Own).Select(RunPlaces.Behind)];

    static string Found(string place) =>
        RunPlaces.Find(place, "") ?? (place == RunPlaces.Latest ? Latest().MaxBy(run => File.GetLastWriteTimeUtc(Path.Combine(run, RunRecord.FileName))) : null)
        ?? throw new TorchletException($"{Printable.Whole(place)} is not there; name a run's folder, or latest.");

    static Redrawn One(string folder, FrozenDictionary<string, Func<RunFolder, IReadOnlyList<Picture>>> drawers)
    {
        var run = new RunFolder(folder, "");
        var pictures = Reading.Of(folder, () =>
        {
            run = run with { Script = run.Record().Script };
            return (IReadOnlyList<string>)[.. RunPlaces.Within(folder).SelectMany(Drawn), .. Drawn(folder)];
        });
        return new(run, pictures.Value ?? [], pictures.Damage) { IsTraining = !drawers.ContainsKey(run.Script) };

        IEnumerable<string> Drawn(string part)
        {
            var drawn = run with { Folder = part };
            var pictures = drawers.GetValueOrDefault(run.Script, Plots.Of)(drawn);
            Picture.Save(pictures, drawn);
            var hasEvents = HasEvents(drawn);
            if (hasEvents) TensorBoard.Write(drawn);
            return pictures.Select(picture => picture.File).Concat(hasEvents ? [TensorBoard.FileName] : [])
                .Select(file => Path.GetRelativePath(folder, drawn.PathOf(file)));
        }
    }

    /// <summary>Whether a run's figures go to TensorBoard; of one that holds those of several seeds theirs do, not its own.</summary>
    static bool HasEvents(RunFolder run) => RunPlaces.Within(run.Folder).Count == 0
        // A run that had ended got its file from a later call, and says what began it.
        && (File.Exists(run.PathOf(TensorBoard.FileName)) || run.Record().Options.Contains((TensorBoard.Option, "true")));
}

/// <summary>Result of redrawing a run's pictures.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Pictures">The names of its pictures.</param>
/// <param name="Error">Why they could not be drawn; null if they were.</param>
public sealed record Redrawn(RunFolder Run, IReadOnlyList<string> Pictures, TorchletException? Error)
{
    /// <summary>Whether its pictures are those of a training, which can be drawn over one another.</summary>
    public bool IsTraining { get; init; } = true;
}
