using System.Collections.Immutable;
using System.IO.Compression;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// An IDX file on disk, raw or packed by gzip, whose header is known and fits the file's length. Its elements are read straight into a tensor's memory.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="What">What its elements are, for messages.</param>
/// <param name="Shape">The dimensions that it declares.</param>
sealed record IdxFile(string Path, string What, ImmutableArray<int> Shape)
{
    // Deflate's best: 258 bytes for two bits. At worst content grows by less than a hundredth; the rest is room for many small members and for padding.
    const int BestRatio = 1032, WorstRatio = 2, Padding = 1 << 20;

    // Read between two looks at whether to stop.
    const int Piece = 1 << 20;

    /// <summary>Looks at the file's header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">How many dimensions it must have: 3 for images, 1 for labels.</param>
    /// <param name="what">What its elements are, for messages.</param>
    /// <exception cref="TorchletException">The file is something else, or is shorter than it declares; the message names it and the error.</exception>
    public static IdxFile Of(string path, int dimensions, string what) => Reading(path, (file, content) =>
    {
        var start = new byte[Idx.HeaderLength(dimensions)];
        var shape = Idx.Shape(start.AsSpan(0, content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)), dimensions, what);
        if (content is GZipStream) CheckPacked(shape, file.Length, what);
        else Idx.Check(shape, file.Length - start.Length, what);
        return new IdxFile(path, what, [.. shape]);
    });

    /// <summary>Reads its elements.</summary>
    /// <exception cref="TorchletException">The file is damaged; the message names it and what is wrong.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public IdxContent Read(CancellationToken stop) => Reading(Path, (file, content) =>
    {
        var elements = empty([.. Shape.Select(n => (long)n)], ScalarType.Byte);
        try
        {
            Fill(content, elements, stop);
            if (content is not GZipStream gzip) return new IdxContent(elements, Idx.Sha256(elements.bytes, Shape.AsSpan()));
            CheckEnd((GzipBytes)gzip.BaseStream, stop);
            file.Position = 0;
            return new(elements, RegularFile.Sha256(file, stop));
        }
        catch
        {
            elements.Dispose();
            throw;
        }
    });

    /// <summary>Reads the header again and all elements.</summary>
    void Fill(Stream content, Tensor elements, CancellationToken stop)
    {
        var header = new byte[Idx.HeaderLength(Shape.Length)];
        content.ReadExactly(header);
        var into = elements.bytes;
        var at = 0;
        for (var count = 1; count > 0 && at < into.Length; at += count)
        {
            stop.ThrowIfCancellationRequested();
            count = content.Read(into.Slice(at, Math.Min(Piece, into.Length - at)));
        }
        if (content is GZipStream { BaseStream: GzipBytes { Beyond: > 1 } }) throw Damaged("it is cut off");
        Idx.Check(Shape.AsSpan(), at, What);
        // Also makes gzip compare its checksum, which is at the end.
        if (content.ReadByte() >= 0) throw new TorchletException($"holds more than the {header.Length + at} bytes that it says it holds");
    }

    static void CheckPacked(int[] shape, long length, string what)
    {
        var size = Idx.Size(shape);
        if (size > BestRatio * (Int128)length || length > WorstRatio * size + Padding)
            throw new TorchletException($"{Idx.Claim(shape, what)}, which do not take {length} bytes when packed by gzip");
        Idx.CheckFits(shape);
    }

    static void CheckEnd(GzipBytes packed, CancellationToken stop)
    {
        if (packed.Beyond > 1) throw Damaged("it is cut off");
        if (!packed.IsFollowedByZeros(stop)) throw Damaged("something else follows its end");
    }

    static Stream Content(FileStream file)
    {
        var magic = new byte[2];
        var isPacked = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
        file.Position = 0;
        return isPacked ? new GZipStream(new GzipBytes(file), CompressionMode.Decompress) : file;
    }

    /// <summary>Opens a file for a reader that says what is wrong with it, to which this adds the file's name and a remedy.</summary>
    static T Reading<T>(string path, Func<FileStream, Stream, T> read)
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            using var content = Content(file);
            return Unpacking(content, () => read(file, content));
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"{path} {e.Message}; replace it with a good copy.", e);
        }
    }

    static T Unpacking<T>(Stream content, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException) when (content is GZipStream { BaseStream: GzipBytes { Beyond: > 0 } })
        {
            throw Damaged("it is cut off");
        }
        catch (InvalidDataException)
        {
            throw Damaged("its content cannot be unpacked to what its checksum says");
        }
    }

    static TorchletException Damaged(string reason) => new($"is a damaged gzip file ({reason})");
}

/// <summary>The content of an IDX file.</summary>
/// <param name="Elements">uint8 of the dimensions that the file declares.</param>
/// <param name="Checksum">SHA-256 of the file on disk.</param>
sealed record IdxContent(Tensor Elements, string Checksum);
