using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Torchlet;

/// <summary>
/// What a training shows while it runs. On a terminal: a bar for the run with speed and time left, the last epoch's figures, and a
/// sparkline of the test loss. Elsewhere (a pipe, CI, TERM=dumb) and with --plain: the notebook's lines.
/// </summary>
public sealed class LiveDisplay : IProgress<TrainingProgress>
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    readonly IAnsiConsole? terminal; // None: plain lines.
    readonly long start = Stopwatch.GetTimestamp();
    RunView view;
    LiveDisplayContext? live;
    TimeSpan next;

    internal LiveDisplay(int epochs, IAnsiConsole? terminal) => (view, this.terminal) = (new(epochs), terminal);

    /// <summary>The display of one training.</summary>
    public static LiveDisplay For(TrainConfig config) => new(config.Epochs, Terminal(config));

    /// <summary>The display of a comparison: one bar for all of its trainings.</summary>
    public static LiveDisplay For(CompareConfig config) => new(config.Epochs * config.Losses.Length * Math.Max(1, config.Seeds.Length), Terminal(config));

    /// <summary>A stage that shows each epoch.</summary>
    public IEnumerable<Epoch> Epochs(IEnumerable<Epoch> epochs) => terminal is null ? ConsoleReport.Plain(epochs) : Show(terminal, epochs, epoch => (epoch, ""));

    /// <summary>A stage that shows each epoch of a comparison, and each of its trainings in one line once it is over.</summary>
    public IEnumerable<LossEpoch> Compared(IEnumerable<LossEpoch> epochs) =>
        terminal is null ? ConsoleReport.Compared(epochs) : Show(terminal, epochs, row => (row.Epoch, $"{row.Loss}, seed {row.Seed}"));

    /// <summary>Moves the bar within an epoch.</summary>
    public void Report(TrainingProgress value)
    {
        if (terminal is null) return;
        view = view.With(value);
        if (Stopwatch.GetElapsedTime(start) >= next) Refresh(terminal);
    }

    IEnumerable<T> Show<T>(IAnsiConsole console, IEnumerable<T> rows, Func<T, (Epoch Epoch, string Training)> figures)
    {
        var over = new TaskCompletionSource();
        var display = console.Live(new Text("")).Overflow(VerticalOverflow.Crop).StartAsync(context =>
        {
            live = context;
            return over.Task;
        });
        try
        {
            foreach (var row in rows)
            {
                var (epoch, training) = figures(row);
                if (training != view.Training && !view.Rows.IsEmpty) console.WriteLine(view.Summary);
                view = view.With(epoch, training);
                Refresh(console);
                yield return row;
            }
        }
        finally
        {
            view = view with { IsOver = true };
            Refresh(console);
            over.SetResult();
            display.GetAwaiter().GetResult(); // Brings the cursor back.
            live = null;
        }
    }

    void Refresh(IAnsiConsole console)
    {
        var elapsed = Stopwatch.GetElapsedTime(start);
        next = elapsed + Pace;
        view = view with { Elapsed = elapsed };
        live?.UpdateTarget(new Rows(view.Lines(console.Profile.Width, console.Profile.Capabilities.Unicode)));
    }

    static IAnsiConsole? Terminal(RunConfig config)
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
