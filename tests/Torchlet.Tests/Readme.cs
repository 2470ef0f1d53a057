using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>The README and its Korean twin, as far as a machine can read them.</summary>
static partial class Readme
{
    public const string English = "README.md", Korean = "README.ko.md", Options = "docs/options.md", Api = "docs/api.md";

    /// <summary>
    /// The code blocks of a language that stand in a file, from a heading on to the next one of the same rank;
    /// all of the file's where no heading is named.
    /// </summary>
    public static IReadOnlyList<string> Code(string file, string language = "", string? heading = null)
    {
        var text = File.ReadAllText(Path.Combine(ProjectFolders.Root, file));
        if (heading is not null)
        {
            var section = text[text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal)..];
            var next = section.IndexOf("\n## ", 1, StringComparison.Ordinal);
            text = next < 0 ? section : section[..next];
        }
        return [.. Block().Matches(text).Where(m => language == "" || m.Groups["language"].Value == language).Select(m => m.Groups["code"].Value)];
    }

    /// <summary>The command lines in the table of what a reader may want: a script and its options.</summary>
    public static IReadOnlyList<string> Wishes(string file) =>
        [.. Wish().Matches(File.ReadAllText(Path.Combine(ProjectFolders.Root, file))).Select(m => m.Groups["line"].Value)];

    [GeneratedRegex(@"^\|.*\| `(?<line>scripts/[^`]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Wish();

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
