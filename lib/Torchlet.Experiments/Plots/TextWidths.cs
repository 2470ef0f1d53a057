using System.Text;
using ScottPlot;

namespace Torchlet;

/// <summary>A legend as wide as it is told, and as high as its entries then need.</summary>
/// <remarks>ScottPlot's own measures a legend below the axes as one line without an end, and cuts off whatever does not fit in there.</remarks>
/// <param name="width">In points.</param>
sealed class LegendOfWidth(float width) : ILegendLayout
{
    readonly ScottPlot.LegendLayouts.Wrapping rows = new();

    public LegendLayout GetLayout(Legend legend, LegendItem[] items, PixelSize maxSize, Paint paint) =>
        rows.GetLayout(legend, items, new PixelSize(width, float.PositiveInfinity), paint);

    /// <summary>The legend's height in points.</summary>
    public float HeightOf(Legend legend)
    {
        using var paint = Paint.NewDisposablePaint();
        return legend.GetLayout(PixelSize.Infinity, paint).LegendRect.Height;
    }
}

/// <summary>Texts of any length, such as names of files, in the room that a picture has for them.</summary>
static class FittingText
{
    /// <summary>The text in one line, with an ellipsis for its middle if it is wider than there is room: what it begins and ends with says most.</summary>
    /// <param name="text">The text.</param>
    /// <param name="style">The font that it is drawn in.</param>
    /// <param name="width">The room, in points.</param>
    public static string Of(string text, LabelStyle style, float width)
    {
        // Letters are wider than a point: only so many can fit, and measuring more takes time.
        var room = (int)width;
        var isLong = text.Length > 4 * room;
        var runes = Printable.Composed(Printable.Whole(isLong ? text[..(2 * room)] + text[^(2 * room)..] : text)).EnumerateRunes().ToArray();
        using var paint = Paint.NewDisposablePaint();
        if (!isLong && Fits(Of(runes))) return Of(runes);
        var (fitting, tooMany) = (0, Math.Min(room + 1, runes.Length));
        while (tooMany - fitting > 1)
        {
            var half = (fitting + tooMany) / 2;
            (fitting, tooMany) = Fits(Keeping(half)) ? (half, tooMany) : (fitting, half);
        }
        return Keeping(fitting);

        bool Fits(string shown) => style.Measure(shown, paint).Width <= width;
        string Keeping(int count) => $"{Of(runes[..((count + 1) / 2)])}…{Of(runes[^(count / 2)..])}";
        static string Of(Rune[] some) => string.Concat(some);
    }
}
