using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>Warnings and errors outside a run's own output: one line each, on standard error.</summary>
public static class Notice
{
    // Long enough for a few paths; text from a foreign file may be of any length.
    const int Longest = 2000, Tail = 600;

    /// <summary>Prints a warning, in yellow on a terminal.</summary>
    public static void Warn(string message) =>
        Write(Console.IsErrorRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
            ? $"warning: {Line(message)}" : $"\e[33mwarning: {Line(message)}\e[0m");

    /// <summary>Prints what is wrong.</summary>
    public static void Error(string message) => Write($"error: {Line(message)}");

    /// <summary>Prints a line that is neither.</summary>
    internal static void Say(string message) => Write(Line(message));

    /// <summary>A path as a person would type it here, relative to the current folder where that is shorter, and fit for a terminal.</summary>
    public static string Shown(string path) =>
        Printable.Whole(Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && relative.Length < path.Length ? relative : path);

    /// <summary>A message as one line: nothing in it controls the terminal, and a very long one loses its middle, since its end says what to do.</summary>
    internal static string Line(string message) =>
        Printable.Whole(message.Length <= Longest ? message : $"{message[..(Longest - Tail)]} … {message[^Tail..]}");

    /// <summary>Opens standard error and loads what writing to it takes: a process without a file handle left could do neither, and so say nothing.</summary>
    internal static void Open()
    {
        try
        {
            _ = Console.Error;
            using var error = Console.OpenStandardError();
            error.Write([]);
        }
        catch (IOException)
        {
            // It is closed; the script runs anyway.
        }
    }

    static void Write(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (IOException)
        {
            // Standard error is full or closed. The exit code and the run's status still tell how it ended.
        }
    }
}

/// <summary>Text from an untrusted file, or a path that it names, made safe for one line on a terminal.</summary>
static class Printable
{
    public const int Longest = 100;

    /// <summary>The text without characters that control the terminal, and cut where it is longer than a line.</summary>
    public static string Of(string text)
    {
        var runes = text.EnumerateRunes().Take(Longest + 1).ToList();
        return runes.Count > Longest ? Shown(runes.Take(Longest)) + "…" : Shown(runes);
    }

    /// <summary>The same, but whole: a path that is cut leads nowhere.</summary>
    public static string Whole(string text) => Shown(text.EnumerateRunes());

    /// <summary>
    /// The text with the parts of Korean syllables joined: macOS writes names of files in parts (NFD), which fonts do not join. string.Normalize does nothing
    /// where .NET runs without ICU, as scripts do. Source: The Unicode Standard, 3.12.
    /// </summary>
    public static string Composed(string text)
    {
        const int syllables = 0xAC00, initials = 0x1100, vowels = 0x1161, beforeFinals = 0x11A7, initialCount = 19, vowelCount = 21, finalCount = 28;
        var joined = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            var last = joined.Length == 0 ? '\0' : joined[^1];
            if (last - initials is >= 0 and < initialCount && letter - vowels is >= 0 and < vowelCount)
                joined[^1] = (char)(syllables + ((last - initials) * vowelCount + letter - vowels) * finalCount);
            else if (last - syllables is >= 0 and < initialCount * vowelCount * finalCount and var place && place % finalCount == 0
                && letter - beforeFinals is > 0 and < finalCount)
                joined[^1] = (char)(last + letter - beforeFinals);
            else joined.Append(letter);
        }
        return $"{joined}";
    }

    static string Shown(IEnumerable<Rune> runes) => string.Concat(runes.Select(rune => Hidden(rune) ? "?" : rune.ToString()));

    static bool Hidden(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
