namespace Torchlet;

/// <summary>The options of an earlier run, as its config.json has them.</summary>
static class SavedOptions
{
    /// <summary>The path of the config.json that <paramref name="place"/> is or holds.</summary>
    /// <exception cref="TorchletException">There is no such file.</exception>
    public static string FileOf(string place) =>
        Directory.Exists(place) && Path.Combine(place, RunRecord.FileName) is var inside ? File.Exists(inside) ? inside : throw new TorchletException($"--config {place}: the folder holds no {RunRecord.FileName}; name a run's folder or its {RunRecord.FileName}.")
        : File.Exists(place) ? place : throw new TorchletException($"--config {place}: there is no such file; name a run's folder or its {RunRecord.FileName}.");

    /// <summary>Every option with its value as it would be typed; null for one that was left to its default.</summary>
    /// <param name="file">A run's config.json.</param>
    /// <param name="script">The script that asks.</param>
    /// <exception cref="TorchletException">It is no run's config.json, or another script's.</exception>
    public static IReadOnlyList<(string Name, string? Value)> Read(string file, string script)
    {
        var run = RunRecord.Read(file);
        return run.Script == script ? run.Options : throw new TorchletException($"{file}: it is of a run of {Printable.Of(run.Script)}, and this is {script}.");
    }
}
