using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>A run that has ended: a row of outputs/index.csv.</summary>
/// <param name="Script">Name of the script.</param>
/// <param name="Time">When the run began.</param>
/// <param name="Folder">Its folder, relative to outputs/ if it is in there.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Options">Its options, as <see cref="CommandLine.Differing"/> gives them.</param>
/// <param name="BestTestLoss">Test loss of the best weights: of the epoch with the lowest validation loss, or test loss without validation.</param>
/// <param name="Accuracy">Accuracy of the same weights, or share of the predictions that are correct, in [0, 1].</param>
/// <param name="Seconds">How long the run took.</param>
sealed record IndexLine(
    string Script, string Time, string Folder, string Status, string Options, double? BestTestLoss, double? Accuracy, double Seconds);

/// <summary>outputs/index.csv: one line for each run that ended, however it ended.</summary>
/// <remarks>With --seeds, the training of each seed has a line, and the run that contains them has none.</remarks>
static class RunIndex
{
    // A line is written in a moment: who holds the file for longer than this is stopped, and must not hold up every run's end.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Its name.</summary>
    public const string FileName = "index.csv";

    /// <summary>The index's path.</summary>
    public static string Place => Path.Combine(ProjectFolders.Outputs, FileName);

    /// <summary>The folders of the runs that an index lists, each once, as far as it can be read; and what is wrong with it, null if nothing is.</summary>
    public static (IReadOnlyList<string> Folders, string? Damage) Folders(string index)
    {
        var (folders, damage) = (new List<string>(), new List<TorchletException>());
        if (File.Exists(index) && Reading.Of(index, () =>
        {
            folders.AddRange(CsvRows.Each(index, "folder", fields => Path.Combine(Path.GetDirectoryName(index)!, fields.Text("folder")), damage.Add));
            return folders;
        }).Damage is { } end)
            damage.Add(end);
        return ([.. folders.Distinct()], damage.FirstOrDefault()?.Message);
    }

    /// <summary>A run's line.</summary>
    /// <param name="index">The index's path.</param>
    /// <param name="run">The run, with the figures of its rows.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="options">Its options as <see cref="CommandLine.Differing"/> gives them.</param>
    /// <param name="time">When it began.</param>
    /// <param name="seconds">How long it took.</param>
    public static IndexLine Line(string index, RunFolder run, string status, string options, DateTimeOffset time, double seconds) => new(
        run.Script, time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture), Within(Path.GetDirectoryName(index)!, run.Folder), status, options,
        run.Figures.BestTestLoss, run.Figures.Accuracy, Math.Round(seconds, 3));

    /// <summary>Appends a line, whole, while no other process does.</summary>
    /// <exception cref="TorchletException">The file is something else, or another process does not let go of it.</exception>
    /// <exception cref="IOException">It cannot be written; so too an <see cref="UnauthorizedAccessException"/>.</exception>
    public static void Add(string index, IndexLine line)
    {
        using var turn = Turn(index);
        using var file = GrowingFile.Open(index);
        var start = Start(file) ?? throw new TorchletException($"{index} is not an index of runs, so this run is not in it; move the file away.");
        file.Write(Encoding.UTF8.GetBytes(start + CsvLog.Text(LogFiles.Index.Fields(line).Select(field => field.Value))));
    }

    static IDisposable Turn(string index)
    {
        var folder = Path.GetDirectoryName(index)!;
        if (FolderLock.TryTake(folder) is { } turn) return turn; // To wait takes a thread, and a process may be allowed no more.
        using var end = new CancellationTokenSource(Patience);
        try
        {
            return FolderLock.Take(folder, end.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            throw new TorchletException($"{index} does not list this run: another process has held {Path.Combine(folder, FolderLock.FileName)}"
                + $" for {Patience.TotalSeconds} seconds; end that one.", e);
        }
    }

    /// <summary>The text that is needed between the file's end and the next line; null if the file is something else.</summary>
    static string? Start(FileStream file)
    {
        var header = CsvLog.Text(LogFiles.Index.Header!);
        if (file.Length == 0) return header;
        var columns = header.TrimEnd(); // An editor may have left other line ends.
        var first = new byte[columns.Length];
        file.Position = 0;
        if (file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) < first.Length || Encoding.UTF8.GetString(first) != columns) return null;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n' ? "" : "\r\n"; // A line that was cut short must not swallow the next one.
    }

    /// <summary>Whether a folder is in the index's own.</summary>
    public static bool IsWithin(string outputs, string folder) => !Path.GetRelativePath(outputs, folder).StartsWith("..", StringComparison.Ordinal);

    /// <summary>A folder as the index names it: relative to its own if it is inside.</summary>
    public static string Within(string outputs, string folder) => IsWithin(outputs, folder) ? Path.GetRelativePath(outputs, folder) : folder;
}

/// <summary>Status of a run: one word in the file <c>status</c> of its folder. config.json claims the folder and never changes.</summary>
/// <remarks>A run that was killed outright leaves <c>running</c> behind.</remarks>
public static class RunStatus
{
    /// <summary>The file's name.</summary>
    internal const string FileName = "status";

    /// <summary>At work, or killed.</summary>
    public const string Running = "running";

    /// <summary>Its script has finished.</summary>
    public const string Finished = "finished";

    /// <summary>Ended on request; the rows up to then are on disk.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>Ended by an error.</summary>
    public const string Failed = "failed";

    /// <summary>The word in a run's folder; null without one, or if the file is larger than a word.</summary>
    internal static string? Of(string folder) =>
        Path.Combine(folder, FileName) is var path && new FileInfo(path) is { Exists: true, Length: < 100 } && RegularFile.Is(path)
            && RegularFile.Text(path).Trim() is { Length: > 0 } word ? word : null;

    /// <summary>Writes the word.</summary>
    public static void Write(RunFolder run, string status) => AtomicFile.Write(run.PathOf(FileName), path => File.WriteAllText(path, status + "\n"));
}

/// <summary>Figures of a run so far, as in its line of the index; null where it has none.</summary>
sealed class RunFigures
{
    int right, waited;

    /// <summary>Whether its epochs have passed the last stage, which checks that none was left out.</summary>
    public bool IsDrawn { get; set; }

    /// <summary>The most epochs in a row that were no better than the best before them.</summary>
    public int LongestWait { get; private set; }

    /// <summary>The lowest <see cref="Epoch.Cost"/>; null if there is none.</summary>
    public double? Cost { get; private set; }

    /// <summary>Rows that are on disk.</summary>
    public int Rows { get; private set; }

    /// <summary>The test loss, by the weights that are kept, of the epoch that <see cref="Epoch.Best"/> gives of all of them; null if there is none.</summary>
    public double? BestTestLoss { get; private set; }

    /// <summary>In [0, 1]: that of the same epoch, or the share of examples that are right.</summary>
    public double? Accuracy { get; private set; }

    /// <summary>A row more that has no such figures.</summary>
    public void Add() => Rows++;

    /// <summary>An epoch more.</summary>
    public void Add(Epoch epoch)
    {
        Rows++;
        var isBetter = !(double.IsNaN(epoch.Cost) || Cost <= epoch.Cost);
        waited = isBetter ? 0 : waited + 1;
        LongestWait = Math.Max(LongestWait, waited);
        if (!isBetter) return;
        (Cost, BestTestLoss, Accuracy) = (epoch.Cost, epoch.Kept.Loss, epoch.Kept["accuracy"]);
    }

    /// <summary>A prediction more.</summary>
    public void Add(Prediction prediction)
    {
        Rows++;
        if (prediction.Predicted == prediction.Label) right++;
        Accuracy = (double)right / Rows;
    }
}
