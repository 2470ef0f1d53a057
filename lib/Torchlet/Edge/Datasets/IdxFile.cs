using System.IO.Compression;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>An IDX file on disk, raw or packed by gzip, read straight into the tensor's memory.</summary>
static class IdxFile
{
    // Deflate's best: 258 bytes for two bits.
    const int GzipRatio = 1032;

    // A header of 10 bytes, an empty block of 2, checksum and length of 4 each.
    const int SmallestGzip = 20;

    /// <summary>The file's elements, and the SHA-256 of the file as it lies on disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">How many dimensions it must have: 3 for images, 1 for labels.</param>
    /// <param name="what">What its elements are, for messages.</param>
    /// <returns>uint8 of the dimensions that the file declares.</returns>
    /// <exception cref="TorchletException">It is no such file, or a damaged one; the message names it and what is wrong.</exception>
    public static (Tensor Elements, string Sha256) Read(string path, int dimensions, string what)
    {
        try
        {
            using var file = File.OpenRead(path);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
            var isPacked = IsGzip(file);
            using var content = isPacked ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            return (Read(content, isPacked ? UnpackedLength(file) : file.Length, dimensions, what), sha256);
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"{path} {e.Message}; replace it with a good copy.", e);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new TorchletException($"{path} is a damaged gzip file ({e.Message.TrimEnd('.')}); replace it with a good copy.", e);
        }
    }

    static Tensor Read(Stream content, long length, int dimensions, string what)
    {
        var start = new byte[Idx.HeaderLength(dimensions)];
        var shape = Idx.Shape(start.AsSpan(0, content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)), length, dimensions, what);
        var elements = empty([.. shape.Select(n => (long)n)], ScalarType.Byte);
        try
        {
            content.ReadExactly(elements.bytes);
            // Also makes gzip compare its checksum, which stands at the end.
            return content.ReadByte() < 0 ? elements : throw new TorchletException($"holds more than the {length} bytes that it says it holds");
        }
        catch
        {
            elements.Dispose();
            throw;
        }
    }

    static bool IsGzip(FileStream file)
    {
        file.Position = 0;
        var magic = new byte[2];
        var isGzip = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
        file.Position = 0;
        return isGzip;
    }

    /// <summary>What the last four bytes of a gzip file say: its content's length modulo 2³².</summary>
    static long UnpackedLength(FileStream file)
    {
        if (file.Length < SmallestGzip) throw new InvalidDataException($"it ends after {file.Length} bytes");
        var last = new byte[4];
        file.Seek(-4, SeekOrigin.End);
        file.ReadExactly(last);
        file.Position = 0;
        var length = BitConverter.ToUInt32(last);
        return length <= GzipRatio * file.Length ? length : throw new InvalidDataException($"{file.Length} bytes cannot unpack to {length}");
    }
}
