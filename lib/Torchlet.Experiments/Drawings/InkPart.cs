namespace Torchlet;

/// <summary>Ink that hangs together, by its sides or corners, and the box around it.</summary>
/// <param name="Pixels">The places of its pixels in the picture's row by row order.</param>
/// <param name="Left">The first column.</param>
/// <param name="Top">The first row.</param>
/// <param name="Right">The column after the last one.</param>
/// <param name="Bottom">The row after the last one.</param>
public sealed record InkPart(IReadOnlyList<int> Pixels, int Left, int Top, int Right, int Bottom)
{
    /// <summary>How many pixels it has.</summary>
    public int Area => Pixels.Count;

    /// <summary>The connected parts of what is not 0, in the order of their first pixels: a flood fill from each pixel that no part has yet.</summary>
    public static IReadOnlyList<InkPart> Of(GreyImage ink)
    {
        var (parts, seen) = (new List<InkPart>(), new bool[ink.Bytes.Length]);
        for (var i = 0; i < seen.Length; i++)
            if (ink.Bytes[i] > 0 && !seen[i])
                parts.Add(Flood(ink, i, seen));
        return parts;
    }

    /// <summary>The box around several parts.</summary>
    public static (int Left, int Top, int Right, int Bottom) Box(IReadOnlyCollection<InkPart> parts) =>
        (parts.Min(p => p.Left), parts.Min(p => p.Top), parts.Max(p => p.Right), parts.Max(p => p.Bottom));

    static InkPart Flood(GreyImage ink, int first, bool[] seen)
    {
        var (w, h) = (ink.Width, ink.Height);
        List<int> pixels = [first];
        seen[first] = true;
        for (var next = 0; next < pixels.Count; next++)
        {
            var (x, y) = (pixels[next] % w, pixels[next] / w);
            for (var v = Math.Max(0, y - 1); v <= Math.Min(h - 1, y + 1); v++)
                for (var u = Math.Max(0, x - 1); u <= Math.Min(w - 1, x + 1); u++)
                    if (v * w + u is var at && ink.Bytes[at] > 0 && !seen[at])
                    {
                        seen[at] = true;
                        pixels.Add(at);
                    }
        }
        return new(pixels, pixels.Min(p => p % w), pixels.Min(p => p / w), pixels.Max(p => p % w) + 1, pixels.Max(p => p / w) + 1);
    }
}

/// <summary>
/// Drawings that do not look like a digit. Fewer than one in two hundred of MNIST's digits are beyond each bound, and blank sheets, noise,
/// shadows, two digits side by side and line drawings are beyond one of them.
/// </summary>
public static class Oddity
{
    const double LeastInk = 0.045, MostInk = 0.31;

    // Width by height. Two digits side by side are wider, where they are not told apart by the gap between them.
    const double Widest = 1.7;

    const int MostPieces = 3, MostLoops = 2;

    // Of the picture's border: a figure that is cut off, a shadow or noise.
    const double MostOnBorder = 0.1;

    // Of the ink: the rest are specks.
    const double LeastInFigure = 0.7;

    // A piece with this share of the largest one's ink may be a figure of its own, if a gap of this share of the longer side is between them.
    const double Figure = 0.25, Gap = 0.06;

    // Of the box around the figure; a smaller one is a tear in a stroke.
    const double LeastLoop = 0.003;

    /// <summary>Why a drawing does not look like one digit; empty where it does.</summary>
    /// <param name="parts">The connected parts of the ink.</param>
    /// <param name="figure">The parts without specks, at least one.</param>
    /// <param name="picture">The picture that they are in.</param>
    /// <param name="frame">The figure in MNIST's frame.</param>
    public static string Of(IReadOnlyList<InkPart> parts, IReadOnlyList<InkPart> figure, GreyImage picture, GreyImage frame)
    {
        var (left, top, right, bottom) = InkPart.Box(figure);
        var ink = frame.Bytes.Average(v => (double)v) / byte.MaxValue;
        return OnBorder(figure, picture.Width, picture.Height) > MostOnBorder ? "ink runs along the edge of the picture"
            : (double)figure.Sum(p => p.Area) / parts.Sum(p => p.Area) < LeastInFigure ? "most of it is specks"
            : figure.Count > MostPieces ? $"it is in {figure.Count} pieces"
            : AreApart(figure, Gap * Math.Max(right - left, bottom - top)) ? "there are figures side by side"
            : right - left > Widest * (bottom - top) ? "it is too wide"
            : Loops(figure, picture.Width) is > MostLoops and var loops ? $"it has {loops} loops"
            : ink < LeastInk ? "there is too little ink"
            : ink > MostInk ? "there is too much ink"
            : "";
    }

    /// <summary>The share of a picture's outermost pixels that the ink covers, in [0, 1].</summary>
    public static double OnBorder(IReadOnlyList<InkPart> figure, int width, int height) =>
        figure.SelectMany(p => p.Pixels).Count(i => GreyImage.IsOnBorder(i, width, height)) / (2.0 * (width + height) - 4);

    /// <summary>Whether a column of at least so many pixels without ink is between two large pieces.</summary>
    public static bool AreApart(IReadOnlyList<InkPart> figure, double gap)
    {
        var large = figure.Where(p => p.Area >= Figure * figure.Max(q => q.Area)).OrderBy(p => p.Left).ToList();
        return large.Index().Skip(1).Any(p => p.Item.Left - large.Take(p.Index).Max(q => q.Right) >= gap);
    }

    /// <summary>How many stretches of paper the ink encloses.</summary>
    /// <param name="figure">The ink.</param>
    /// <param name="width">The width of the picture that it is in.</param>
    public static int Loops(IReadOnlyList<InkPart> figure, int width)
    {
        var (left, top, right, bottom) = InkPart.Box(figure);
        var ink = figure.SelectMany(p => p.Pixels).ToHashSet();
        // With a rim of paper, so that all paper outside is one part, the first.
        var paper = GreyImage.Of(right - left + 2, bottom - top + 2, (x, y) => ink.Contains((y + top - 1) * width + x + left - 1) && IsWithin(x, y) ? 0 : 255);
        return InkPart.Of(paper).Skip(1).Count(p => p.Area >= LeastLoop * (right - left) * (bottom - top));

        bool IsWithin(int x, int y) => x > 0 && x <= right - left && y > 0 && y <= bottom - top;
    }
}
