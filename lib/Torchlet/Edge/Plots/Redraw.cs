namespace Torchlet;

/// <summary>Draws the pictures of earlier runs anew, from what stands in their folders.</summary>
public static class Redraw
{
    const string Script = "04_regenerate_plots";

    // A script that is not named here is someone's own and has, like script 02, a log of epochs.
    static readonly Dictionary<string, Func<RunFolder, IReadOnlyList<Picture>>> ByScript = new()
    {
        ["01_infer_pretrained"] = InferencePlots.Of,
        ["03_compare_losses"] = StudyPlots.Of,
    };

    /// <summary>The folders that are named, each once, or the latest run of every script if none is. A link stands for the run that it leads to.</summary>
    /// <exception cref="TorchletException">A folder is not there, or there is no run at all.</exception>
    public static IReadOnlyList<string> Folders(IReadOnlyList<string> named)
    {
        if (named.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
            throw new TorchletException($"{Printable.Whole(missing)} is not there; name a run's folder.");
        if (named.Count > 0) return [.. named.Select(RunFolder.Behind).Distinct()];
        var latest = Directory.Exists(ProjectFolders.Outputs)
            ? Directory.EnumerateDirectories(ProjectFolders.Outputs).Where(home => Path.GetFileName(home) != Script)
                .Select(home => Path.Combine(home, "latest")).Where(run => File.Exists(Path.Combine(run, RunRecord.FileName)))
                .Order(StringComparer.Ordinal).Select(RunFolder.Behind).ToList()
            : [];
        return latest.Count > 0 ? latest
            : throw new TorchletException($"{Printable.Whole(ProjectFolders.Outputs)} holds no run yet; make one with script 01, 02 or 03, or name a folder.");
    }

    /// <summary>Draws the pictures of each run, lazily. One that cannot be drawn does not keep the others from it.</summary>
    public static IEnumerable<Redrawn> Each(IEnumerable<string> folders) => folders.Select(One);

    /// <summary>Draws the training runs among these over one another: losses.png and accuracies.png. Needs two of them.</summary>
    /// <returns>The folder drawn into; null if there were not two.</returns>
    public static RunFolder? Overlay(RedrawConfig config, IEnumerable<Redrawn> runs)
    {
        var trained = runs.Where(r => r.Error is null && !ByScript.ContainsKey(r.Run.Script)).Select(r => r.Run).ToList();
        if (trained.Count < 2) return null;
        var pictures = Plots.Overlay(trained);
        var into = RunFolder.Create(Script, config);
        foreach (var picture in pictures) picture.Save(into);
        return into;
    }

    /// <summary>Ends a run in which something could not be drawn: what, has been said.</summary>
    /// <exception cref="TorchletException">Something could not be drawn.</exception>
    public static void Check(IReadOnlyCollection<Redrawn> runs)
    {
        var failed = runs.Count(r => r.Error is not null);
        if (failed > 0) throw new TorchletException($"{failed} of {runs.Count} runs could not be drawn.");
    }

    static Redrawn One(string folder)
    {
        var run = new RunFolder(folder, "");
        try
        {
            run = run with { Script = RunRecord.Of(run).Script };
            var pictures = ByScript.GetValueOrDefault(run.Script, Plots.Of)(run);
            foreach (var picture in pictures) picture.Save(run);
            return new(run, [.. pictures.Select(p => p.File)], null);
        }
        catch (TorchletException e)
        {
            return new(run, [], e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(run, [], new(e.Message, e));
        }
    }
}
