using System.Collections.Immutable;
using System.Globalization;
using Spectre.Console;

namespace Torchlet;

/// <summary>Progress of a run of one or more trainings, and its display in two or three lines.</summary>
/// <param name="Epochs">How many epochs the run is to have, those of all its trainings together.</param>
sealed record RunProgress(int Epochs)
{
    const int EchoOfCtrlC = 3; // The terminal's ^C, which must not wrap the last line, and a column that some terminals do not fill.
    const int WidestBar = 40, NarrowestBar = 5, WidestSparkline = 40;

    // The first batches take longer than all others, so a forecast from them alone would be far too long.
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(0.5);

    static readonly Style Filled = new(Color.Green), Empty = new(Color.Grey), Curve = new(Color.Aqua);

    /// <summary>Name of the current training, if there are several.</summary>
    public string Training { get; init; } = "";

    /// <summary>The epochs of the current training, without their states.</summary>
    public ImmutableList<Epoch> Rows { get; init; } = [];

    /// <summary>Epochs that are over, those of earlier trainings included.</summary>
    public int Over { get; init; }

    /// <summary>Epochs that were over before the view began: a training may go on where another run ended.</summary>
    public int Begun { get; init; }

    /// <summary>Training examples that were learned from in the epochs that are over.</summary>
    public long Examples { get; init; }

    /// <summary>Progress within the current epoch; null between two epochs.</summary>
    public TrainingProgress? At { get; init; }

    /// <summary>The mean loss within the epoch, when it was last read; null before that.</summary>
    public double? TrainLoss { get; init; }

    /// <summary>Since the view began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Whether the run is over, whatever its end.</summary>
    public bool IsOver { get; init; }

    /// <summary>The view a batch later.</summary>
    public RunProgress With(TrainingProgress at) =>
        (Over == 0 && At is null ? this with { Over = at.Epoch - 1, Begun = at.Epoch - 1 } : this) with { At = at };

    /// <summary>The view an epoch later.</summary>
    public RunProgress With(Epoch epoch, string training) => this with
    {
        Training = training,
        Rows = (training == Training ? Rows : []).Add(epoch.Figures()),
        Over = Over + 1,
        Examples = Examples + (At?.Of ?? 0),
        At = null,
    };

    /// <summary>The best epoch of the current training.</summary>
    public Epoch? Best => Epoch.Best(Rows);

    /// <summary>The current training in one line.</summary>
    public string Summary => (Training.Length == 0 ? "" : $"{Training}: ") + (Best is not { } best ? "no test loss"
        : $"best {EpochLine.Examples(best)} {(best.JudgedBy == JudgedBy.Loss ? $"loss {EpochLine.Brief(best.Judged)}"
            : $"{best.JudgedBy.Figure} {EpochLine.Figure(best, best.Judged)}")}, epoch {best.Index}");

    /// <summary>The view as lines of at most <paramref name="width"/> columns.</summary>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="unicode">Whether it shows more than ASCII.</param>
    public IEnumerable<Paragraph> Lines(int width, bool unicode)
    {
        var room = width - EchoOfCtrlC;
        yield return BarLine(room, unicode);
        if (Rows is [.., var last])
        {
            yield return new(Cut(EpochLine.Of(last), room));
            var curve = Sparkline.Of([.. Rows.Select(r => r.JudgedLoss)], Math.Min(WidestSparkline, room / 4), unicode);
            yield return new Paragraph(curve, Curve).Append(Cut($"  {Summary}", room - curve.Length));
        }
        else if (TrainLoss is { } loss) yield return new(Cut(Text($"Train Loss: {loss:f3}"), room));
    }

    double Done => Over + (At is { } at ? (double)at.Examples / at.Of : 0);

    Paragraph BarLine(int room, bool unicode)
    {
        var share = Math.Min(1, Done / Epochs);
        var at = (Over + (At is null ? 0 : 1)).ToString(new string('0', $"{Epochs}".Length), CultureInfo.InvariantCulture);
        var left = $"Epoch {at}/{Epochs} ";
        var percent = Text($" {share * 100,3:f0}%");
        // On a narrow terminal less is printed right of the bar.
        var right = new[] { percent + Speed + Time, percent + Time, percent }.FirstOrDefault(text => left.Length + NarrowestBar + text.Length <= room, "");
        var cells = Math.Clamp(room - left.Length - right.Length, 0, WidestBar);
        var filled = (int)(cells * share);
        return new Paragraph(Cut(left, room))
            .Append(new string(unicode ? '━' : '#', filled), Filled)
            .Append(new string(unicode ? '─' : '-', cells - filled), Empty)
            .Append(right);
    }

    string Speed => Examples + (At?.Examples ?? 0) is > 0 and var seen && Elapsed > TimeSpan.Zero ? Text($"  {seen / Elapsed.TotalSeconds:n0} examples/s") : "";

    string Time => IsOver ? $"  in {Clocked(Elapsed)}" : Ahead is { } left ? $"  {Clocked(left)} left" : "";

    /// <summary>Estimated time of the remaining epochs at the current speed.</summary>
    TimeSpan? Ahead => Done > Begun && Elapsed > Settling ? Elapsed / (Done - Begun) * (Epochs - Done) : null;

    static string Clocked(TimeSpan time) =>
        time.TotalHours < 1 ? Text($"{(int)time.TotalMinutes}:{time.Seconds:00}") : Text($"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}");

    static string Cut(string text, int room) => text.Length <= room ? text : text[..Math.Max(0, room)];

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>A curve in one line of text.</summary>
static class Sparkline
{
    const string Blocks = "▁▂▃▄▅▆▇█", Ascii = "_.-:=+*#";

    /// <summary>One letter for each value, from the lowest of them to the highest; ? for NaN.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="width">The most letters; more values are taken together, by their mean.</param>
    /// <param name="unicode">Whether the terminal shows more than ASCII.</param>
    public static string Of(IReadOnlyList<double> values, int width, bool unicode)
    {
        var cells = Enumerable.Range(0, Math.Min(width, values.Count)).Select(i => values.Skip(Start(i)).Take(Start(i + 1) - Start(i)).Average()).ToList();
        var finite = cells.Where(double.IsFinite).DefaultIfEmpty().ToList();
        var (low, high) = (finite.Min(), finite.Max());
        return string.Concat(cells.Select(cell =>
            !double.IsFinite(cell) ? '?' : (unicode ? Blocks : Ascii)[high > low ? (int)Math.Round((cell - low) / (high - low) * 7) : 0]));

        int Start(int cell) => (int)((long)cell * values.Count / Math.Min(width, values.Count));
    }
}
