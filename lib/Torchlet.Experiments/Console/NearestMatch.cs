namespace Torchlet;

/// <summary>The known word that is nearest to a mistyped one.</summary>
static class NearestMatch
{
    /// <summary>
    /// The first candidate that begins with the word, else the one that is fewest typing errors away from it; null where even that
    /// one differs in more than a third of its letters.
    /// </summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        var all = candidates.ToList();
        return word.Length > 1 && all.FirstOrDefault(c => c.StartsWith(word, StringComparison.Ordinal)) is { } begun ? begun
            : all.Where(c => Distance(word, c) <= Math.Max(1, c.Length / 3)).MinBy(c => Distance(word, c));
    }

    /// <summary>
    /// How many letters must be put in, left out, replaced, or swapped with their neighbour, to make one word of the other.
    /// Source: F. Damerau, "A technique for computer detection and correction of spelling errors", CACM 7 (1964), as optimal string alignment.
    /// </summary>
    internal static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
            {
                d[i, j] = i == 0 || j == 0 ? i + j
                    : Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
