using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>Reads log.csv of a training, and cuts it when the training is resumed.</summary>
static class TrainingLog
{
    /// <summary>Why a log may have no row.</summary>
    public const string NoEpoch = "no epoch of the run has ended";

    const string LineEnd = "\r\n";

    const string Accuracy = "accuracy", Test = "test", Validation = "validation", Averaged = "averaged_test",
        AveragedValidation = "averaged_validation", Seconds = "seconds", Rate = "learning_rate";

    /// <summary>Whether a folder has a log of one training.</summary>
    public static bool IsIn(string folder) => HeaderOf(folder)?.StartsWith(LogFiles.Log.Required, StringComparison.Ordinal) == true;

    /// <summary>Whether a folder has a log of several variants.</summary>
    public static bool IsOfVariants(string folder) => HeaderOf(folder)?.Split(',')[0] == LogFiles.Variants.Columns[0].Name;

    /// <summary>The trainings in a run's log.csv: one for each value of the column <c>seed</c>, or a single one without that column.</summary>
    /// <exception cref="TorchletException">The log is missing, damaged, or has no epoch.</exception>
    public static IReadOnlyList<IReadOnlyList<Epoch>> Read(RunFolder run) =>
        [.. LogFiles.Seeds.Read(run.Folder, NoEpoch).GroupBy(row => row.Seed, row => row.Epoch).Select(epochs => Judged(epochs, run.Folder))];

    /// <summary>The rows of a run's folder with the figure that it chooses epochs by, as its config.json says.</summary>
    public static List<Epoch> Judged(IEnumerable<Epoch> epochs, string folder)
    {
        var judge = Path.Combine(folder, RunRecord.FileName) is var file && File.Exists(file) ? RunRecord.Read(file).JudgedBy : JudgedBy.Loss;
        return [.. epochs.Select(epoch => epoch with { JudgedBy = judge })];
    }

    /// <summary>The column of the figure that chooses the best epoch, such as <c>validation_loss</c>.</summary>
    public static string JudgedColumn(Epoch epoch) => (epoch.AveragedValidation is not null ? AveragedValidation : epoch.Validation is not null ? Validation
        : epoch.Averaged is not null ? Averaged : Test) + $"_{epoch.JudgedBy.Figure}";

    /// <summary>The trainings of each variant in a run's log.csv, one for each seed.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<Epoch>> Trainings)> Variants(RunFolder run) =>
    [
        .. from row in LogFiles.Variants.Read(run.Folder, NoEpoch)
           group row by row.Variant into variant
           select (variant.Key, (IReadOnlyList<IReadOnlyList<Epoch>>)[.. variant.GroupBy(row => row.Seed, row => row.Epoch).Select(e => e.ToList())]),
    ];

    /// <summary>The fields of an epoch after those that every epoch has, in columns that are the same for every epoch of a training.</summary>
    public static IEnumerable<(string Column, object? Value)> Fields(Epoch epoch)
    {
        foreach (var metric in Metrics(epoch.Test, Test).Where(m => m.Column == $"{Test}_{Accuracy}")) yield return metric;
        yield return (Seconds, Math.Round(epoch.Elapsed.TotalSeconds, 6));
        foreach (var metric in Metrics(epoch.Test, Test).Where(m => m.Column != $"{Test}_{Accuracy}")) yield return metric;
        foreach (var (evaluation, name) in new[] { (epoch.Validation, Validation), (epoch.Averaged, Averaged), (epoch.AveragedValidation, AveragedValidation) })
        {
            if (evaluation is null) continue;
            yield return ($"{name}_loss", evaluation.Loss);
            foreach (var metric in Metrics(evaluation, name)) yield return metric;
        }
        if (epoch.LearningRate is { } rate) yield return (Rate, rate);
    }

    /// <summary>The epoch of a line, with every column that its log has.</summary>
    public static Epoch Epoch(CsvFields f) =>
        EpochOf(f.Columns, column => column == "epoch" ? f.Count(column, least: 1) : IsShare(column) ? f.Share(column)
            : column != Seconds || IsPossible(column, f.Number(column)) ? f.Number(column)
            : throw f.Wrong(column, $"want seconds from 0, got '{Printable.Of(f.Text(column))}'"));

    /// <summary>
    /// The log's first epochs. What follows them in the file, whole rows or a torn one, is cut off: those epochs will be trained again. Lines that an editor
    /// has ended otherwise end as a run ends them afterwards.
    /// </summary>
    /// <exception cref="TorchletException">A row is missing or is not one that a run writes.</exception>
    public static ImmutableArray<Epoch> Cut(string path, int epochs)
    {
        var text = File.Exists(path) ? RegularFile.Text(path)
            : throw new TorchletException($"{path} is missing; put it back, or train again without --resume.");
        var (rows, end) = (ImmutableArray.CreateBuilder<Epoch>(), EndOfLine(text, 0));
        var columns = CsvRows.Fields(text[..end].TrimEnd());
        if (end > 0 && !text.StartsWith($"{LogFiles.Log.Required},", StringComparison.Ordinal))
            throw new TorchletException($"{path} does not begin with {LogFiles.Log.Required}; put the whole log back, or train again without --resume.");
        // A link is replaced by a file: rows are appended to no other.
        var isForeign = EndsOtherwise(text, end) || SystemFile.At(path, followLinks: false)?.Kind == FileKind.Link;
        while (rows.Count < epochs)
        {
            var start = end;
            end = EndOfLine(text, start);
            isForeign |= EndsOtherwise(text, end);
            rows.Add(end > start ? Row(path, rows.Count + 1, columns, text[start..end].TrimEnd())
                : throw new TorchletException(
                    $"{path} holds {rows.Count} of the {epochs} epochs that are done; put the whole log back, or train again without --resume."));
        }
        // An epoch is in the log before it is in the checkpoint: one row may be too many, but more are finished epochs that must not be lost.
        if (text[end..].Count(c => c == '\n') > 1)
            throw new TorchletException($"{path} holds more epochs than the {epochs} that last.checkpoint has; put the checkpoint that belongs to it back, "
                + "or train again without --resume.");
        if (isForeign || end < text.Length) AtomicFile.Write(path, Encoding.UTF8.GetBytes(text[..end].ReplaceLineEndings(LineEnd)));
        return rows.DrainToImmutable();
    }

    /// <summary>Cuts another file that has a row for each epoch to its first rows.</summary>
    public static void Keep(string path, int epochs)
    {
        if (!File.Exists(path)) return;
        var (text, end) = (RegularFile.Text(path), 0);
        for (var line = 0; line <= epochs; line++) end = EndOfLine(text, end);
        if (end < text.Length) AtomicFile.Write(path, Encoding.UTF8.GetBytes(text[..end]));
    }

    /// <summary>Deletes the log of a run that was killed before its first checkpoint, when it had at most one row.</summary>
    /// <exception cref="TorchletException">It has more, so a checkpoint is missing.</exception>
    public static void Discard(string path, string checkpoint)
    {
        if (File.Exists(path) && RegularFile.Lines(path).Skip(2).Any())
            throw new TorchletException($"{checkpoint} is missing, though log.csv has epochs that are done; put it back, or train again without --resume.");
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
            ? EpochOf(columns, column => numbers[Array.IndexOf(columns, column)])
            : throw new TorchletException(
                $"{path}, line {index + 1}: \"{Printable.Of(line)}\" is not the row of epoch {index}; put the whole log back, "
                + "or train again without --resume.");
    }

    static Epoch EpochOf(IReadOnlyList<string> columns, Func<string, double> value)
    {
        return new((int)value("epoch"), value("train_loss"), Evaluation(Test))
        {
            Elapsed = columns.Contains(Seconds) ? TimeSpan.FromSeconds(value(Seconds)) : TimeSpan.Zero,
            Validation = columns.Contains($"{Validation}_loss") ? Evaluation(Validation) : null,
            Averaged = columns.Contains($"{Averaged}_loss") ? Evaluation(Averaged) : null,
            AveragedValidation = columns.Contains($"{AveragedValidation}_loss") ? Evaluation(AveragedValidation) : null,
            LearningRate = columns.Contains(Rate) ? value(Rate) : null,
        };

        Evaluation Evaluation(string name) => new(value($"{name}_loss"),
            [.. columns.Where(c => c.StartsWith($"{name}_", StringComparison.Ordinal) && c != $"{name}_loss").Select(c => (c[(name.Length + 1)..], value(c)))]);
    }

    static IEnumerable<(string Column, object? Value)> Metrics(Evaluation evaluation, string name) =>
        evaluation.Metrics.Select(metric => ($"{name}_{metric.Name}", (object?)metric.Value));

    static string? HeaderOf(string folder) => LogFiles.Log.IsIn(folder) ? RegularFile.FirstLine(LogFiles.Log.In(folder)) : null;

    static bool IsShare(string column) => column.EndsWith($"_{Accuracy}", StringComparison.Ordinal);

    static bool IsPossible(string column, double number) =>
        IsShare(column) ? number is >= 0 and <= 1
        : column == Seconds ? number is >= 0 and < 1e9
        : Math.Abs(number) <= CsvFields.Largest;
}
