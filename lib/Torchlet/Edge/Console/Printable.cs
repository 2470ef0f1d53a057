using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>Text out of a file that nobody vouches for, made fit for one line on a terminal.</summary>
static class Printable
{
    public const int Longest = 100;

    /// <summary>The text without characters that control the terminal, and cut where it is longer than a line.</summary>
    public static string Of(string text) => text.Length <= Longest ? Visible(text) : Visible(text[..Longest]) + "…";

    /// <summary>The whole text without characters that control the terminal.</summary>
    public static string Visible(string text) => string.Concat(text.EnumerateRunes().Select(rune => IsHidden(rune) ? "?" : rune.ToString()));

    static bool IsHidden(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
