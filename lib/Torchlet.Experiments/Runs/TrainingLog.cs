using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>A training's log.csv, taken up again.</summary>
static class TrainingLog
{
    const string LineEnd = "\r\n";

    /// <summary>Whether a file is a log of one training's epochs.</summary>
    public static bool IsOne(string path) =>
        File.Exists(path) && File.ReadLines(path).FirstOrDefault()?.StartsWith(EpochColumns.Required, StringComparison.Ordinal) == true;

    /// <summary>The trainings in a run's log.csv: a single one, or where there is a column <c>seed</c> one for each seed.</summary>
    /// <exception cref="TorchletException">The log is missing, damaged, or has no epoch.</exception>
    public static IReadOnlyList<IReadOnlyList<Epoch>> Read(RunFolder run) =>
        [.. CsvRows.Read(run.PathOf("log.csv"), EpochColumns.Required, f => (Seed: f.Has("seed") ? f.Whole("seed") : 0, Epoch: f.Epoch()),
                none: "no epoch of the run has ended")
            .GroupBy(row => row.Seed, row => row.Epoch).Select(epochs => epochs.ToList())];

    /// <summary>Whether a file is a log of several variants' epochs.</summary>
    public static bool IsOfVariants(string path) =>
        File.Exists(path) && File.ReadLines(path).FirstOrDefault()?.StartsWith("variant,", StringComparison.Ordinal) == true;

    /// <summary>The trainings of each variant in a run's log.csv, one for each seed.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<Epoch>> Trainings)> Variants(RunFolder run) =>
    [
        .. from row in CsvRows.Read(run.PathOf("log.csv"), $"variant,seed,{EpochColumns.Required}",
               f => new VariantEpoch(f.Text("variant"), f.Whole("seed"), f.Epoch()), none: "no epoch of the run has ended")
           group row by row.Variant into variant
           select (variant.Key, (IReadOnlyList<IReadOnlyList<Epoch>>)[.. variant.GroupBy(row => row.Seed, row => row.Epoch).Select(e => e.ToList())]),
    ];

    /// <summary>
    /// The log's first epochs. What follows them in the file, whole rows or a torn one, is cut off: those epochs will be trained again. Lines that an editor
    /// has ended otherwise end as a run ends them afterwards.
    /// </summary>
    /// <exception cref="TorchletException">One of them is missing or is no row of numbers that a run writes.</exception>
    public static ImmutableArray<Epoch> Cut(string path, int epochs)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : throw new TorchletException($"{path} is missing; put it back, or train anew without --resume.");
        var (rows, end) = (ImmutableArray.CreateBuilder<Epoch>(), EndOfLine(text, 0));
        var columns = text[..end].TrimEnd().Split(',');
        if (end > 0 && !text.StartsWith($"{EpochColumns.Required},", StringComparison.Ordinal))
            throw new TorchletException($"{path} does not begin with {EpochColumns.Required}; put the whole log back, or train anew without --resume.");
        var isForeign = EndsOtherwise(text, end);
        while (rows.Count < epochs)
        {
            var start = end;
            end = EndOfLine(text, start);
            isForeign |= EndsOtherwise(text, end);
            rows.Add(end > start ? Row(path, rows.Count + 1, columns, text[start..end].TrimEnd())
                : throw new TorchletException(
                    $"{path} holds {rows.Count} of the {epochs} epochs that are done; put the whole log back, or train anew without --resume."));
        }
        if (isForeign || end < text.Length) AtomicFile.Write(path, Encoding.UTF8.GetBytes(text[..end].ReplaceLineEndings(LineEnd)));
        return rows.DrainToImmutable();
    }

    /// <summary>The first rows of another file that has one for each epoch: what follows them is cut off.</summary>
    public static void Keep(string path, int epochs)
    {
        if (!File.Exists(path)) return;
        var (text, end) = (File.ReadAllText(path), 0);
        for (var line = 0; line <= epochs; line++) end = EndOfLine(text, end);
        if (end < text.Length) AtomicFile.Write(path, Encoding.UTF8.GetBytes(text[..end]));
    }

    /// <summary>Deletes the log of a run that was killed before its first checkpoint, when it had at most one row.</summary>
    /// <exception cref="TorchletException">It has more, so a checkpoint is missing.</exception>
    public static void Discard(string path, string checkpoint)
    {
        if (File.Exists(path) && File.ReadLines(path).Skip(2).Any())
            throw new TorchletException($"{checkpoint} is missing, though log.csv has epochs that are done; put it back, or train anew without --resume.");
        File.Delete(path);
    }

    /// <summary>Where the line that begins at <paramref name="start"/> ends, its line feed included; there again if no whole line is left.</summary>
    static int EndOfLine(string text, int start) => text.IndexOf('\n', start) is >= 0 and var at ? at + 1 : start;

    static bool EndsOtherwise(string text, int end) => end > 0 && !text.AsSpan(0, end).EndsWith(LineEnd);

    /// <summary>
    /// A row as a run writes it: as many numbers as there are columns, in the ranges that they can have. NaN would hide every better epoch to come.
    /// </summary>
    static Epoch Row(string path, int index, string[] columns, string line)
    {
        var numbers = line.Split(',')
            .Select(n => double.TryParse(n, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToArray();
        return numbers.Length == columns.Length && columns.Zip(numbers).All(field => IsPossible(field.First, field.Second)) && numbers[0] == index
            ? EpochColumns.Epoch(columns, column => numbers[Array.IndexOf(columns, column)])
            : throw new TorchletException(
                $"{path}, line {index + 1}: \"{Printable.Of(line)}\" is not the row of epoch {index}; put the whole log back, or train anew without --resume.");
    }

    static bool IsPossible(string column, double number) =>
        column.EndsWith("_accuracy", StringComparison.Ordinal) ? number is >= 0 and <= 1
        : column == "seconds" ? number is >= 0 and < 1e9
        : Math.Abs(number) <= CsvFields.Largest;
}
