using System.Diagnostics;
using Spectre.Console;

namespace Torchlet;

/// <summary>
/// Display of a running training. On a terminal: a bar for the run with speed and time left, the last epoch's figures, and a
/// sparkline of the test loss. Elsewhere (a pipe, CI, TERM=dumb) and with --plain: the notebook's lines.
/// </summary>
public sealed class LiveDisplay : IProgress<TrainingProgress>
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    readonly IAnsiConsole? terminal; // None: plain lines.
    readonly LiveRegion? region;
    readonly long start = Stopwatch.GetTimestamp();
    RunProgress view;
    TimeSpan next;

    internal LiveDisplay(int epochs, IAnsiConsole? terminal) =>
        (view, this.terminal, region) = (new(epochs), terminal, terminal is null ? null : new LiveRegion(terminal));

    /// <summary>The display of one training of so many epochs.</summary>
    public static LiveDisplay For(ScriptConfig config, int epochs) => new(epochs, Terminal(config));

    /// <summary>The display of a comparison: one bar for all of its trainings.</summary>
    public static LiveDisplay For(CompareConfig config) => new(config.Epochs * config.Trainings, Terminal(config));

    /// <summary>A stage that shows each epoch.</summary>
    public IEnumerable<Epoch> Show(IEnumerable<Epoch> epochs) => region is null
        ? ConsoleReport.Plain(epochs) : Show(region, epochs.Select(epoch => epoch.MarkedBy(EpochStage.Display)), epoch => (epoch, ""));

    /// <summary>A stage that shows each epoch of a comparison, and each of its trainings in one line once it is over.</summary>
    public Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> ShowCompared(CompareConfig config) =>
        region is null ? ConsoleReport.Compared(config) : epochs => Show(region, epochs, row => (row.Epoch, $"{row.Loss}, seed {row.Seed}"));

    /// <summary>Moves the bar within an epoch.</summary>
    public void Report(TrainingProgress value)
    {
        if (terminal is null) return;
        view = view.With(value);
        if (Stopwatch.GetElapsedTime(start) < next) return;
        view = view with { TrainLoss = value.TrainLoss() }; // A loss that is NaN ends a long epoch here.
        Refresh();
    }

    IEnumerable<T> Show<T>(LiveRegion region, IEnumerable<T> rows, Func<T, (Epoch Epoch, string Training)> figures)
    {
        try
        {
            Refresh();
            foreach (var row in rows)
            {
                var (epoch, training) = figures(row);
                if (training != view.Training && !view.Rows.IsEmpty) region.WriteAbove(view.Summary);
                view = view.With(epoch, training);
                Refresh();
                yield return row;
            }
        }
        finally
        {
            view = view with { IsOver = true };
            Refresh();
            region.Close();
        }
    }

    void Refresh()
    {
        var elapsed = Stopwatch.GetElapsedTime(start);
        next = elapsed + Pace;
        view = view with { Elapsed = elapsed };
        region!.Draw([.. view.Lines(terminal!.Profile.Width, terminal.Profile.Capabilities.Unicode)]);
    }

    /// <summary>The terminal to draw on; null where plain lines are wanted.</summary>
    internal static IAnsiConsole? Terminal(ScriptConfig config)
    {
        if (config.Plain || Console.IsOutputRedirected || Variable("CI") is not (null or "false") || Variable("TERM") == "dumb") return null;
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Out) });
        console.Profile.Capabilities.Unicode &= ShowsUnicode;
        return console.Profile.Capabilities.Ansi ? console : null;
    }

    /// <summary>Whether the terminal's locale is one of UTF-8: .NET writes that whatever the locale is. The Linux console's font has no blocks.</summary>
    static bool ShowsUnicode => OperatingSystem.IsWindows() || Variable("TERM") != "linux"
        && (Variable("LC_ALL") ?? Variable("LC_CTYPE") ?? Variable("LANG") ?? "").Replace("-", "").Contains("utf8", StringComparison.OrdinalIgnoreCase);

    static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
