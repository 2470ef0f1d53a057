namespace Torchlet;

/// <summary>Finds the script that a person means by a path, a name or a number. Compiled into the script host, too.</summary>
static class ScriptNames
{
    const string Ending = ".csx";

    /// <summary>
    /// The file of that path, with or without its ending; else the script of that name or number in the folder that the path names, or, without one, in the
    /// current folder, scripts/ or scripts/gallery/: <c>02</c> is 02_train_cross_entropy.csx. Null if there is none, or more than one of that number.
    /// </summary>
    /// <param name="named">What the person typed.</param>
    /// <param name="root">The project's folder.</param>
    public static string? Find(string named, string root) =>
        new[] { named, named + Ending }.FirstOrDefault(File.Exists) is { } file ? Path.GetFullPath(file)
        : Matches(named, root) is [var only] ? only : null;

    /// <summary>One sentence on a name that <see cref="Find"/> does not find: what was probably meant, or what there is.</summary>
    public static string Complaint(string named, string root)
    {
        var shown = string.Concat(named.Select(c => char.IsControl(c) ? '?' : c));
        if (Directory.Exists(named)) return $"{shown} is a folder; name a {Ending} file in it.";
        if (Matches(named, root) is { Count: > 1 } several)
            return $"{shown} is the number of {several.Count} scripts; name one: {string.Join(", ", several.Select(NameOf))}.";
        return Nearest(NameOf(named), [.. Homes(named, root).SelectMany(ScriptsIn)]) is { } near
            ? $"{shown} is not there; did you mean {Shown(near)}?"
            : $"{shown} is not there; name a {Ending} file, or one of {string.Join(", ", All(root))}.";
    }

    /// <summary>The names of the project's scripts, without their ending.</summary>
    public static IEnumerable<string> All(string root) => Homes("", root).Skip(1).SelectMany(ScriptsIn).Select(NameOf);

    static IReadOnlyList<string> Matches(string named, string root) =>
        Homes(named, root).Select(home => ScriptsIn(home).Where(script => IsNamed(NameOf(script), NameOf(named))).ToList())
            .FirstOrDefault(found => found.Count > 0) ?? [];

    static IEnumerable<string> Homes(string named, string root)
    {
        var scripts = Path.Combine(root, "scripts");
        return (Path.GetDirectoryName(named) is { Length: > 0 } folder
                ? new[] { folder, Path.Combine(root, folder), Path.Combine(scripts, folder) }
                : [Environment.CurrentDirectory, scripts, Path.Combine(scripts, "gallery")])
            .Where(Directory.Exists).Select(Path.GetFullPath).Distinct();
    }

    static IEnumerable<string> ScriptsIn(string folder) => Directory.EnumerateFiles(folder, "*" + Ending).Order(StringComparer.Ordinal);

    static string NameOf(string path) =>
        Path.GetFileName(path) is var name && name.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ? name[..^Ending.Length] : name;

    static bool IsNamed(string script, string name) => script == name
        || NumberOf(name) is { } number && number == NumberOf(script.Split('_')[0]);

    static int? NumberOf(string text) => text.All(char.IsAsciiDigit) && int.TryParse(text, out var number) ? number : null;

    /// <summary>The script that a mistyped name is nearest to. Its number, and all of it that follows what was typed, may be missing.</summary>
    static string? Nearest(string name, IReadOnlyList<string> scripts)
    {
        if (NumberOf(name) is not null) return null;
        var typed = name.ToLowerInvariant();
        var spellings = (from script in scripts
                         let whole = NameOf(script).ToLowerInvariant()
                         from spelling in new[] { whole, whole[(whole.IndexOf('_') + 1)..] }
                         select (Script: script, Spelling: spelling)).ToList();
        return new Func<string, string>[] { s => s, s => s[..Math.Min(s.Length, typed.Length)] }
            .Select(cut => NearestMatch.Of(typed, spellings.Select(s => cut(s.Spelling))) is { } near
                ? spellings.First(s => cut(s.Spelling) == near).Script : null)
            .FirstOrDefault(script => script is not null);
    }

    static string Shown(string path) =>
        Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && relative.Length < path.Length ? relative : path;
}
