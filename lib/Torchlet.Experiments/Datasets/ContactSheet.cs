using SkiaSharp;

namespace Torchlet;

/// <summary>Many small images on one picture, to see at a glance what a data set holds.</summary>
public static class ContactSheet
{
    const int Rows = 10, Columns = 10, Zoom = 2, Gap = 20;

    /// <summary>The first 100 images of each split, ten by ten, the splits side by side.</summary>
    /// <param name="splits">Square images, [count, 1 or 3, side, side], uint8; where a split has fewer than 100, the rest of its place stays empty.</param>
    /// <returns>A PNG file's bytes.</returns>
    public static byte[] Png(params IReadOnlyList<Split> splits)
    {
        var width = splits.Sum(s => Columns * Side(s)) + Gap * (splits.Count - 1);
        using var sheet = new SKBitmap(width, splits.Max(s => Rows * Side(s)), SKColorType.Rgba8888, SKAlphaType.Opaque);
        sheet.Erase(SKColors.Gray);
        var left = 0;
        foreach (var split in splits)
        {
            Paste(split, sheet, left);
            left += Columns * Side(split) + Gap;
        }
        var size = new SKImageInfo(Zoom * sheet.Width, Zoom * sheet.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var zoomed = sheet.Resize(size, new SKSamplingOptions(SKFilterMode.Nearest));
        using var png = zoomed.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    static void Paste(Split split, SKBitmap sheet, int left)
    {
        var count = Math.Min(Rows * Columns, split.Count);
        using var first = split.Inputs.narrow(0, 0, count).cpu();
        var from = first.bytes;
        var to = sheet.GetPixelSpan();
        var (side, channels) = (Side(split), (int)split.Inputs.size(1));
        for (var i = 0; i < count; i++)
            for (var y = 0; y < side; y++)
                for (var x = 0; x < side; x++)
                {
                    var pixel = to[((i / Columns * side + y) * sheet.RowBytes + 4 * (left + i % Columns * side + x))..];
                    for (var c = 0; c < 3; c++) pixel[c] = from[((i * channels + c % channels) * side + y) * side + x];
                }
    }

    static int Side(Split split) => (int)split.Inputs.size(-1);
}
