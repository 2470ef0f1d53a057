using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Torchlet;

/// <summary>One display for all cells: a bar with the time left on a terminal, else a line for each cell that ends.</summary>
sealed class SweepDisplay(Sweep sweep, RunFolder run, int missing, IAnsiConsole? terminal)
{
    const int BarWidth = 40;

    readonly LiveRegion? region = terminal is null ? null : new(terminal);
    readonly long start = Stopwatch.GetTimestamp();
    SweepProgress progress = new(sweep.Cells.Length, sweep.Cells.Length - missing);

    /// <summary>Shows that nothing has ended yet.</summary>
    public void Begin() => Draw("");

    /// <summary>Shows a cell that has ended.</summary>
    public void Show(LocalEngine.Ended ended)
    {
        var files = new CellFiles(run.Folder, sweep.Cells[ended.Number].Id);
        var result = ended.Came == SweptScript.Done ? files.Read() : null;
        var isDone = result is { Damage: null };
        progress = progress with
        {
            Ended = progress.Ended + 1,
            Failed = progress.Failed + (isDone ? 0 : 1),
            Elapsed = Stopwatch.GetElapsedTime(start),
        };
        var line = Notice.Line($"{sweep.NameOf(ended.Number)}: "
            + (result?.Value is { } figures ? Figures(figures) : result?.Damage?.Message ?? Reason(files, ended.Came)));
        if (region is null) Console.WriteLine($"[{progress.Text}] {line}; {progress.Time}");
        else
        {
            if (!isDone) region.WriteAbove(line);
            Draw(line);
        }
    }

    /// <summary>Leaves the current display on the screen.</summary>
    public void Close() => region?.Close();

    void Draw(string last)
    {
        if (region is null) return;
        var (filled, unicode) = ((int)(BarWidth * progress.Share), terminal!.Profile.Capabilities.Unicode);
        var bar = new string(unicode ? '━' : '#', filled) + new string(unicode ? '─' : '-', BarWidth - filled);
        region.Draw([.. new[] { $"Cells {progress.Text} {bar} {progress.Time}", last }.Where(line => line.Length > 0)
            .Select(line => new Paragraph(line[..Math.Min(line.Length, Math.Max(1, terminal.Profile.Width - 1))]))]);
    }

    static string Reason(CellFiles files, string came) =>
        came == SweptScript.Taken ? "another process is at work on it"
        : came == SweptScript.Failed && File.Exists(files.Failure) ? RegularFile.Text(files.Failure).TrimEnd().TrimEnd('.') : came;

    static string Figures(CellResult result) => string.Join(", ", [
        .. from metric in result.Metrics
           where metric.Name is not ("train_loss" or "learning_rate")
           select string.Create(CultureInfo.InvariantCulture, $"{metric.Name} {metric.Value:g4}"),
        string.Create(CultureInfo.InvariantCulture, $"{result.Seconds:f1} s")]);
}

/// <summary>Progress of a sweep.</summary>
/// <param name="Cells">How many it has.</param>
/// <param name="Before">How many of them were done before.</param>
sealed record SweepProgress(int Cells, int Before)
{
    /// <summary>Cells that have ended since, whatever their end.</summary>
    public int Ended { get; init; }

    /// <summary>Those of them that are not done.</summary>
    public int Failed { get; init; }

    /// <summary>Since the sweep began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How many are done or have failed.</summary>
    public int At => Before + Ended;

    /// <summary>The share of them.</summary>
    public double Share => Cells == 0 ? 1 : (double)At / Cells;

    /// <summary>How many there are, and how long the rest takes at this pace.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{At.ToString(CultureInfo.InvariantCulture).PadLeft($"{Cells}".Length)}/{Cells}")
        + (Failed > 0 ? $", {Failed} failed" : "");

    /// <summary>How long the rest takes at this pace, or the whole has taken.</summary>
    public string Time => At == Cells ? $"in {Clocked(Elapsed)}" : Ended == 0 ? "" : $"{Clocked(Elapsed / Ended * (Cells - At))} left";

    static string Clocked(TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{(time.TotalHours < 1 ? "" : $"{(int)time.TotalHours}:")}{(time.TotalHours < 1 ? $"{time.Minutes}" : $"{time.Minutes:00}")}:{time.Seconds:00}");
}
