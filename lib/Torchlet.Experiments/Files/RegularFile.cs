using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Torchlet;

/// <summary>Files with a content that ends. A pipe, a device or a socket has none, and merely to open one may take for ever.</summary>
static class RegularFile
{
    // Characters or bytes; larger than any text that a run writes. A file may say that it has any length, without taking room on the disk.
    const int LongestText = 1 << 28;

    /// <summary>Whether such a file is at a path, or where a link there leads to.</summary>
    public static bool Is(string path) => SystemFile.At(path, followLinks: true)?.Kind == FileKind.Regular;

    /// <summary>Opens such a file, or the one that a link with its name leads to.</summary>
    /// <exception cref="TorchletException">It is empty, not there, or no file; the message says so without naming it.</exception>
    public static FileStream OpenRead(string path)
    {
        if (!Is(path)) throw Nothing();
        var file = SystemFile.OpenRead(path);
        if (file.Length > 0) return file;
        file.Dispose();
        throw Nothing();

        static TorchletException Nothing() => new("is empty or no regular file");
    }

    /// <summary>The file's bytes.</summary>
    /// <exception cref="TorchletException">It is not a file, or too large; the message names it.</exception>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public static byte[] Bytes(string path)
    {
        using var file = SystemFile.OpenRead(path);
        CheckLength(path, file, Array.MaxLength);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The file's text.</summary>
    /// <inheritdoc cref="Bytes(string)" path="/exception"/>
    public static string Text(string path) => Read(path, reader => reader.ReadToEnd());

    /// <summary>The file's first line; null if it is empty.</summary>
    /// <inheritdoc cref="Bytes(string)" path="/exception"/>
    public static string? FirstLine(string path) => Read(path, reader => reader.ReadLine());

    /// <summary>The file's lines.</summary>
    /// <inheritdoc cref="Bytes(string)" path="/exception"/>
    public static IEnumerable<string> Lines(string path)
    {
        using var text = new StringReader(Text(path));
        while (text.ReadLine() is { } line) yield return line;
    }

    /// <summary>Opens such a file for a reader that says what is wrong with it, to which this adds the file's name.</summary>
    /// <exception cref="TorchletException">The reader's, or the file cannot be read; the message names it.</exception>
    public static T Reading<T>(string path, Func<FileStream, T> read) => Naming(path, () =>
    {
        using var file = OpenRead(path);
        return read(file);
    });

    /// <summary>Reads a file or a folder, and adds its name to an error message.</summary>
    /// <exception cref="TorchletException">The reader's, or the place cannot be read; the message names it.</exception>
    public static T Naming<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"{Printable.Whole(path)} {e.Message}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchletException($"{Printable.Whole(path)} cannot be read ({AtomicFile.Reason(e)}); make it readable, or take it away.", e);
        }
    }

    static T Read<T>(string path, Func<StreamReader, T> read)
    {
        using var file = SystemFile.OpenRead(path);
        CheckLength(path, file, LongestText);
        using var reader = new StreamReader(file);
        return read(reader);
    }

    static void CheckLength(string path, FileStream file, int most)
    {
        if (file.Length > most)
            throw new TorchletException(FormattableString.Invariant($"{path}: it has {file.Length:n0} bytes, more than any file of its kind; take it away."));
    }

    /// <summary>SHA-256 of what is left of an open file.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static string Sha256(FileStream file, CancellationToken stop) =>
        Convert.ToHexStringLower(SHA256.HashDataAsync(file, stop).AsTask().GetAwaiter().GetResult());
}

/// <summary>Reads forwards through <paramref name="bytes"/> and never past their end.</summary>
sealed class ByteReader(ReadOnlyMemory<byte> bytes)
{
    public int At { get; private set; }

    public int Left => bytes.Length - At;

    /// <summary>The next bytes, as a view: a declared length is checked here, before anyone allocates for it.</summary>
    public ReadOnlyMemory<byte> Take(ulong count)
    {
        if (count > (ulong)Left)
            throw new TorchletException(
                $"it ends too early: {count} bytes are wanted at byte {At} and {Left} are there; it is cut off or damaged, copy it again");
        var taken = bytes.Slice(At, (int)count);
        At += (int)count;
        return taken;
    }

    /// <summary>The bytes up to the next line feed, which is skipped.</summary>
    public ReadOnlySpan<byte> Line()
    {
        var length = bytes.Span[At..].IndexOf((byte)'\n');
        var line = Take(length < 0 ? (ulong)Left + 1 : (ulong)length + 1);
        return line.Span[..^1];
    }

    public byte U8() => Take(1).Span[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    public int I32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8).Span);
}
