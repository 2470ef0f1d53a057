using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Torchlet;

/// <summary>Pictures as people have them: PNG, JPEG and what else Skia decodes, turned as their EXIF data say.</summary>
static class PictureFile
{
    // A photo of fifty million pixels takes 200 MB. Of many, each processor has one at a time.
    const long MostPixels = 50_000_000, MostOfMany = 20_000_000, MostOnDisk = 500_000_000, MostBytes = 256L << 20;

    /// <summary>The picture in a file.</summary>
    /// <exception cref="TorchletException">It is none, or a damaged or an enormous one; the message names it.</exception>
    public static Pixels Read(string path) => Read(path, bytes => Decoded(bytes));

    /// <summary>A function of a picture file's bytes; <see cref="Decoded"/> returns the picture.</summary>
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
        using var codec = SKCodec.Create(bytes) ?? throw new TorchletException("is not a picture, or is damaged; replace it with a PNG or JPEG");
        // Twice the side leaves the last step to the mean over areas.
        var size = codec.GetScaledDimensions(side is { } small ? Math.Min(1, 2f * small / Math.Min(codec.Info.Width, codec.Info.Height)) : 1);
        var (width, height, most) = (size.Width, size.Height, side is null ? MostPixels : MostOfMany);
        // Only a JPEG that is stored line by line is decoded line by line: all else takes memory for the whole first.
        var whole = (long)codec.Info.Width * codec.Info.Height;
        if (whole > MostOnDisk || (IsSequentialJpeg(file) ? (long)width * height : whole) > most)
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

    /// <summary>Whether the file is a JPEG that is neither progressive nor lossless: its frame says so, before its pixels (ITU T.81, table B.1).</summary>
    static bool IsSequentialJpeg(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8])) return false;
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xff;)
        {
            var marker = file[at + 1];
            if (marker is 0xc0 or 0xc1) return true;
            if (marker is >= 0xc2 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc) or 0xda) return false;
            at += marker is 0xff ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }
        return false;
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
        // Offset of the upright picture's first pixel, and of its neighbours to the right and below.
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
