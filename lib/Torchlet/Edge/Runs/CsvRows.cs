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
        // The parser alone: its reader takes twice the time and memory, and a log may have a million rows.
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null });
        if (!csv.Read()) throw new TorchletException($"{path} is empty: want the header {columns} and a line for each row.");
        string[] header = [.. csv.Record!];
        if (columns.Split(',').FirstOrDefault(c => !header.Contains(c)) is { } missing)
            throw new TorchletException($"{path}, line 1: there is no column {missing}; want {columns}.");
        var tornLine = EndsWithNewline(path) ? 0 : File.ReadLines(path).Count();
        var (rows, fields) = (new List<T>(), new CsvFields(path, csv, header));
        while (csv.Read())
        {
            if (csv.Count != header.Length || csv.RawRow == tornLine)
                throw fields.Wrong(header[Math.Clamp(csv.Count - 1, 0, header.Length - 1)],
                    csv.Count > header.Length ? $"there are {csv.Count} fields, {header.Length} in the header"
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
