using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Torchlet;

/// <summary>A table of labelled numbers, as a .csv file holds it.</summary>
/// <param name="Labels">The label of each row.</param>
/// <param name="Rows">The numbers of each row: byte[] where all are whole and 0 … 255, which takes an eighth of the room, else double[].</param>
sealed record CsvTable(ImmutableArray<string> Labels, ImmutableArray<Array> Rows)
{
    const double Largest = 1e100;

    static readonly ImmutableArray<string> OfLabels = ["label", "class", "target", "category", "species", "y"], NotLearned = ["id", "index", "unnamed: 0", ""];

    static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture) { BadDataFound = null };

    /// <summary>What the columns are.</summary>
    /// <param name="Names">Their names, or their numbers where the file does not name them.</param>
    /// <param name="Label">Which one has the labels.</param>
    /// <param name="Learned">Which ones have numbers to learn from.</param>
    sealed record Columns(string[] Names, int Label, int[] Learned);

    /// <summary>
    /// Reads a table whose label column its first line names: label, class, target, category, species or y. A file without such a line, all of numbers, begins
    /// with the labels. Columns that are called id or index or nothing are passed over: numbers of rows would tell the class of sorted ones.
    /// </summary>
    /// <exception cref="TorchletException">
    /// No column is called so, a line is of another length, or a field is no number; the message names the line, and not the file.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static CsvTable Read(TextReader text, CancellationToken stop)
    {
        var top = text.ReadLine() ?? "";
        var first = Of(1, () => Fields(top).Select(field => field.Trim()).ToArray());
        var hasHeader = !first.All(field => Number(field) is not null);
        var columns = Of(1, () => hasHeader ? Named(first) : Unnamed(first.Length));
        var (labels, rows) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<Array>());
        for (var (line, number) = hasHeader ? (text.ReadLine(), 2) : (top, 1); line is not null; (line, number) = (text.ReadLine(), number + 1))
        {
            stop.ThrowIfCancellationRequested();
            if (line.Length == 0) continue;
            var (label, numbers) = Of(number, () => Row(line, columns));
            labels.Add(label);
            rows.Add(numbers);
        }
        return rows.Count > 0 ? new(labels.ToImmutable(), rows.ToImmutable())
            : throw new TorchletException("holds no line beside the header; want one for each example");
    }

    /// <summary>What is made of a line, whose number is added to what is wrong with it.</summary>
    static T Of<T>(int line, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"line {line} {e.Message}", e);
        }
    }

    static Columns Named(string[] names)
    {
        var label = OfLabels.Select(name => Array.FindIndex(names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(i => i >= 0, -1);
        return label >= 0 ? Checked(names, label, i => !NotLearned.Contains(names[i].ToLowerInvariant()))
            : throw new TorchletException($"names no column of labels ({Printable.Of(string.Join(", ", names))}); "
                + $"call the one with the classes {string.Join(", ", OfLabels[..^1])} or {OfLabels[^1]}");
    }

    static Columns Unnamed(int count) => Checked([.. Enumerable.Range(1, count).Select(n => $"{n}")], label: 0, _ => true);

    static Columns Checked(string[] names, int label, Func<int, bool> isLearned) =>
        Enumerable.Range(0, names.Length).Where(i => i != label && isLearned(i)).ToArray() is [_, ..] learned ? new(names, label, learned)
            : throw new TorchletException("has no column of numbers beside the labels; want some, with commas between them");

    static (string Label, Array Numbers) Row(string line, Columns columns)
    {
        var (text, fields) = Cut(line);
        if (fields.Length != columns.Names.Length) throw new TorchletException($"has {fields.Length} fields, and the first line {columns.Names.Length}");
        if (text.AsSpan(fields[columns.Label]).Trim() is not { IsEmpty: false } label) throw new TorchletException("has an empty label");
        var numbers = new double[columns.Learned.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = Number(text.AsSpan(fields[columns.Learned[i]])) ?? throw new TorchletException(
                $"has '{Printable.Of(text[fields[columns.Learned[i]]])}' in column {Printable.Of(columns.Names[columns.Learned[i]])}; want a finite number");
        return ($"{label}", Packed(numbers));
    }

    /// <summary>Where the fields of a line stand in a text. A field as a text of its own is an object, of which a table of pictures has millions.</summary>
    static (string Text, Range[] Fields) Cut(string line)
    {
        var fields = new Range[line.AsSpan().Count(',') + 1];
        if (!line.Contains('"'))
        {
            line.AsSpan().Split(fields, ',');
            return (line, fields);
        }
        var (parts, at) = (Fields(line), 0);
        return (string.Concat(parts), [.. parts.Select(part => at..(at += part.Length))]);
    }

    static string[] Fields(string line)
    {
        if (line.AsSpan().Count('"') % 2 == 1) throw new TorchletException("has a quotation mark that is not closed");
        using var csv = new CsvParser(new StringReader(line), Format);
        return csv.Read() ? csv.Record! : throw new TorchletException("is empty; want a header and a line for each example");
    }

    static double? Number(ReadOnlySpan<char> field) =>
        byte.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var small) ? small
        : double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= Largest ? number
        : null;

    static Array Packed(double[] numbers)
    {
        var bytes = Array.ConvertAll(numbers, n => (byte)n);
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] != numbers[i]) return numbers;
        return bytes;
    }
}

/// <summary>Labels as somebody's own data have them: names, of which each different one is a class.</summary>
static class LabelNames
{
    /// <summary>More classes than these are no classes, but numbers or names of single examples.</summary>
    public const int Most = 1000;

    /// <summary>The different ones: by size if all are numbers, else as Python sorts texts.</summary>
    public static ImmutableArray<string> Distinct(IEnumerable<string> labels)
    {
        var names = labels.Distinct().Order(StringComparer.Ordinal).ToList();
        return names.All(name => Number(name) is not null) ? [.. names.OrderBy(Number)] : [.. names];
    }

    /// <summary>The names, if there are so many classes that something is to be told apart, and no more than can be.</summary>
    /// <exception cref="TorchletException">There are not; the message says so without naming the file.</exception>
    public static ImmutableArray<string> Checked(ImmutableArray<string> names) => names switch
    {
        [var only] => throw new TorchletException($"has one class, '{Shown(only)}'; want two or more to tell apart"),
        { Length: > Most } => throw new TorchletException($"has {names.Length:n0} different labels; want at most {Most:n0} classes"),
        _ => names,
    };

    /// <summary>A class's name as it is printed and drawn.</summary>
    public static string Shown(string name) => Printable.Of(Printable.Composed(name.Normalize()));

    /// <summary>What to learn from and what to judge by, where nothing says.</summary>
    /// <exception cref="TorchletException">A class has too few examples for both; the message says so without naming the file.</exception>
    public static (ImmutableArray<int> Train, ImmutableArray<int> Test) Held(IReadOnlyCollection<int> labels, ImmutableArray<string> names)
    {
        if (labels.CountBy(label => label).FirstOrDefault(count => count.Value == 1, new(-1, 0)) is { Key: >= 0 and var lonely })
            throw new TorchletException($"has one example of the class '{Shown(names[lonely])}'; want two or more, since some are held out for the test");
        return HoldOut.Of(labels);
    }

    static double? Number(string name) => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>A file with one example.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">Its class, from 0.</param>
sealed record LabelledFile(string Path, int Label);
