using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using CsvHelper;

namespace Torchlet;

/// <summary>
/// outputs/index.csv: one line for each run that ended, however it ended:
/// <c>script,time,folder,status,options,best_test_loss,accuracy,seconds</c>.
/// </summary>
/// <remarks>
/// Time is when the first row was asked for, seconds how long the rows took. The folder is relative to outputs/ where it lies within. The options are
/// those of <see cref="CommandLine.Differing"/>. The accuracy is the one of the epoch with the best test loss, in [0, 1].
/// </remarks>
public static class RunIndex
{
    static readonly string Header = Line(["script", "time", "folder", "status", "options", "best_test_loss", "accuracy", "seconds"]);

    /// <summary>A stage that sees a training run to its end: writes the run's status, and its line of the index.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="config">The run's options.</param>
    /// <param name="stop">What the run was stopped by, if it was.</param>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> Trained(RunFolder run, RunConfig config, CancellationToken stop = default) =>
        Stage<Epoch, Figures>(Place, run, config, stop, e => new(e.TestLoss, e.TestAccuracy), Best);

    /// <summary>The same for a comparison; its best test loss is that of all trainings.</summary>
    /// <inheritdoc cref="Trained"/>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> Compared(RunFolder run, RunConfig config, CancellationToken stop = default) =>
        Stage<LossEpoch, Figures>(Place, run, config, stop, e => new(e.Epoch.TestLoss, e.Epoch.TestAccuracy), Best);

    /// <summary>The same for inference, which has an accuracy and no loss.</summary>
    /// <inheritdoc cref="Trained"/>
    public static Func<IEnumerable<Prediction>, IEnumerable<Prediction>> Inferred(RunFolder run, RunConfig config, CancellationToken stop = default) =>
        Stage<Prediction, bool>(Place, run, config, stop, p => p.Predicted == p.Label, right => right.Count == 0 ? Figures.None : new(null, right.Average(r => r ? 1.0 : 0.0)));

    /// <summary>What a run came to, as far as it has such a figure.</summary>
    internal sealed record Figures(double? BestTestLoss, double? Accuracy)
    {
        public static readonly Figures None = new(null, null);
    }

    static string Place => Path.Combine(ProjectFolders.Outputs, "index.csv");

    internal static Figures Best(IReadOnlyCollection<Figures> rows) => rows.Where(r => !double.IsNaN(r.BestTestLoss!.Value)).MinBy(r => r.BestTestLoss) ?? Figures.None;

    // Only a figure of each row is kept: the rows themselves may be large.
    internal static Func<IEnumerable<T>, IEnumerable<T>> Stage<T, F>(
        string index, RunFolder run, RunConfig config, CancellationToken stop, Func<T, F> figure, Func<IReadOnlyCollection<F>, Figures> result) =>
        rows => Watch(index, run, config, stop, rows, figure, result);

    static IEnumerable<T> Watch<T, F>(
        string index, RunFolder run, RunConfig config, CancellationToken stop, IEnumerable<T> rows, Func<T, F> figure, Func<IReadOnlyCollection<F>, Figures> result)
    {
        var (time, start, kept, status) = (DateTimeOffset.Now, Stopwatch.GetTimestamp(), new List<F>(), RunStatus.Failed);
        try
        {
            using var source = rows.GetEnumerator();
            while (Next(source))
            {
                kept.Add(figure(source.Current));
                yield return source.Current;
            }
            status = RunStatus.Finished;
        }
        finally
        {
            if (status != RunStatus.Finished && stop.IsCancellationRequested) status = RunStatus.Interrupted;
            var (loss, accuracy) = result(kept);
            End(index, run, status, [run.Script, time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture), Within(Path.GetDirectoryName(index)!, run.Folder), status,
                CommandLine.Differing(config), Number(loss), Number(accuracy), Number(Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3))]);
        }

        bool Next(IEnumerator<T> source)
        {
            try
            {
                stop.ThrowIfCancellationRequested();
                return source.MoveNext();
            }
            catch (OperationCanceledException e) when (stop.IsCancellationRequested)
            {
                throw new InterruptedException($"interrupted; {kept.Count} finished {(kept.Count == 1 ? "row is" : "rows are")} in {ConsoleReport.Shown(run.Folder)}.", e);
            }
        }
    }

    /// <summary>Says what cannot be written in one line and goes on; says nothing after a failure, which is the greater news and often has the same cause.</summary>
    static void End(string index, RunFolder run, string status, ImmutableArray<string> fields)
    {
        try
        {
            RunStatus.Write(run, status);
            Add(index, fields);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (status != RunStatus.Failed) ConsoleReport.Warn($"{run.Folder} or {index} does not say that the run is {status}: {e.Message}");
        }
    }

    /// <summary>Appends a line, whole, while no other process does.</summary>
    internal static void Add(string index, ImmutableArray<string> fields)
    {
        using var turn = FolderLock.Take(Path.GetDirectoryName(index)!, CancellationToken.None).GetAwaiter().GetResult();
        using var file = new FileStream(index, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (Start(file) is { } start) file.Write(Encoding.UTF8.GetBytes(start + Line(fields)));
        else ConsoleReport.Warn($"{index} is no index of runs, so this run is not in it; move the file away.");
    }

    /// <summary>What must stand between the file's end, where it is left, and the next line; null if the file is something else.</summary>
    static string? Start(FileStream file)
    {
        if (file.Length == 0) return Header;
        var columns = Header.TrimEnd(); // Whoever has edited the file may have left other line ends.
        var first = new byte[columns.Length];
        if (file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) < first.Length || Encoding.UTF8.GetString(first) != columns) return null;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n' ? "" : "\r\n"; // A line that was cut short must not swallow the next one.
    }

    static string Line(ImmutableArray<string> fields)
    {
        var text = new StringWriter();
        using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture))
        {
            foreach (var field in fields) csv.WriteField(field);
            csv.NextRecord();
        }
        return text.ToString();
    }

    static string Within(string outputs, string folder) =>
        Path.GetRelativePath(outputs, folder) is var relative && relative.StartsWith("..", StringComparison.Ordinal) ? folder : relative;

    static string Number(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
