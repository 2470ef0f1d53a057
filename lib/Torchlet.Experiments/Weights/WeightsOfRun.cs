using System.Globalization;

namespace Torchlet;

/// <summary>The weights file that --weights or --start names: a file, or a run, which means its best.safetensors.</summary>
static class WeightsOfRun
{
    // Their runs hold no weights, so that latest is the newest run that may.
    static readonly string[] WithoutWeights = ["01_infer_pretrained", "03_compare_losses", "04_regenerate_plots"];

    const int MostNamed = 6, MostCompared = 100;

    /// <summary>The file.</summary>
    /// <param name="place">A file; a run's folder; the name of a run below outputs/, with or without its script's; or <c>latest</c>.</param>
    /// <param name="option">The option that names it.</param>
    /// <exception cref="TorchletException">There is none, or there are several; the message says which to name.</exception>
    public static string Find(string place, string option = "--weights")
    {
        if (File.Exists(place)) return place;
        if (Folders(place) is not [var folder, .. var others])
            throw Wrong("no such file or run; name a weights file (.pkl, .pt, .safetensors or .npz), a run's folder, or latest");
        if (others is [var other, ..]) throw Wrong($"{Notice.Shown(folder)} and {Notice.Shown(other)} have that name; name one of them");
        var best = Path.Combine(folder, Checkpoint.Best);
        return File.Exists(best) ? best : throw Wrong(Within(folder) switch
        {
            [] when !RunPlaces.HoldsRun(folder) => $"{Notice.Shown(folder)} is a folder, and no run's; name a weights file, or a run's folder",
            [] => $"the run in {Notice.Shown(folder)} has no {Checkpoint.Best}, since no epoch of it has ended or it trains no single network; "
                + "name another run, or a weights file",
            var several => $"{Notice.Shown(folder)} has no {Checkpoint.Best} of its own; name one of the runs in it: {Named(folder, several)}",
        });

        TorchletException Wrong(string what) => new($"{option} {Printable.Of(place)}: {what}.");
    }

    static string[] Folders(string place)
    {
        if (Directory.Exists(place)) return [place];
        if (!Directory.Exists(ProjectFolders.Outputs) || Path.IsPathRooted(place)) return [];
        if (place == RunPlaces.Latest)
            return [.. RunPlaces.LatestOfEach().Where(run => !WithoutWeights.Contains(Path.GetFileName(Path.GetDirectoryName(run)))).Select(RunPlaces.Behind)
                .OrderByDescending(run => File.GetLastWriteTimeUtc(Path.Combine(run, RunRecord.FileName))).Take(1)];
        return [.. Directory.EnumerateDirectories(ProjectFolders.Outputs).Order(StringComparer.Ordinal).Prepend(ProjectFolders.Outputs)
            .Select(home => Path.Combine(home, place)).Where(Directory.Exists)];
    }

    /// <summary>The runs with weights within a run: of each seed, variant or cell.</summary>
    static IReadOnlyList<string> Within(string folder) =>
        [.. new[] { folder, Path.Combine(folder, "cells") }.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
            .Where(run => File.Exists(Path.Combine(run, Checkpoint.Best))).Order(StringComparer.Ordinal)];

    static string Named(string folder, IReadOnlyList<string> runs)
    {
        var names = string.Join(", ", runs.Take(MostNamed).Select(run => Path.GetRelativePath(folder, run))) + (runs.Count > MostNamed ? ", …" : "");
        var lowest = runs.Count > MostCompared ? null
            : runs.Select(run => (Run: run, Loss: LossOf(run))).Where(run => run.Loss is not null).MinBy(run => run.Loss).Run;
        return lowest is null ? names : $"{names} (the lowest test loss is that of {Path.GetRelativePath(folder, lowest)})";
    }

    static double? LossOf(string run) => double.TryParse(Weights.Read(Path.Combine(run, Checkpoint.Best)).Metadata.GetValueOrDefault("test_loss"),
        NumberStyles.Float, CultureInfo.InvariantCulture, out var loss) ? loss : null;
}
