using System.Runtime.InteropServices;
using SkiaSharp;

namespace Torchlet;

/// <summary>Pictures as people have them: PNG, JPEG and what else Skia decodes, turned as their EXIF data say.</summary>
static class PictureFile
{
    // A photo of fifty million pixels takes 200 MB. Of many, each processor has one at a time.
    const long MostPixels = 50_000_000, MostOfMany = 20_000_000, MostBytes = 256L << 20;

    /// <summary>The picture in a file.</summary>
    /// <exception cref="TorchletException">It is none, or a damaged or an enormous one; the message names it.</exception>
    public static Pixels Read(string path) => Read(path, bytes => Decoded(bytes));

    /// <summary>What somebody makes of a picture file's bytes; <see cref="Decoded"/> gives the picture.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static T Read<T>(string path, Func<byte[], T> of) => RegularFile.Reading(path, file =>
    {
        if (file.Length > MostBytes) throw new TorchletException($"has {file.Length:n0} bytes; make it smaller than {MostBytes >> 20} MiB");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return of(bytes);
    });

    /// <summary>The picture in a file's bytes.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="side">
    /// Pixels a side that one of many is to be brought to; a JPEG is then decoded as small as its blocks allow, which takes less time and memory.
    /// </param>
    /// <exception cref="TorchletException">They are none, or a damaged or an enormous one; the message says so without naming the file.</exception>
    public static Pixels Decoded(byte[] file, int? side = null)
    {
        using var bytes = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(bytes) ?? throw new TorchletException("is no picture, or one that is damaged; replace it with a PNG or JPEG");
        // Twice the side leaves the last step to the mean over areas.
        var size = codec.GetScaledDimensions(side is { } small ? Math.Min(1, 2f * small / Math.Min(codec.Info.Width, codec.Info.Height)) : 1);
        var (width, height, most) = (size.Width, size.Height, side is null ? MostPixels : MostOfMany);
        if ((long)width * height > most)
            throw new TorchletException($"has {codec.Info.Width} × {codec.Info.Height} pixels; make it smaller than {most:n0} in all");
        var rgba = new byte[width * height * 4];
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        unsafe
        {
            fixed (byte* first = rgba)
                if (codec.GetPixels(info, (nint)first) is not SKCodecResult.Success and var result)
                    throw new TorchletException($"is a damaged picture ({result}); replace it with a good copy");
        }
        return Upright(new(width, height, rgba), codec.EncodedOrigin);
    }

    /// <summary>The picture as a PNG file, from which <see cref="Read"/> gives it back.</summary>
    public static byte[] Png(Pixels picture)
    {
        using var bitmap = Bitmap(picture);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    /// <summary>The picture as Skia draws it.</summary>
    public static SKBitmap Bitmap(Pixels picture)
    {
        var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        picture.Rgba.CopyTo(bitmap.GetPixelSpan());
        return bitmap;
    }

    /// <summary>The picture as it is held: its first row and column are where the camera says, one of the eight turns and reflections of a sheet.</summary>
    static Pixels Upright(Pixels picture, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.Default) return picture;
        var (w, h) = (picture.Width, picture.Height);
        // Where the upright picture's first pixel lies, and how far from it the ones to its right and below it lie.
        var (start, right, down) = origin switch
        {
            SKEncodedOrigin.TopRight => (w - 1, -1, w),
            SKEncodedOrigin.BottomRight => (w * h - 1, -1, -w),
            SKEncodedOrigin.BottomLeft => (w * (h - 1), 1, -w),
            SKEncodedOrigin.LeftTop => (0, w, 1),
            SKEncodedOrigin.RightTop => (w * (h - 1), -w, 1),
            SKEncodedOrigin.RightBottom => (w * h - 1, -w, -1),
            SKEncodedOrigin.LeftBottom => (w - 1, w, -1),
            _ => (0, 1, w),
        };
        var (width, height) = origin >= SKEncodedOrigin.LeftTop ? (h, w) : (w, h);
        var upright = new byte[picture.Rgba.Length];
        var from = MemoryMarshal.Cast<byte, uint>(picture.Rgba);
        var to = MemoryMarshal.Cast<byte, uint>(upright.AsSpan());
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                to[y * width + x] = from[start + y * down + x * right];
        return new(width, height, upright);
    }
}
