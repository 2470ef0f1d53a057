using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;

namespace Torchlet;

/// <summary>The fields of the line that a file is read up to, by their columns.</summary>
sealed class CsvFields(string path, CsvParser csv, IReadOnlyList<string> header)
{
    readonly Dictionary<string, int> columns = header.Index().DistinctBy(column => column.Item).ToDictionary(column => column.Item, column => column.Index);

    /// <summary>No number that a run writes is larger: float32 ends far below it, and an axis of much larger ones overflows.</summary>
    public const double Largest = 1e100;

    /// <summary>Whether a field begins with a quotation mark and takes the rest of the file for its text.</summary>
    public bool IsUnclosed => Record.Count(c => c == '"') % 2 == 1 && (Record.StartsWith('"') || Record.Contains(",\""));

    /// <summary>Whether the line has no end.</summary>
    public bool IsTorn => Record is not [.., '\n' or '\r'];

    string Record => csv.RawRecord;

    // CsvHelper counts up to where a row ends, which is beyond the file's last line end for one that is not closed.
    int FirstLine => csv.RawRow - (IsUnclosed ? Record : Record.TrimEnd('\r', '\n')).Count(c => c == '\n');

    /// <summary>The file's columns, in its order.</summary>
    public IReadOnlyList<string> Columns => header;

    public bool Has(string column) => columns.ContainsKey(column);

    public string Text(string column) => csv[columns[column]];

    /// <summary>A whole number, such as a seed.</summary>
    public long Whole(string column, long least = long.MinValue, long most = long.MaxValue) =>
        !long.TryParse(Text(column), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? throw Wrong(column, "want a whole number", Text(column))
        : n < least || n > most ? throw Wrong(column, $"want {least} to {most}, got {n}")
        : n;

    /// <summary>How many there are of something, or which one it is of a sequence.</summary>
    public int Count(string column, int least = 0, int most = int.MaxValue) => (int)Whole(column, least, most);

    /// <summary>A number of the size that a run writes, NaN, or an infinity that is written as one.</summary>
    public double Number(string column) =>
        !double.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var x) ? throw Wrong(column, "want a number", Text(column))
        : Math.Abs(x) <= Largest || !Text(column).Any(char.IsAsciiDigit) ? x
        : throw Wrong(column, $"no run writes a number as large as '{Printable.Of(Text(column))}'");

    /// <summary>A part of a whole, in [0, 1].</summary>
    public double Share(string column) =>
        Number(column) is >= 0 and <= 1 and var share ? share : throw Wrong(column, "want a number from 0 to 1", Text(column));

    /// <summary>Pixels, with spaces between them; none where there is nothing.</summary>
    public IEnumerable<byte> Bytes(string column) =>
        (Text(column) is { Length: > 0 } text ? text.Split(' ') : []).Select(part =>
            byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var b) ? b
            : throw Wrong(column, "want whole numbers from 0 to 255 with spaces between them", part));

    /// <summary>Weights, with spaces between them.</summary>
    public IEnumerable<float> Floats(string column) =>
        Text(column).Split(' ').Select(part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && float.IsFinite(x) ? x
            : throw Wrong(column, "want finite numbers with spaces between them", part));

    /// <summary>
    /// The lengths of the axes of so many numbers, with spaces between them. A square, or else a row, where the file is of a time without the column.
    /// </summary>
    public ImmutableArray<long> Shape(string column, int count)
    {
        if (!Has(column)) return (int)Math.Sqrt(count) is var side && side * side == count ? [1, side, side] : [count];
        long[] lengths = [.. Text(column).Split(' ').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0L)];
        return lengths.Aggregate(1L, (product, n) => Math.Min(product * n, int.MaxValue)) == count ? [.. lengths]
            : throw Wrong(column, $"want the lengths of axes, whose product is {count}", Text(column));
    }

    /// <summary>The epoch of the line, with whatever columns its log has.</summary>
    public Epoch Epoch() => EpochColumns.Epoch(header,
        column => column == "epoch" ? Count(column, least: 1) : column.EndsWith("_accuracy", StringComparison.Ordinal) ? Share(column) : Number(column));

    TorchletException Wrong(string column, string want, string got) => Wrong(column, $"{want}, got '{Printable.Of(got)}'");

    public TorchletException Wrong(string column, string what) =>
        new($"{path}, line {FirstLine}, column {column}: {what}; mend the line, or make the run again.");
}
