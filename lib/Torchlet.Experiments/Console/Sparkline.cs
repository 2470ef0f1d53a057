namespace Torchlet;

/// <summary>A curve in one line of text.</summary>
static class Sparkline
{
    const string Blocks = "▁▂▃▄▅▆▇█", Ascii = "_.-:=+*#";

    /// <summary>One letter for each value, from the lowest of them to the highest; ? for one that is no number.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="width">The most letters; more values are taken together, by their mean.</param>
    /// <param name="unicode">Whether the terminal shows more than ASCII.</param>
    public static string Of(IReadOnlyList<double> values, int width, bool unicode)
    {
        var cells = Enumerable.Range(0, Math.Min(width, values.Count)).Select(i => values.Skip(Start(i)).Take(Start(i + 1) - Start(i)).Average()).ToList();
        var finite = cells.Where(double.IsFinite).DefaultIfEmpty().ToList();
        var (low, high) = (finite.Min(), finite.Max());
        return string.Concat(cells.Select(cell =>
            !double.IsFinite(cell) ? '?' : (unicode ? Blocks : Ascii)[high > low ? (int)Math.Round((cell - low) / (high - low) * 7) : 0]));

        int Start(int cell) => (int)((long)cell * values.Count / Math.Min(width, values.Count));
    }
}
