using System.Diagnostics;
using System.Globalization;
using System.Text;
using CsvHelper;

namespace Torchlet;

/// <summary>
/// Stages that write rows to the CSV files of <see cref="LogFiles"/>: invariant culture, numbers that read back as the same double, whole lines at a time.
/// </summary>
public static class CsvLog
{
    // A system call for each row takes twice the time of the row.
    static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    /// <summary>A stage that writes log.csv of a training: a row for each epoch. A resumed run appends to it.</summary>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> To(RunFolder run) => epochs =>
        Append(
            run, LogFiles.Log, epochs.Select(run.Logged), epoch => epoch, run.Finished.Rows.IsEmpty ? FileMode.CreateNew : FileMode.Append,
            flush: true) // A checkpoint must not survive a power cut that the rows before it do not survive.
        | Pipe.Tap<Epoch>(run.Figures.Add);

    /// <summary>A stage that writes log.csv of a comparison: a row for each loss, seed and epoch.</summary>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> Compared(RunFolder run) => rows =>
        Append(run, LogFiles.Compared, rows, row => row, FileMode.CreateNew) | Pipe.Tap<LossEpoch>(row => run.Figures.Add(row.Epoch));

    /// <summary>A stage that writes equivalence.csv: the difference between two losses at each step.</summary>
    public static Func<IEnumerable<LossDifference>, IEnumerable<LossDifference>> Equivalence(RunFolder run) => To(run, LogFiles.Equivalence);

    /// <summary>A stage that writes stability.csv: each loss at large logits.</summary>
    public static Func<IEnumerable<StabilityRow>, IEnumerable<StabilityRow>> Stability(RunFolder run) => To(run, LogFiles.Stability);

    /// <summary>A stage that writes gradients.csv: the gradients at the logits.</summary>
    public static Func<IEnumerable<GradientNorm>, IEnumerable<GradientNorm>> Gradients(RunFolder run) => To(run, LogFiles.Gradients);

    /// <summary>A stage that writes reduction.csv: steps for the sum of the losses against steps for their mean.</summary>
    public static Func<IEnumerable<ReductionStep>, IEnumerable<ReductionStep>> Reduction(RunFolder run) => To(run, LogFiles.Reduction);

    /// <summary>A stage that writes predictions.csv: the prediction for each example.</summary>
    public static Func<IEnumerable<Prediction>, IEnumerable<Prediction>> Predictions(RunFolder run) => rows =>
        rows | To(run, LogFiles.Predictions()) | Pipe.Tap<Prediction>(run.Figures.Add);

    /// <summary>A stage that writes classes.csv: the accuracy of each class.</summary>
    public static Func<IEnumerable<ClassAccuracy>, IEnumerable<ClassAccuracy>> Classes(RunFolder run) => To(run, LogFiles.Classes);

    /// <summary>A stage that writes worst_mistakes.csv: mistakes with their pixels.</summary>
    public static Func<IEnumerable<Mistake>, IEnumerable<Mistake>> Mistakes(RunFolder run) => To(run, LogFiles.Mistakes());

    /// <summary>A stage that writes first_layer.csv: the weights of each unit of the first layer.</summary>
    public static Func<IEnumerable<UnitWeights>, IEnumerable<UnitWeights>> FirstLayer(RunFolder run) => To(run, LogFiles.FirstLayer);

    /// <summary>
    /// A stage that writes reconstructions.csv whenever an epoch is the best so far: the first test examples, and their reconstructions.
    /// <c>Plots.Curves</c> then draws them too.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="count">How many examples.</param>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> Reconstructions(RunFolder run, int count = 10) => Checkpoint.AtBest(run, epoch =>
    {
        epoch.CheckBefore(EpochStage.Draw);
        var (recipe, data) = (run.StateOf(epoch).Recipe!, run.Data!);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var model = epoch.State!.Kept().Model(recipe.Net(data)).To(data.Test.Inputs.device);
        Write(run.Folder, LogFiles.Reconstructions, Reconstruction.Of(model, data.Test, recipe.Objective, count));
    });

    /// <summary>
    /// A stage that writes layer_gradients.csv: the norm of the gradient for each parameter after each epoch. It is placed before
    /// <see cref="Checkpoint.KeepLast(RunFolder)"/>, and <c>Plots.Curves</c> then draws them too.
    /// </summary>
    /// <remarks>It takes the time of one step per epoch and does not change the training: see <see cref="LayerGradient.Of"/>.</remarks>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> LayerGradients(RunFolder run) => epochs =>
    {
        TrainingLog.Keep(LogFiles.LayerGradients.In(run.Folder), run.Finished.Rows.Length);
        return Append(
            run, LogFiles.LayerGradients, epochs | Pipe.Tap<Epoch>(epoch => epoch.CheckBefore(EpochStage.KeepLast)),
            epoch => (epoch.Index, [.. LayerGradient.Of(run.StateOf(epoch), run.Data!)]), FileMode.Append);
    };

    /// <summary>
    /// A stage that writes drawings.csv, the answer for each drawing, drawings_seen.csv, the pixels that the network was given, and thumbnails of the drawings
    /// in drawings/.
    /// </summary>
    public static Func<IEnumerable<DrawingAnswer>, IEnumerable<DrawingAnswer>> Drawings(RunFolder run) => answers => answers
        | To(run, LogFiles.Drawings, (DrawingAnswer a) => new(a.Drawing.Name, a.Likeliest, a.Remark))
        | To(run, LogFiles.DrawingsSeen, (DrawingAnswer a) => new(a.Drawing.Name, a.Drawing.Seen, a.Drawing.Shape))
        | Pipe.Tap<DrawingAnswer>(a =>
        {
            var thumbnail = run.PathOf(ThumbnailOf(a.Number));
            Directory.CreateDirectory(Path.GetDirectoryName(thumbnail)!);
            AtomicFile.Write(thumbnail, PictureFile.Png(a.Drawing.Thumbnail));
        });

    /// <summary>Path of a drawing's thumbnail within a run's folder.</summary>
    /// <param name="number">Number of its row in drawings.csv, from 1.</param>
    internal static string ThumbnailOf(int number) => FormattableString.Invariant($"drawings/{number:d4}.png");

    /// <summary>Writes log.csv of a run with several seeds.</summary>
    internal static void Seeds(RunFolder whole, IEnumerable<(long Seed, Epoch Epoch)> rows) => Write(whole.Folder, LogFiles.Seeds, rows);

    /// <summary>Writes log.csv of a run with several variants.</summary>
    internal static void Variants(RunFolder whole, IEnumerable<VariantEpoch> rows) => Write(whole.Folder, LogFiles.Variants, rows);

    /// <summary>Writes step_losses.csv: the loss of each training step.</summary>
    internal static void Steps(RunFolder whole, IEnumerable<StepLoss> rows) => Write(whole.Folder, LogFiles.Steps, rows);

    /// <summary>Writes results.csv: published figures and ours.</summary>
    internal static void Reproductions(RunFolder whole, IEnumerable<Reproduction> rows) => Write(whole.Folder, LogFiles.Reproductions, rows);

    /// <summary>Writes a file of rows that are all known, whole or not at all.</summary>
    internal static void Write<Row>(string folder, LogFile<Row> file, IEnumerable<Row> rows)
    {
        IEnumerable<IEnumerable<object?>> header = file.Header is { } known ? [known] : rows.Take(1).Select(row => file.Fields(row).Select(f => f.Name));
        var lines = header.Concat(rows.Select(row => file.Fields(row).Select(f => f.Value)));
        AtomicFile.Write(file.In(folder), Encoding.UTF8.GetBytes(Text(lines)));
    }

    /// <summary>Lines of a CSV file.</summary>
    internal static string Text(params IEnumerable<IEnumerable<object?>> lines)
    {
        var text = new StringWriter();
        using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture))
            foreach (var line in lines) WriteLine(csv, line);
        return text.ToString();
    }

    /// <summary>
    /// A stage that appends each row to a file as it passes, whole lines at a time: a row is on disk before the next one is asked for, except for rows that
    /// follow within a tenth of a second, which are written together.
    /// </summary>
    /// <param name="path">The file; it must not exist yet.</param>
    /// <param name="columns">A row as an anonymous object whose properties are the columns.</param>
    public static Func<IEnumerable<T>, IEnumerable<T>> To<T, C>(string path, Func<T, C> columns)
    {
        var properties = typeof(C).GetProperties();
        return rows => Append(path, rows, Fields, FileMode.CreateNew, header: properties.Select(p => p.Name), together: Together);

        IEnumerable<(string Column, object? Value)> Fields(T row)
        {
            var values = columns(row);
            return properties.Select(p => (p.Name, p.GetValue(values)));
        }
    }

    static Func<IEnumerable<Row>, IEnumerable<Row>> To<Row>(RunFolder run, LogFile<Row> file) => To(run, file, (Row row) => row);

    static Func<IEnumerable<T>, IEnumerable<T>> To<T, Row>(RunFolder run, LogFile<Row> file, Func<T, Row> row) => rows =>
        Append(file.In(run.Folder), rows, r => file.Fields(row(r)), FileMode.CreateNew, file.Header, together: Together);

    static IEnumerable<T> Append<T, Row>(RunFolder run, LogFile<Row> file, IEnumerable<T> rows, Func<T, Row> row, FileMode mode, bool flush = false) =>
        Append(file.In(run.Folder), rows, r => file.Fields(row(r)), mode, file.Header, flush);

    static IEnumerable<T> Append<T>(
        string path, IEnumerable<T> rows, Func<T, IEnumerable<(string Column, object? Value)>> columns,
        FileMode mode, IEnumerable<string>? header, bool flush = false, TimeSpan together = default)
    {
        var there = mode == FileMode.Append && File.Exists(path) ? RegularFile.FirstLine(path) : null;
        using var file = mode == FileMode.Append ? GrowingFile.Open(path) : GrowingFile.Make(path);
        using var lines = new MemoryStream();
        using var csv = new CsvWriter(new StreamWriter(lines), CultureInfo.InvariantCulture);
        var (written, isNew) = (0L, file.Length == 0);
        try
        {
            if (isNew && header is not null) WriteLine(csv, header);
            foreach (var row in rows)
            {
                var fields = columns(row).ToList();
                if (isNew && header is null) WriteLine(csv, fields.Select(f => f.Column));
                if (there is not null) CheckColumns(path, there, fields.Select(f => f.Column));
                WriteLine(csv, fields.Select(f => f.Value));
                if (Stopwatch.GetElapsedTime(written) >= together)
                {
                    Write();
                    if (flush) SystemFile.Flush(file.SafeFileHandle);
                    written = Stopwatch.GetTimestamp();
                }
                (isNew, there) = (false, null);
                yield return row;
            }
        }
        finally
        {
            Write();
        }

        void Write()
        {
            lines.WriteTo(file);
            lines.SetLength(0);
        }
    }

    /// <summary>Fails for a row that would not fit below the header of a file that is continued.</summary>
    static void CheckColumns(string path, string header, IEnumerable<string> columns)
    {
        if (Text([columns]).TrimEnd() is var now && now != header)
            throw new TorchletException($"{path} has the columns {Printable.Of(header)}, and this training has {now}; resume it with the same metrics.");
    }

    static void WriteLine<T>(CsvWriter csv, IEnumerable<T> fields)
    {
        foreach (var field in fields) csv.WriteField<object?>(field);
        csv.NextRecord();
        csv.Flush();
    }
}
