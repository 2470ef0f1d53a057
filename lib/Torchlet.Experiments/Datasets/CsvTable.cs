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
    /// <summary>The name of each column of numbers, and of the labels'; none where the file does not name them.</summary>
    public ImmutableArray<string> Names { get; private init; } = [];

    /// <summary>The name of the column of labels; null where the file names or has none.</summary>
    public string? Label { get; private init; }

    const double Largest = 1e100;

    static readonly ImmutableArray<string> OfLabels = ["label", "class", "target", "category", "species", "y"], NotLearned = ["id", "index", "unnamed: 0", ""];

    static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture) { BadDataFound = null };

    /// <summary>The columns.</summary>
    /// <param name="Names">Their names, or their numbers where the file does not name them.</param>
    /// <param name="Label">Which one has the labels; −1 for none.</param>
    /// <param name="Learned">Which ones have numbers to learn from.</param>
    sealed record Columns(string[] Names, int Label, int[] Learned);

    /// <summary>
    /// Reads a table whose label column its first line names: label, class, target, category, species or y. A file without such a line, all of numbers, begins
    /// with the labels. Columns that are called id or index or nothing are passed over: numbers of rows would tell the class of sorted ones.
    /// </summary>
    /// <exception cref="TorchletException">
    /// The column does not exist, a line has another length, or a field is not a number; the message names the line, not the file.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static CsvTable Read(TextReader text, CancellationToken stop) => Table(text, stop, null);

    /// <summary>Reads a table whose numbers are those of the wanted columns, in their order; it may have no labels, which are then empty.</summary>
    /// <param name="text">The table.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <param name="wanted">The columns.</param>
    /// <param name="count">How many numbers a row has, where no names are wanted.</param>
    /// <exception cref="TorchletException">A column is missing, or there is another one; or as above.</exception>
    public static CsvTable ReadAs(TextReader text, TableColumns wanted, int count, CancellationToken stop) =>
        Table(text, stop, (names, hasHeader) => Matched(names, hasHeader, wanted, count));

    /// <summary>Whether the first line names no column of labels.</summary>
    public static bool HasNoLabels(TextReader text) =>
        Fields(text.ReadLine() ?? "").Select(field => field.Trim()).ToArray() is var first && first.Any(field => Number(field) is null) && LabelOf(first) < 0;

    static CsvTable Table(TextReader text, CancellationToken stop, Func<string[], bool, Columns>? match)
    {
        var top = text.ReadLine() ?? "";
        var first = Of(1, () => Fields(top).Select(field => field.Trim()).ToArray());
        var hasHeader = !first.All(field => Number(field) is not null);
        var columns = Of(1, () => match is not null ? match(first, hasHeader) : hasHeader ? Named(first) : Unnamed(first.Length));
        var (labels, rows) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<Array>());
        for (var (line, number) = hasHeader ? (text.ReadLine(), 2) : (top, 1); line is not null; (line, number) = (text.ReadLine(), number + 1))
        {
            stop.ThrowIfCancellationRequested();
            if (line.Length == 0) continue;
            var (label, numbers) = Of(number, () => Row(line, columns, mayLackLabel: match is not null));
            labels.Add(label);
            rows.Add(numbers);
        }
        return rows.Count > 0 ? new(labels.ToImmutable(), rows.ToImmutable())
        {
            Names = hasHeader ? [.. columns.Learned.Select(i => first[i])] : [], Label = hasHeader && columns.Label >= 0 ? first[columns.Label] : null,
        }
            : throw new TorchletException("holds no line after the header; want one for each example");
    }

    /// <summary>The value of a line; an error message gets the line's number.</summary>
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
        var label = LabelOf(names);
        return label >= 0 ? Checked(names, label, i => IsLearned(names[i]))
            : throw new TorchletException($"names no column of labels ({Printable.Of(string.Join(", ", names))}); "
                + $"call the one with the classes {string.Join(", ", OfLabels[..^1])} or {OfLabels[^1]}");
    }

    static int LabelOf(string[] names) =>
        OfLabels.Select(name => Array.FindIndex(names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(i => i >= 0, -1);

    /// <summary>The wanted columns among those of a table; the n-th of several of one name is the n-th of that name.</summary>
    static Columns Matched(string[] names, bool hasHeader, TableColumns wanted, int count)
    {
        if (wanted.Names.IsEmpty)
        {
            var (label, learned) = hasHeader
                ? (LabelOf(names), Enumerable.Range(0, names.Length).Except([LabelOf(names)]).Where(i => IsLearned(names[i])).ToArray())
                : names.Length == count + 1 ? (0, [.. Enumerable.Range(1, count)]) : (-1, [.. Enumerable.Range(0, names.Length)]);
            return learned.Length == count ? new(names, label, learned)
                : throw new TorchletException($"has {learned.Length} columns of numbers; the network was trained on {count}");
        }
        if (!hasHeader)
            throw new TorchletException($"names no columns; the network was trained on {Listed(wanted.Names)}, so begin the table with a line of their names");
        var places = names.Index().ToLookup(name => name.Item, name => name.Index);
        var queues = places.ToDictionary(place => place.Key, place => new Queue<int>(place));
        var found = wanted.Names.Select(name => queues.TryGetValue(name, out var queue) && queue.TryDequeue(out var at) ? at : -1).ToArray();
        if (found.Contains(-1))
            throw new TorchletException($"has no column {Listed(wanted.Names.Zip(found).Where(f => f.Second < 0).Select(f => f.First))}, "
                + $"which the network was trained on; it has {Listed(names)}");
        var labels = Array.FindIndex(names, name => name.Equals(wanted.Label, StringComparison.OrdinalIgnoreCase)) is >= 0 and var same ? same : LabelOf(names);
        if (found.Contains(labels)) labels = -1;
        var others = Enumerable.Range(0, names.Length).Except([.. found, labels]).Where(i => IsLearned(names[i])).ToArray();
        return others.Length == 0 ? new(names, labels, found)
            : throw new TorchletException($"has the column {Listed(others.Select(i => names[i]))}, which the network was not trained on; take it out");
    }

    static bool IsLearned(string name) => !NotLearned.Contains(name.ToLowerInvariant());

    static string Listed(IEnumerable<string> names) => LayerNames.Listed(names.Select(Printable.Of));

    static Columns Unnamed(int count) => Checked([.. Enumerable.Range(1, count).Select(n => $"{n}")], label: 0, _ => true);

    static Columns Checked(string[] names, int label, Func<int, bool> isLearned) =>
        Enumerable.Range(0, names.Length).Where(i => i != label && isLearned(i)).ToArray() is [_, ..] learned ? new(names, label, learned)
            : throw new TorchletException("has no column of numbers next to the labels; want some, with commas between them");

    static (string Label, Array Numbers) Row(string line, Columns columns, bool mayLackLabel)
    {
        var (text, fields) = Cut(line);
        if (fields.Length != columns.Names.Length) throw new TorchletException($"has {fields.Length} fields, and the first line {columns.Names.Length}");
        var label = columns.Label < 0 ? [] : text.AsSpan(fields[columns.Label]).Trim();
        if (label.IsEmpty && !mayLackLabel) throw new TorchletException("has an empty label");
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

/// <summary>Labels of user-defined data: names, each of which is a class.</summary>
static class LabelNames
{
    /// <summary>More names than this are taken to be numbers or names of single examples, not classes.</summary>
    public const int Most = 1000;

    /// <summary>The different ones: by size if all are numbers, else as Python sorts texts.</summary>
    public static ImmutableArray<string> Distinct(IEnumerable<string> labels)
    {
        var names = labels.Distinct().Order(StringComparer.Ordinal).ToList();
        return names.All(name => Number(name) is not null) ? [.. names.OrderBy(Number)] : [.. names];
    }

    /// <summary>The names, if there are so many classes that something is to be told apart, and no more than can be.</summary>
    /// <param name="names">The names.</param>
    /// <param name="remedy">The end of the message where all names are numbers.</param>
    /// <exception cref="TorchletException">There are not; the message says so without naming the file.</exception>
    public static ImmutableArray<string> Checked(ImmutableArray<string> names, string remedy = "") => names switch
    {
        [var only] => throw new TorchletException($"has one class, '{Shown(only)}'; want two or more to tell apart"),
        { Length: > Most } => throw new TorchletException($"has {names.Length:n0} different labels; want at most {Most:n0} classes"
            + (names.All(name => Number(name) is not null) ? remedy : "")),
        _ => names,
    };

    /// <summary>A class's name as it is printed and drawn.</summary>
    public static string Shown(string name) => Printable.Of(Printable.Composed(name.Normalize()));

    /// <summary>The training and test part of data that do not define them.</summary>
    /// <param name="labels">The class of each example, from 0.</param>
    /// <param name="names">The names of the classes.</param>
    /// <param name="remedy">The end of the message where the name is a number.</param>
    /// <exception cref="TorchletException">A class has too few examples for both; the message says so without naming the file.</exception>
    public static (ImmutableArray<int> Train, ImmutableArray<int> Test) Held(
        IReadOnlyCollection<int> labels, ImmutableArray<string> names, string remedy = "")
    {
        if (labels.CountBy(label => label).FirstOrDefault(count => count.Value == 1, new(-1, 0)) is { Key: >= 0 and var lonely })
            throw new TorchletException($"has one example of the class '{Shown(names[lonely])}'; want two or more, since some are held out for the test"
                + (Number(names[lonely]) is null ? "" : remedy));
        return HoldOut.Of(labels);
    }

    static double? Number(string name) => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>A file with one example.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">Its class, from 0.</param>
sealed record LabelledFile(string Path, int Label);
