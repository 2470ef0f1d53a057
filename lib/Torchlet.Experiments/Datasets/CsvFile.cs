using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A data set as Kaggle and pandas keep one: a .csv with a label and numbers in each line (see <see cref="CsvTable.Read"/>). Where the numbers are the pixels
/// of square grey pictures they become [n, 1, side, side], uint8; any others are standardised. A fifth of each class is held out.
/// </summary>
static class CsvFile
{
    // Of smaller squares than 8 × 8, or of numbers that leave out half of a byte's range, who knows whether they are pictures.
    const int LeastSide = 8, LeastBright = 128;

    // Bytes: a picture of 400 × 400 pixels in three colours is a line of less than two million. Each field of the first line takes memory of its own.
    const int LongestLine = 1 << 21;

    /// <summary>Reads the file.</summary>
    /// <exception cref="TorchletException">It is no such table; the message names the file, the line and the column.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Read(string path, CancellationToken stop) => RegularFile.Reading(path, file =>
    {
        using var scope = NewDisposeScope();
        var checksum = Checked(file, stop);
        var (reader, remark) = TableText.Open(file, stop);
        using var text = reader;
        var table = CsvTable.Read(text, stop);
        var names = LabelNames.Checked(LabelNames.Distinct(table.Labels));
        var numbers = names.Index().ToDictionary(name => name.Item, name => name.Index);
        int[] labels = [.. table.Labels.Select(label => numbers[label])];
        var held = LabelNames.Held(labels, names);
        var (x, u) = Inputs(table.Rows, held.Train, held.Test);
        return new Dataset("", Path.GetDirectoryName(Path.GetFullPath(path))!, [.. names.Select(LabelNames.Shown)],
            ImmutableSortedDictionary<string, string>.Empty.Add(Path.GetFileName(path), checksum),
            new(x.MoveToOuterDisposeScope(), Targets(held.Train).MoveToOuterDisposeScope()),
            new(u.MoveToOuterDisposeScope(), Targets(held.Test).MoveToOuterDisposeScope()))
        {
            Note = remark is null ? HoldOut.Note : $"{HoldOut.Note}; {remark}",
        };

        Tensor Targets(ImmutableArray<int> places) => tensor(places.Select(i => (long)labels[i]).ToArray());
    });

    /// <summary>The file's SHA-256. A line without an end would take all memory.</summary>
    static string Checked(FileStream file, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[1 << 20];
        for (int count, line = 0; (count = file.Read(piece)) > 0;)
        {
            stop.ThrowIfCancellationRequested();
            hash.AppendData(piece, 0, count);
            line = piece.AsSpan(0, count).LastIndexOf((byte)'\n') is >= 0 and var end ? count - end : line + count;
            if (line > LongestLine) throw new TorchletException($"has a line of more than {LongestLine:n0} bytes; want a line for each example");
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static (Tensor Train, Tensor Test) Inputs(ImmutableArray<Array> rows, ImmutableArray<int> train, ImmutableArray<int> test)
    {
        var columns = rows[0].Length;
        var side = (int)Math.Sqrt(columns);
        var areBytes = side * side == columns && side >= LeastSide && rows.All(row => row is byte[]);
        return areBytes && rows.Any(row => ((byte[])row).Any(pixel => pixel >= LeastBright))
            ? (Pixels(train), Pixels(test)) : Standardised.Of(Numbers(train), Numbers(test));

        Tensor Pixels(ImmutableArray<int> places)
        {
            var pixels = empty([places.Length, 1, side, side], ScalarType.Byte);
            foreach (var (to, from) in places.Index()) ((byte[])rows[from]).CopyTo(pixels.bytes[(to * columns)..]);
            return pixels;
        }

        Tensor Numbers(ImmutableArray<int> places)
        {
            if ((long)places.Length * columns * sizeof(double) > Array.MaxLength)
                throw new TorchletException("has more numbers than fit into memory as one tensor");
            var numbers = empty([places.Length, columns], ScalarType.Float64);
            foreach (var (to, from) in places.Index())
                (rows[from] as double[] ?? Array.ConvertAll((byte[])rows[from], n => (double)n))
                    .CopyTo(MemoryMarshal.Cast<byte, double>(numbers.bytes)[(to * columns)..]);
            return numbers;
        }
    }
}
