using System.Collections.Immutable;
using System.Globalization;
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
    /// <param name="path">The file.</param>
    /// <param name="areNumbers">Whether the labels are numbers to predict, [count, 1], float32.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="TorchletException">The table is malformed; the message names the file, the line and the column.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Read(string path, bool areNumbers, CancellationToken stop) => RegularFile.Reading(path, file =>
    {
        using var scope = NewDisposeScope();
        var checksum = Checked(file, stop);
        var (reader, remark) = TableText.Open(file, stop);
        using var text = reader;
        var table = CsvTable.Read(text, stop);
        var (names, held, targets, note) = areNumbers ? Numbers(table) : Classes(table);
        var (x, u, statistics) = Inputs(table.Rows, held.Train, held.Test);
        return new Dataset("", Path.GetDirectoryName(Path.GetFullPath(path))!, [.. names.Select(LabelNames.Shown)],
            ImmutableSortedDictionary<string, string>.Empty.Add(Path.GetFileName(path), checksum),
            new(x.MoveToOuterDisposeScope(), targets(held.Train).MoveToOuterDisposeScope()),
            new(u.MoveToOuterDisposeScope(), targets(held.Test).MoveToOuterDisposeScope()))
        {
            Note = remark is null ? note : $"{note}; {remark}", Table = new(table.Names, table.Label, statistics),
        };
    });

    /// <summary>The targets of the rows at some places.</summary>
    delegate Tensor Targets(ImmutableArray<int> places);

    static (ImmutableArray<string> Names, (ImmutableArray<int> Train, ImmutableArray<int> Test) Held, Targets Targets, string Note) Classes(CsvTable table)
    {
        const string remedy = $"; {DataPlaces.NumbersOption} predicts numbers";
        var names = LabelNames.Checked(LabelNames.Distinct(table.Labels), remedy);
        var places = names.Index().ToDictionary(name => name.Item, name => name.Index);
        int[] labels = [.. table.Labels.Select(label => places[label])];
        return (names, LabelNames.Held(labels, names, remedy), some => tensor(some.Select(i => (long)labels[i]).ToArray()), HoldOut.Note);
    }

    static (ImmutableArray<string> Names, (ImmutableArray<int> Train, ImmutableArray<int> Test) Held, Targets Targets, string Note) Numbers(CsvTable table)
    {
        float[] numbers = [.. table.Labels.Select((label, i) => NewTable.Number(label, i))];
        var column = table.Label is { } name ? Printable.Of(name) : "1";
        if (numbers.Distinct().Count() == 1)
            throw new TorchletException($"has {(numbers.Length == 1 ? "one row" : $"the number {table.Labels[0]} in every row of column {column}")}; "
                + "want different numbers to predict");
        var held = HoldOut.Of(new int[numbers.Length]);
        var scale = TargetScale.Of(tensor(held.Train.Select(i => numbers[i]).ToArray()));
        return ([], held, some => tensor(some.Select(i => numbers[i]).ToArray()).unsqueeze_(1), string.Create(CultureInfo.InvariantCulture,
            $"the numbers in column {column} are predicted (mean {scale.Mean:g4}, deviation {scale.Deviation:g4}), the loss is counted in deviations, "
            + $"predictions and mae in the column's unit; {HoldOut.NoteOfNumbers}"));
    }

    /// <summary>The side of the square grey pictures that rows of bytes, [n, side²], are the pixels of; null if they are none.</summary>
    public static int? SideOfPictures(Tensor rows) =>
        rows is { dtype: ScalarType.Byte, ndim: 2 } && (int)Math.Sqrt(rows.size(1)) is >= LeastSide and var side && side * side == rows.size(1)
            && rows.max().Number() >= LeastBright ? side : null;

    /// <summary>The file's SHA-256. A line without an end would take all memory.</summary>
    internal static string Checked(FileStream file, CancellationToken stop)
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

    static (Tensor Train, Tensor Test, Standardisation? Statistics) Inputs(ImmutableArray<Array> rows, ImmutableArray<int> train, ImmutableArray<int> test)
    {
        var columns = rows[0].Length;
        var side = (int)Math.Sqrt(columns);
        var areBytes = side * side == columns && side >= LeastSide && rows.All(row => row is byte[]);
        if (areBytes && rows.Any(row => ((byte[])row).Any(pixel => pixel >= LeastBright)))
            return (Pixels(rows, train, [1, side, side]), Pixels(rows, test, [1, side, side]), null);
        var (learned, judged) = (Numbers(rows, train), Numbers(rows, test));
        var statistics = Standardisation.Of(learned);
        return (statistics.Apply(learned), statistics.Apply(judged), statistics);
    }

    /// <summary>Rows of bytes as pictures of a shape: [rows, …], uint8.</summary>
    internal static Tensor Pixels(ImmutableArray<Array> rows, ImmutableArray<int> places, ImmutableArray<long> shape)
    {
        var pixels = empty([places.Length, .. shape], ScalarType.Byte);
        foreach (var (to, from) in places.Index()) ((byte[])rows[from]).CopyTo(pixels.bytes[(to * rows[from].Length)..]);
        return pixels;
    }

    /// <summary>Rows as they are: [rows, columns], float64.</summary>
    /// <exception cref="TorchletException">They do not fit into one tensor.</exception>
    internal static Tensor Numbers(ImmutableArray<Array> rows, ImmutableArray<int> places)
    {
        var columns = rows[0].Length;
        if ((long)places.Length * columns * sizeof(double) > Array.MaxLength)
            throw new TorchletException("has more numbers than fit into memory as one tensor");
        var numbers = empty([places.Length, columns], ScalarType.Float64);
        foreach (var (to, from) in places.Index())
            (rows[from] as double[] ?? Array.ConvertAll((byte[])rows[from], n => (double)n))
                .CopyTo(MemoryMarshal.Cast<byte, double>(numbers.bytes)[(to * columns)..]);
        return numbers;
    }
}
