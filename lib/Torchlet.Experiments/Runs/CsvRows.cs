using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Torchlet;

/// <summary>Reads what <see cref="CsvLog"/> wrote. What is wrong with a file is said by line and column.</summary>
static class CsvRows
{
    // In characters: enough for the weights of 300,000 pixels. A file without an end would take all memory.
    const int LongestField = 1 << 22;

    static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture) { BadDataFound = null, MissingFieldFound = null, MaxFieldSize = LongestField };

    /// <summary>Every row of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The columns that its header must name; others may stand beside them.</param>
    /// <param name="row">Makes a row of the fields of a line.</param>
    /// <param name="none">What it means if there is no row; null if there need be none.</param>
    /// <param name="most">How many rows can be drawn.</param>
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

    /// <summary>The rows of a file, read as they are asked for.</summary>
    /// <inheritdoc cref="Read"/>
    public static IEnumerable<T> Each<T>(string path, string columns, Func<CsvFields, T> row)
    {
        if (!File.Exists(path)) throw new TorchletException($"{path} is not there, so its pictures cannot be drawn.");
        using var text = new StreamReader(path);
        // The parser alone: its reader takes twice the time and memory, and a log may have a million rows.
        using var csv = new CsvParser(text, Format);
        if (!HasNext(path, csv)) throw new TorchletException($"{path} is empty: want the header {columns} and a line for each row.");
        string[] header = [.. csv.Record!];
        if (columns.Split(',').FirstOrDefault(c => !header.Contains(c)) is { } missing)
            throw new TorchletException($"{path}, line 1: there is no column {missing}; want {columns}.");
        var (isTorn, fields) = (!EndsWithNewline(path), new CsvFields(path, csv, header));
        while (HasNext(path, csv))
        {
            if (csv.Count != header.Length || (isTorn && fields.IsTorn))
                throw fields.Wrong(header[Math.Clamp(csv.Count - 1, 0, header.Length - 1)],
                    csv.Count > header.Length ? $"there are {csv.Count} fields, {header.Length} in the header"
                    : fields.IsUnclosed ? "a quotation mark is not closed" : "the line is cut short");
            yield return row(fields);
        }
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
        using var file = File.OpenRead(path);
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}
