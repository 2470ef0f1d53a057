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
