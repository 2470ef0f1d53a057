using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Torchlet;

/// <summary>Reads files that <see cref="CsvLog"/> has written. An error names the line and the column.</summary>
static class CsvRows
{
    // In characters: enough for the weights of 300,000 pixels. Without a limit, an endless field would take all memory.
    const int LongestField = 1 << 22;

    static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture) { BadDataFound = null, MissingFieldFound = null, MaxFieldSize = LongestField };

    /// <summary>Every row of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Columns that its header must have, separated by commas; it may have others too.</param>
    /// <param name="row">Reads a row from the fields of a line.</param>
    /// <param name="none">Why there may be no row, for the error; null if a file without rows is valid.</param>
    /// <param name="most">Largest number of rows.</param>
    /// <exception cref="TorchletException">
    /// The file is missing, empty, cut short, lacks a column or any row, has too many of them, or a field is of another type.
    /// </exception>
    public static IReadOnlyList<T> Read<T>(string path, string columns, Func<CsvFields, T> row, string? none = null, int most = int.MaxValue)
    {
        var rows = new List<T>();
        foreach (var next in Each(path, columns, row))
        {
            if (rows.Count == most) throw new TorchletException(FormattableString.Invariant($"{path} has more than {most:n0} rows, too many to draw."));
            rows.Add(next);
        }
        return rows.Count > 0 || none is null ? rows : throw new TorchletException($"{path} has no row: {none}.");
    }

    /// <summary>The rows of a file, read lazily.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Columns that its header must have, separated by commas; it may have others too.</param>
    /// <param name="row">Reads a row from the fields of a line.</param>
    /// <param name="damaged">Takes what is wrong with a line that has not as many fields as the header, which is then left out; null to fail.</param>
    /// <exception cref="TorchletException">The file is missing, empty, cut short, lacks a column, or a field is of another type.</exception>
    public static IEnumerable<T> Each<T>(string path, string columns, Func<CsvFields, T> row, Action<TorchletException>? damaged = null)
    {
        using var text = Opened(path);
        // The parser alone: its reader takes twice the time and memory, and a log may have a million rows.
        using var csv = new CsvParser(text, Format);
        var header = Header(path, csv, columns);
        var (isTorn, fields) = (!EndsWithNewline(path), new CsvFields(path, csv, header));
        while (HasNext(path, csv))
        {
            if (csv.Count == header.Length && !(isTorn && fields.IsTorn))
            {
                yield return row(fields);
                continue;
            }
            var wrong = fields.Wrong(header[Math.Clamp(csv.Count - 1, 0, header.Length - 1)],
                csv.Count > header.Length ? $"there are {csv.Count} fields, {header.Length} in the header"
                : fields.IsUnclosed ? "a quotation mark is not closed" : "the line is cut short");
            if (damaged is null) throw wrong;
            damaged(wrong);
        }
    }

    /// <summary>The columns of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Columns that it must have, separated by commas.</param>
    /// <exception cref="TorchletException">The file is missing or empty, or lacks a column.</exception>
    public static string[] Header(string path, string columns)
    {
        using var text = Opened(path);
        using var csv = new CsvParser(text, Format);
        return Header(path, csv, columns);
    }

    /// <summary>The fields of a line.</summary>
    public static string[] Fields(string line)
    {
        using var text = new StringReader(line);
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null });
        return csv.Read() ? [.. csv.Record!] : [];
    }

    static StreamReader Opened(string path) =>
        File.Exists(path) ? new(SystemFile.OpenRead(path)) : throw new TorchletException($"{path} is not there, so its pictures cannot be drawn.");

    static string[] Header(string path, CsvParser csv, string columns)
    {
        if (!HasNext(path, csv)) throw new TorchletException($"{path} is empty: want the header {columns} and a line for each row.");
        string[] header = [.. csv.Record!];
        return columns.Split(',').FirstOrDefault(c => !header.Contains(c)) is { } missing
            ? throw new TorchletException($"{path}, line 1: missing column {missing}; want {columns}.") : header;
    }

    static bool HasNext(string path, CsvParser csv)
    {
        try
        {
            return csv.Read();
        }
        catch (MaxFieldSizeException e)
        {
            throw new TorchletException(
                $"{path}, line {csv.RawRow}: a field is longer than any that a run writes; mend the line, or make the run again.", e);
        }
    }

    static bool EndsWithNewline(string path)
    {
        using var file = SystemFile.OpenRead(path);
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}

/// <summary>The fields of the current line of a file, by column.</summary>
sealed class CsvFields(string path, CsvParser csv, IReadOnlyList<string> header)
{
    readonly Dictionary<string, int> columns = header.Index().DistinctBy(column => column.Item).ToDictionary(column => column.Item, column => column.Index);

    /// <summary>Largest number that a run can write: the limit of float32 is far smaller, and an axis of much larger numbers overflows.</summary>
    public const double Largest = 1e100;

    /// <summary>Whether a quotation mark is not closed, so that the rest of the file is read as one field.</summary>
    public bool IsUnclosed => Record.Count(c => c == '"') % 2 == 1 && (Record.StartsWith('"') || Record.Contains(",\""));

    /// <summary>Whether the line lacks its line end.</summary>
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

    /// <summary>A count, or a position.</summary>
    public int Count(string column, int least = 0, int most = int.MaxValue) => (int)Whole(column, least, most);

    /// <summary>A number of a size that a run can write, NaN, or an infinity written as one.</summary>
    public double Number(string column) =>
        !double.TryParse(Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var x) ? throw Wrong(column, "want a number", Text(column))
        : Math.Abs(x) <= Largest || !Text(column).Any(char.IsAsciiDigit) ? x
        : throw Wrong(column, $"no run writes a number as large as '{Printable.Of(Text(column))}'");

    /// <summary>A number; null if the field is empty.</summary>
    public double? NumberIfAny(string column) => Text(column).Length == 0 ? null : Number(column);

    /// <summary>A share, in [0, 1].</summary>
    public double Share(string column) =>
        Number(column) is >= 0 and <= 1 and var share ? share : throw Wrong(column, "want a number from 0 to 1", Text(column));

    /// <summary>Pixels separated by spaces; none if the field is empty.</summary>
    public IEnumerable<byte> Bytes(string column) =>
        (Text(column) is { Length: > 0 } text ? text.Split(' ') : []).Select(part =>
            byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var b) ? b
            : throw Wrong(column, "want whole numbers from 0 to 255 with spaces between them", part));

    /// <summary>Finite numbers separated by spaces.</summary>
    public IEnumerable<float> Floats(string column) =>
        Text(column).Split(' ').Select(part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && float.IsFinite(x) ? x
            : throw Wrong(column, "want finite numbers with spaces between them", part));

    /// <summary>
    /// The shape of the numbers in another column, separated by spaces. Older files lack the column: then the numbers are a square image if their count
    /// allows it, and a vector otherwise.
    /// </summary>
    public ImmutableArray<long> Shape(string column, string of)
    {
        if (Text(of).Length == 0) return [];
        var count = Text(of).Count(c => c == ' ') + 1;
        if (!Has(column)) return (int)Math.Sqrt(count) is var side && side * side == count ? [1, side, side] : [count];
        long[] lengths = [.. Text(column).Split(' ').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0L)];
        return lengths.Aggregate(1L, (product, n) => Math.Min(product * n, int.MaxValue)) == count ? [.. lengths]
            : throw Wrong(column, $"want the lengths of axes, whose product is {count}", Text(column));
    }

    TorchletException Wrong(string column, string want, string got) => Wrong(column, $"{want}, got '{Printable.Of(got)}'");

    public TorchletException Wrong(string column, string what) =>
        new($"{path}, line {FirstLine}, column {column}: {what}; mend the line, or make the run again.");
}
