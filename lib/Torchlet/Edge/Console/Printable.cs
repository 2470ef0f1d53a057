using System.Globalization;

namespace Torchlet;

/// <summary>Text out of a file that nobody vouches for, made fit for one line on a terminal.</summary>
static class Printable
{
    public const int Longest = 100;

    /// <summary>The text without characters that control the terminal, and cut where it is longer than a line.</summary>
    public static string Of(string text) =>
        string.Concat(text.Take(Longest).Select(c => Hidden(c) ? '?' : c)) + (text.Length > Longest ? "…" : "");

    static bool Hidden(char c) => char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
