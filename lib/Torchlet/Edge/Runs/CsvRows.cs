using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Torchlet;

/// <summary>Reads what <see cref="CsvLog"/> wrote. What is wrong with a file is said by line and column.</summary>
static class CsvRows
{
    /// <summary>Every row of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The columns that its header must name; others may stand beside them.</param>
    /// <param name="row">Makes a row of the fields of a line.</param>
    /// <exception cref="TorchletException">The file is missing, empty, cut short, lacks a column, or a field is of another type.</exception>
    public static IReadOnlyList<T> Read<T>(string path, string columns, Func<CsvFields, T> row)
    {
        if (!File.Exists(path)) throw new TorchletException($"{path} is not there, so its pictures cannot be drawn.");
        using var text = new StreamReader(path);
        using var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null, MissingFieldFound = null });
        if (!csv.Read() || !csv.ReadHeader()) throw new TorchletException($"{path} is empty: want the header {columns} and a line for each row.");
        if (columns.Split(',').FirstOrDefault(c => !csv.HeaderRecord!.Contains(c)) is { } missing)
            throw new TorchletException($"{path}, line 1: there is no column {missing}; want {columns}.");
        var tornLine = EndsWithNewline(path) ? 0 : File.ReadLines(path).Count();
        var rows = new List<T>();
        while (csv.Read())
        {
            var fields = new CsvFields(path, csv);
            if (csv.Parser.Count != csv.HeaderRecord!.Length || csv.Parser.RawRow == tornLine)
                throw fields.Wrong(csv.HeaderRecord[Math.Clamp(csv.Parser.Count - 1, 0, csv.HeaderRecord.Length - 1)],
                    csv.Parser.Count > csv.HeaderRecord.Length ? $"there are {csv.Parser.Count} fields, {csv.HeaderRecord.Length} in the header"
                    : fields.IsUnclosed ? "a quotation mark is not closed" : "the line is cut short");
            rows.Add(row(fields));
        }
        return rows;
    }

    static bool EndsWithNewline(string path)
    {
        using var file = File.OpenRead(path);
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}

/// <summary>The fields of one line, by their columns.</summary>
sealed class CsvFields(string path, CsvReader csv)
{
    /// <summary>The columns that <see cref="Epoch"/> reads.</summary>
    public const string EpochColumns = "epoch,train_loss,test_loss,test_accuracy";

    // float32 ends far below it; an axis of much larger numbers overflows.
    const double Largest = 1e100;

    /// <summary>Whether a field begins with a quotation mark and takes the rest of the file for its text.</summary>
    public bool IsUnclosed => Record.Count(c => c == '"') % 2 == 1 && (Record.StartsWith('"') || Record.Contains(",\""));

    string Record => csv.Parser.RawRecord;

    // CsvHelper counts up to where a row ends, which is beyond the file's last line end for one that is not closed.
    int FirstLine => csv.Parser.RawRow - (IsUnclosed ? Record : Record.TrimEnd('\r', '\n')).Count(c => c == '\n');

    public string Text(string column) => csv.GetField(column)!;

    public int Whole(string column) =>
        int.TryParse(Text(column), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? n : throw Wrong(column, $"want a whole number, got '{Printable.Of(Text(column))}'");

    /// <summary>A number of the size that a run writes, NaN, or an infinity.</summary>
    public double Number(string column) =>
        !double.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var x) ? throw Wrong(column, $"want a number, got '{Printable.Of(Text(column))}'")
        : double.IsFinite(x) && Math.Abs(x) > Largest ? throw Wrong(column, $"no run writes a number as large as '{Printable.Of(Text(column))}'")
        : x;

    /// <summary>Pixels, with spaces between them.</summary>
    public IEnumerable<byte> Bytes(string column) =>
        Text(column).Split(' ').Select(part => byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var b) ? b
            : throw Wrong(column, $"want whole numbers from 0 to 255 with spaces between them, got '{Printable.Of(part)}'"));

    /// <summary>Weights, with spaces between them.</summary>
    public IEnumerable<float> Floats(string column) =>
        Text(column).Split(' ').Select(part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && float.IsFinite(x) ? x
            : throw Wrong(column, $"want finite numbers with spaces between them, got '{Printable.Of(part)}'"));

    public Epoch Epoch() => new(Whole("epoch"), Number("train_loss"), Number("test_loss"), Number("test_accuracy"));

    public TorchletException Wrong(string column, string what) =>
        new($"{path}, line {FirstLine}, column {column}: {what}; mend the line, or make the run again.");
}
