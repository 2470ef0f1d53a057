namespace Torchlet;

/// <summary>A picture of one channel, row by row from the top.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bytes">Width · Height brightnesses, 0 … 255.</param>
public sealed record GreyImage(int Width, int Height, byte[] Bytes)
{
    /// <summary>The brightness at a place.</summary>
    public byte this[int x, int y] => Bytes[y * Width + x];

    /// <summary>The longer side.</summary>
    public int Longer => Math.Max(Width, Height);

    /// <summary>The outermost pixels, each once.</summary>
    public IEnumerable<byte> Border => Bytes.Where((_, i) => IsOnBorder(i, Width, Height));

    /// <summary>Whether pixel i, row by row, is one of the outermost.</summary>
    internal static bool IsOnBorder(int i, int width, int height) => i % width == 0 || i % width == width - 1 || i / width == 0 || i / width == height - 1;

    /// <summary>The picture of a function of column and row: its values are rounded to the nearest byte, halves up, and cut at 0 and 255.</summary>
    public static GreyImage Of(int width, int height, Func<int, int, double> value)
    {
        var values = new byte[width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                values[y * width + x] = (byte)Math.Clamp(Math.Floor(value(x, y) + 0.5), 0, byte.MaxValue);
        return new(width, height, values);
    }

    /// <summary>The picture of a function of each pixel's brightness, rounded as <see cref="Of"/> does.</summary>
    public GreyImage Map(Func<int, double> value) => Of(Width, Height, (x, y) => value(this[x, y]));

    /// <summary>Light for dark: 255 − v.</summary>
    public GreyImage Negative() => Map(v => byte.MaxValue - v);

    /// <summary>
    /// The picture in another size by area averaging: a pixel is the mean of the rectangle that it covers, of whose outermost pixels only the
    /// covered part counts. So the mean of the whole stays, but for rounding.
    /// </summary>
    public GreyImage Resized(int width, int height) => Of(width, height, (x, y) =>
        Mean((double)x * Width / width, (x + 1.0) * Width / width, (double)y * Height / height, (y + 1.0) * Height / height));

    /// <summary>The picture with its longer side so long, its proportions kept, no side below one pixel.</summary>
    public GreyImage WithLonger(int length) => Resized(Scaled(Width, length), Scaled(Height, length));

    /// <summary>The brightest pixel of the square around each one, within the picture: (2·radius + 1)² pixels. Bright parts grow.</summary>
    public GreyImage Dilated(int radius) => Along(radius, dx: 1, dy: 0).Along(radius, dx: 0, dy: 1);

    /// <summary>The darkest pixel of the square around each one. Bright parts shrink.</summary>
    public GreyImage Eroded(int radius) => Negative().Dilated(radius).Negative();

    GreyImage Along(int radius, int dx, int dy) => Of(Width, Height, (x, y) =>
    {
        var (at, size) = dx == 1 ? (x, Width) : (y, Height);
        byte brightest = 0;
        for (var d = -Math.Min(radius, at); d <= Math.Min(radius, size - 1 - at); d++) brightest = Math.Max(brightest, this[x + d * dx, y + d * dy]);
        return brightest;
    });

    int Scaled(int side, int length) => Math.Max(1, (int)Math.Floor((double)side * length / Longer + 0.5));

    double Mean(double left, double right, double top, double bottom)
    {
        var sum = 0.0;
        for (var y = (int)top; y < bottom; y++)
        {
            var row = 0.0;
            for (var x = (int)left; x < right; x++) row += this[x, y] * (Math.Min(right, x + 1) - Math.Max(left, x));
            sum += row * (Math.Min(bottom, y + 1) - Math.Max(top, y));
        }
        return sum / ((right - left) * (bottom - top));
    }
}

/// <summary>A picture, row by row from the top, as a viewer shows it.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgba">Red, green, blue and opacity of each pixel, 0 … 255, the colours not multiplied by the opacity.</param>
public sealed record Pixels(int Width, int Height, byte[] Rgba);

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
    public static byte[] Of(Pixels picture, int side) => Of(picture, side, side);

    /// <summary>The same of the middle rectangle with the proportions of the small picture, width × height.</summary>
    /// <inheritdoc cref="Of(Pixels, int)" path="/exception"/>
    /// <returns>Its red, green and blue, one after the other: [3, height, width].</returns>
    public static byte[] Of(Pixels picture, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var (across, down) = ((int)Math.Max(1, Math.Min(picture.Width, (long)picture.Height * width / height)),
            (int)Math.Max(1, Math.Min(picture.Height, (long)picture.Width * height / width)));
        var (left, top) = ((picture.Width - across) / 2, (picture.Height - down) / 2);
        var columns = Enumerable.Range(0, width).Select(i => Cover(i, across, width)).ToArray();
        var small = new byte[Channels * width * height];
        var row = new float[Channels * across];
        for (var y = 0; y < height; y++)
        {
            Array.Clear(row);
            foreach (var (at, share) in Cover(y, down, height))
                AddOverWhite(picture.Rgba.AsSpan(((top + at) * picture.Width + left) * 4, across * 4), share, row);
            for (var x = 0; x < width; x++)
                for (var c = 0; c < Channels; c++)
                    small[(c * height + y) * width + x] = Mean(row, columns[x], c);
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
