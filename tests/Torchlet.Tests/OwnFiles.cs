using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace Torchlet.Tests;

/// <summary>Writes files as people have them of their own data.</summary>
static class OwnFiles
{
    /// <summary>A picture, lossless where its ending says PNG.</summary>
    public static string Picture(string path, int width, int height, Func<int, int, SKColor> colour)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Picture(width, height, colour, path.EndsWith(".png") ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg));
        return path;
    }

    public static byte[] Picture(int width, int height, Func<int, int, SKColor> colour, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, colour(x, y));
        using var data = bitmap.Encode(format, quality: 100);
        return data.ToArray();
    }

    public static SKColor Grey(int brightness) => new((byte)brightness, (byte)brightness, (byte)brightness);

    /// <summary>A folder of small grey pictures, some of each class, all different.</summary>
    public static string Pictures(string folder, int count = 5, params string[] classes)
    {
        foreach (var (label, name) in classes.Index())
            for (var i = 0; i < count; i++)
                Picture(Path.Combine(folder, name, $"{i}.png"), 28, 28, (x, y) => Grey((7 * label + 3 * i + x + y) % 256));
        return folder;
    }

    /// <summary>A .npz file as numpy.savez writes it: names, element types, shapes, bytes.</summary>
    public static string Npz(string path, params IEnumerable<(string Name, string Type, string Shape, byte[] Bytes)> arrays)
    {
        File.WriteAllBytes(path, Zip.Write([.. arrays.Select(a => ($"{a.Name}.npy", (ReadOnlyMemory<byte>)Npy(a.Type, a.Shape, a.Bytes)))]));
        return path;
    }

    static byte[] Npy(string type, string shape, byte[] bytes)
    {
        var header = Encoding.Latin1.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}\n");
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. header, .. bytes];
    }
}
