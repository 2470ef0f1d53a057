using SkiaSharp;

namespace Torchlet;

/// <summary>Pictures as people have them: PNG, JPEG and what else Skia decodes, turned as their EXIF data say.</summary>
static class PictureFile
{
    // A photo of a hundred million pixels takes 400 MB.
    const long MostPixels = 100_000_000, MostBytes = 1L << 30;

    /// <summary>The picture in a file.</summary>
    /// <exception cref="TorchletException">It is none, or a damaged or an enormous one; the message names it.</exception>
    public static Pixels Read(string path)
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            if (file.Length > MostBytes) throw new TorchletException($"is larger than {MostBytes >> 20} MiB");
            using var bytes = SKData.Create(file);
            using var codec = SKCodec.Create(bytes) ?? throw new TorchletException("is no picture, or one that is damaged; want PNG or JPEG");
            var (width, height) = (codec.Info.Width, codec.Info.Height);
            if ((long)width * height > MostPixels) throw new TorchletException($"has {width} × {height} pixels; make it smaller than {MostPixels:n0} in all");
            var rgba = new byte[width * height * 4];
            var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            unsafe
            {
                fixed (byte* first = rgba)
                    if (codec.GetPixels(info, (nint)first) is not SKCodecResult.Success and var result)
                        throw new TorchletException($"is a damaged picture ({result})");
            }
            return Turned(new(width, height, rgba), codec.EncodedOrigin);
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"{Printable.Of(path)} {e.Message}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchletException($"{Printable.Of(path)} cannot be read ({AtomicFile.Reason(e)}).", e);
        }
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

    /// <summary>The picture upright: its first row and column are where the camera says, one of the eight turns and reflections of a sheet.</summary>
    static Pixels Turned(Pixels picture, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.Default) return picture;
        var (w, h) = (picture.Width, picture.Height);
        var lies = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var (width, height) = lies ? (h, w) : (w, h);
        var upright = new byte[picture.Rgba.Length];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (fromX, fromY) = origin switch
                {
                    SKEncodedOrigin.TopRight => (w - 1 - x, y),
                    SKEncodedOrigin.BottomRight => (w - 1 - x, h - 1 - y),
                    SKEncodedOrigin.BottomLeft => (x, h - 1 - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, h - 1 - x),
                    SKEncodedOrigin.RightBottom => (w - 1 - y, h - 1 - x),
                    _ => (w - 1 - y, x),
                };
                picture.Rgba.AsSpan((fromY * w + fromX) * 4, 4).CopyTo(upright.AsSpan((y * width + x) * 4, 4));
            }
        return new(width, height, upright);
    }
}
