using System.Text;
using ScottPlot;

namespace Torchlet;

/// <summary>Texts of any length, such as names of files, in the room that a picture has for them.</summary>
static class FittingText
{
    /// <summary>The text, with an ellipsis for its middle if it is wider than there is room: what it begins and ends with says most.</summary>
    /// <param name="text">The text.</param>
    /// <param name="style">The font that it is drawn in.</param>
    /// <param name="width">The room, in points.</param>
    public static string Of(string text, LabelStyle style, float width)
    {
        using var paint = Paint.NewDisposablePaint();
        var runes = text.EnumerateRunes().ToArray();
        return Enumerable.Range(0, runes.Length).Select(Without).FirstOrDefault(t => style.Measure(t, paint).Width <= width, text);

        string Without(int count) => count == 0 ? text
            : $"{string.Concat(runes[..((runes.Length - count + 1) / 2)])}…{string.Concat(runes[^((runes.Length - count) / 2)..])}";
    }
}
