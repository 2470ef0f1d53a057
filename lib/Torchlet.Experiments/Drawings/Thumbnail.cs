namespace Torchlet;

/// <summary>A picture of any size as a small square one.</summary>
public static class Thumbnail
{
    const int Channels = 3;

    /// <summary>
    /// The middle square of a picture, as large as it goes (torchvision's Resize and CenterCrop), laid over white, side × side: each pixel is the mean of
    /// the area that it covers there. A picture of that size stays as it is.
    /// </summary>
    /// <returns>Its red, green and blue, one after the other: [3, side, side].</returns>
    /// <exception cref="ArgumentOutOfRangeException">side is not above 0.</exception>
    public static byte[] Of(Pixels picture, int side)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
        var size = Math.Min(picture.Width, picture.Height);
        var (left, top) = ((picture.Width - size) / 2, (picture.Height - size) / 2);
        var covers = Enumerable.Range(0, side).Select(i => Cover(i, size, side)).ToArray();
        var small = new byte[Channels * side * side];
        var row = new float[Channels * size];
        for (var y = 0; y < side; y++)
        {
            Array.Clear(row);
            foreach (var (at, share) in covers[y])
                AddOverWhite(picture.Rgba.AsSpan(((top + at) * picture.Width + left) * 4, size * 4), share, row);
            for (var x = 0; x < side; x++)
                for (var c = 0; c < Channels; c++)
                    small[(c * side + y) * side + x] = Mean(row, covers[x], c);
        }
        return small;
    }

    /// <summary>Which of <paramref name="size"/> pixels in a row the i-th of <paramref name="side"/> covers, and the share of it that each one fills.</summary>
    static (int At, float Share)[] Cover(long i, int size, int side) =>
        [.. from at in Enumerable.Range((int)(i * size / side), (int)(((i + 1) * size - 1) / side - i * size / side) + 1)
            let covered = Math.Min((i + 1) * size, (at + 1L) * side) - Math.Max(i * size, (long)at * side)
            select (at, covered / (float)size)];

    static void AddOverWhite(ReadOnlySpan<byte> rgba, float share, Span<float> sums)
    {
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += Channels)
        {
            var opacity = rgba[from + 3] / 255f;
            for (var c = 0; c < Channels; c++) sums[to + c] += share * (rgba[from + c] * opacity + 255 * (1 - opacity));
        }
    }

    static byte Mean(ReadOnlySpan<float> row, (int At, float Share)[] cover, int channel)
    {
        var mean = 0f;
        foreach (var (at, share) in cover) mean += share * row[at * Channels + channel];
        return (byte)(mean + 0.5f);
    }
}
