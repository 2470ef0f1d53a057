using System.Globalization;
using CsvHelper;

namespace Torchlet;

/// <summary>The fields of the line that a file is read up to, by their columns.</summary>
sealed class CsvFields(string path, CsvParser csv, IReadOnlyList<string> header)
{
    readonly Dictionary<string, int> columns = header.Index().DistinctBy(column => column.Item).ToDictionary(column => column.Item, column => column.Index);

    /// <summary>The columns that <see cref="Epoch"/> reads.</summary>
    public const string EpochColumns = "epoch,train_loss,test_loss,test_accuracy";

    /// <summary>No number that a run writes is larger: float32 ends far below it, and an axis of much larger ones overflows.</summary>
    public const double Largest = 1e100;

    /// <summary>Whether a field begins with a quotation mark and takes the rest of the file for its text.</summary>
    public bool IsUnclosed => Record.Count(c => c == '"') % 2 == 1 && (Record.StartsWith('"') || Record.Contains(",\""));

    string Record => csv.RawRecord;

    // CsvHelper counts up to where a row ends, which is beyond the file's last line end for one that is not closed.
    int FirstLine => csv.RawRow - (IsUnclosed ? Record : Record.TrimEnd('\r', '\n')).Count(c => c == '\n');

    public string Text(string column) => csv[columns[column]];

    public int Whole(string column) =>
        int.TryParse(Text(column), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? n
        : throw Wrong(column, $"want a whole number, got {Quoted(column)}");

    public long Seed() =>
        long.TryParse(Text("seed"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? n
        : throw Wrong("seed", $"want a whole number, got {Quoted("seed")}");

    /// <summary>A number of the size that a run writes, NaN, or an infinity.</summary>
    public double Number(string column) =>
        !double.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var x)
            ? throw Wrong(column, $"want a number, got {Quoted(column)}")
        // Digits enough are read as infinity, which a run writes by its name.
        : Math.Abs(x) > Largest && (double.IsFinite(x) || Text(column).Any(char.IsAsciiDigit))
            ? throw Wrong(column, $"no run writes a number as large as {Quoted(column)}")
        : x;

    /// <summary>A share: in [0, 1].</summary>
    public double Share(string column) =>
        Number(column) is >= 0 and <= 1 and var x ? x : throw Wrong(column, $"want a number from 0 to 1, got {Quoted(column)}");

    /// <summary>Pixels, with spaces between them.</summary>
    public IEnumerable<byte> Bytes(string column) =>
        Text(column).Split(' ').Select(part => byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var b) ? b
            : throw Wrong(column, $"want whole numbers from 0 to 255 with spaces between them, got '{Printable.Of(part)}'"));

    /// <summary>Weights, with spaces between them.</summary>
    public IEnumerable<float> Floats(string column) =>
        Text(column).Split(' ').Select(part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && float.IsFinite(x) ? x
            : throw Wrong(column, $"want finite numbers with spaces between them, got '{Printable.Of(part)}'"));

    public Epoch Epoch() => new(Whole("epoch"), Number("train_loss"), Number("test_loss"), Share("test_accuracy"));

    string Quoted(string column) => $"'{Printable.Of(Text(column))}'";

    public TorchletException Wrong(string column, string what) =>
        new($"{path}, line {FirstLine}, column {column}: {what}; mend the line, or make the run again.");
}
