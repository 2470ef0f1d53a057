using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>Text out of a file that nobody vouches for, or a path that it may have named, made fit for one line on a terminal.</summary>
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

    static string Shown(IEnumerable<Rune> runes) => string.Concat(runes.Select(rune => Hidden(rune) ? "?" : rune.ToString()));

    static bool Hidden(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
