using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Reads many picture files on all processors.</summary>
static class PictureReader
{
    const int Channels = 3;

    /// <summary>The name under which the checksum of all pictures stands.</summary>
    public const string Checksum = "all pictures";

    /// <summary>The pictures as square ones of one size, grey if all of them are.</summary>
    /// <param name="folder">The folder that all lie in.</param>
    /// <param name="side">Pixels a side.</param>
    /// <param name="classes">The name of each label.</param>
    /// <param name="parts">The files to learn from, to judge by, and to choose by, of which there may be none.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <returns>The data, with the SHA-256 of what sha256sum prints of the files in the order of their paths below the folder.</returns>
    /// <exception cref="TorchletException">A picture is damaged: the first of them; or there are too many.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Read(string folder, int side, ImmutableArray<string> classes, ImmutableArray<LabelledFile>[] parts, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        ImmutableArray<LabelledFile> files = [.. parts.SelectMany(part => part)];
        var (pixels, sums) = Pictures(folder, files, side, stop);
        var targets = tensor(files.Select(file => (long)file.Label).ToArray());
        var (train, test, validation) = (parts[0].Length, parts[0].Length + parts[1].Length, files.Length);
        return new("", Path.GetFullPath(folder), classes,
            ImmutableSortedDictionary<string, string>.Empty.Add(Checksum, SumOf(folder, files, sums)), Part(..train), Part(train..test))
        {
            Validation = test < validation ? Part(test..) : null,
        };

        Split Part(Range range)
        {
            var part = new Split(pixels, targets)[range];
            return new(part.Inputs.MoveToOuterDisposeScope(), part.Targets.MoveToOuterDisposeScope());
        }
    }

    /// <summary>All pictures, [count, 1 or 3, side, side], and the SHA-256 of each file.</summary>
    static (Tensor Pixels, string[] Sums) Pictures(string folder, ImmutableArray<LabelledFile> files, int side, CancellationToken stop)
    {
        var length = Channels * side * side;
        if ((long)files.Length * length > Array.MaxLength)
            throw new TorchletException(
                $"{folder} holds {files.Length:n0} pictures, too many of {side} × {side} pixels to fit into memory as one tensor; choose a smaller --side.");
        var (pixels, sums, isColoured) = (empty([files.Length, Channels, side, side], ScalarType.Byte), new string[files.Length], false);
        ForEach(files, stop, (i, path) => PictureFile.Read(path, bytes =>
        {
            var small = Thumbnail.Of(PictureFile.Decoded(bytes, side), side);
            small.CopyTo(pixels.bytes[(i * length)..]);
            sums[i] = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (!IsGrey(small)) isColoured = true;
            return small;
        }));
        return (isColoured ? pixels : pixels.narrow(1, 0, 1).contiguous(), sums);
    }

    /// <summary>Does something with each file, many at a time. Of several complaints that of the first file is made, whoever was faster.</summary>
    static void ForEach(ImmutableArray<LabelledFile> files, CancellationToken stop, Action<int, string> action)
    {
        var complaints = new ConcurrentBag<(int Index, TorchletException Complaint)>();
        Parallel.For(0, files.Length, new() { CancellationToken = stop, MaxDegreeOfParallelism = Environment.ProcessorCount }, (i, loop) =>
        {
            try
            {
                action(i, files[i].Path);
            }
            catch (TorchletException e)
            {
                complaints.Add((i, e));
                loop.Break();
            }
        });
        if (!complaints.IsEmpty) throw complaints.MinBy(c => c.Index).Complaint;
    }

    static bool IsGrey(ReadOnlySpan<byte> planes)
    {
        var length = planes.Length / Channels;
        return planes[..length].SequenceEqual(planes[length..^length]) && planes[..length].SequenceEqual(planes[^length..]);
    }

    static string SumOf(string folder, ImmutableArray<LabelledFile> files, string[] sums)
    {
        var lines = files.Zip(sums, (file, sum) => (Path: Path.GetRelativePath(folder, file.Path).Replace(Path.DirectorySeparatorChar, '/'), Sum: sum))
            .OrderBy(line => line.Path, StringComparer.Ordinal).Select(line => $"{line.Sum}  {line.Path}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }
}
