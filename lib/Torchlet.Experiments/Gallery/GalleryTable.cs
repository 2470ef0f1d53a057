using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>Several published results, each made again by a script of the gallery in a folder of its own.</summary>
public static class GalleryTable
{
    /// <summary>Runs a script of the gallery in a folder, or continues it there; does nothing if it has finished.</summary>
    /// <param name="script">The script's name.</param>
    /// <param name="folder">The folder of its run.</param>
    /// <param name="options">Its options, if it begins.</param>
    /// <param name="stop">Ends it at once; it continues from what is on disk.</param>
    /// <returns>Whether it has finished.</returns>
    /// <exception cref="CommandLineException">The script does not exist.</exception>
    public static bool Run(string script, string folder, IReadOnlyList<string> options, CancellationToken stop = default)
    {
        stop.ThrowIfCancellationRequested();
        var file = ScriptProcess.Find(Path.Combine("gallery", script));
        if (RunStatus.Of(folder) == RunStatus.Finished) return true;
        Console.WriteLine($"== {script}");
        using var process = ScriptProcess.Start(file, RunPlaces.HoldsRun(folder) ? ["--resume", folder, "--plain"] : ["--out", folder, .. options]);
        using var end = stop.Register(() => process.Kill(entireProcessTree: true));
        while (process.StandardOutput.ReadLine() is { } line) Console.WriteLine(line);
        process.WaitForExit();
        stop.ThrowIfCancellationRequested();
        return process.ExitCode == 0;
    }

    /// <summary>A table in Markdown of the results in several folders, as far as they have any: a row for each variant and measure, over its seeds.</summary>
    public static string Of(IEnumerable<string> folders)
    {
        var table = new StringBuilder("| source | variant | setting | epochs | measure | published | ours | seconds |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var row in folders.Where(LogFiles.Reproductions.IsIn).SelectMany(folder =>
                     LogFiles.Reproductions.Each(folder).GroupBy(o => (o.Source, o.Setting, o.Variant, o.Measure, o.Published, o.Epochs))))
            table.Append(CultureInfo.InvariantCulture,
                $"| {row.Key.Source} | {row.Key.Variant} | `{row.Key.Setting}` | {row.Key.Epochs} | {row.Key.Measure} | {row.Key.Published} | ")
                .Append(CultureInfo.InvariantCulture, $"{MeanDeviation.Of([.. row.Select(o => o.Ours)])} | {row.Average(o => o.Seconds):f1} |\n");
        return table.ToString();
    }
}
