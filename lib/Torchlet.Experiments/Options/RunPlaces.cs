using System.Globalization;

namespace Torchlet;

/// <summary>Where runs are: a person names one by its folder, or by its name below outputs/.</summary>
static class RunPlaces
{
    /// <summary>In a script's folder of runs, the link to the newest one.</summary>
    public const string Latest = "latest";

    /// <summary>The folder that a person means: any folder, else that of one of the script's own runs, or <c>latest</c>; null if there is none.</summary>
    public static string? Find(string place, string script) =>
        new[] { place, Path.Combine(ProjectFolders.Outputs, script, place) }.FirstOrDefault(Directory.Exists);

    /// <summary>The newest run of each script, by the scripts' names.</summary>
    public static IReadOnlyList<string> LatestOfEach() => !Directory.Exists(ProjectFolders.Outputs) ? []
        : [.. Directory.EnumerateDirectories(ProjectFolders.Outputs).Select(home => Path.Combine(home, Latest)).Where(HoldsRun).Order(StringComparer.Ordinal)];

    /// <summary>The name of a seed's run within the run of several seeds that holds it.</summary>
    public static string OfSeed(long seed) => $"seed-{seed.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The name of a variant's run from a seed, within the run that holds them all.</summary>
    public static string OfVariant(string variant, long seed) =>
        $"{string.Concat(variant.Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' ? c : '-'))}-{OfSeed(seed)}";

    /// <summary>The folders of the seeds' runs within that of a run.</summary>
    public static IReadOnlyList<string> Within(string folder) => !Directory.Exists(folder) ? []
        : [.. Directory.EnumerateDirectories(folder, "*seed-*").Where(HoldsRun).Order(StringComparer.Ordinal)];

    /// <summary>Whether a run was begun in the folder.</summary>
    public static bool HoldsRun(string folder) => File.Exists(Path.Combine(folder, RunRecord.FileName));

    /// <summary>The full path of a folder, or of the one that a link such as <c>latest</c> leads to.</summary>
    public static string Behind(string folder) =>
        new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
}
