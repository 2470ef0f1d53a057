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
