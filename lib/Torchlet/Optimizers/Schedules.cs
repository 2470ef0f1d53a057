using System.Collections.Immutable;
using static System.FormattableString;

namespace Torchlet;

/// <summary>Learning rates over the steps of a training. <c>total</c> is the number of all its steps; t, from 1, is the step.</summary>
public static class Schedules
{
    /// <summary>
    /// Every schedule that has a name on the command line, as a function of η and the number of steps: step goes down to a tenth after each third of them,
    /// exponential to a hundredth in all; plateau:3 is <see cref="ReduceOnPlateau"/> with this patience.
    /// </summary>
    public static ImmutableArray<(string Name, Func<double, long, Schedule> Of)> All { get; } =
    [
        ("constant", (rate, _) => Constant(rate)), ("cosine", Cosine), ("step", (rate, total) => Step(rate, every: Math.Max(1, (total + 2) / 3))),
        ("exponential", (rate, total) => Exponential(rate, Math.Pow(0.01, 1.0 / total))), ("one-cycle", OneCycle),
        ("plateau:3", (rate, _) => ReduceOnPlateau(rate, patience: 3)),
    ];

    /// <summary>The schedule of this name, plateau:N of any patience N.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Func<double, long, Schedule> Named(string name) => Find(name)
        ?? throw new ArgumentException($"schedule: want {string.Join(", ", All.Select(s => s.Name))}, got {name}.", nameof(name));

    internal static Func<double, long, Schedule>? Find(string name) => All.FirstOrDefault(s => s.Name == name).Of
        ?? (NumberedName.Parse(name) is { Name: "plateau", Number: >= 0 and <= 1_000_000 and var patience } && patience == Math.Floor(patience)
            ? (rate, _) => ReduceOnPlateau(rate, patience: (int)patience)
            : null);

    /// <summary>η at every step.</summary>
    public static Schedule Constant(double rate) => new(Invariant($"{rate}"), _ => rate) { IsConstant = true };

    /// <summary>η · factor^⌊(t − 1) / every⌋. PyTorch: StepLR.</summary>
    /// <example><c>Schedules.Step(0.1, every: 469, factor: 0.7)</c></example>
    public static Schedule Step(double rate, long every, double factor = 0.1) =>
        new(Invariant($"Step({rate}, {every}, {factor})"), t => rate * Math.Pow(factor, (t - 1) / every));

    /// <summary>η · factor^(t − 1). PyTorch: ExponentialLR, step by step.</summary>
    public static Schedule Exponential(double rate, double factor) => new(Invariant($"Exponential({rate}, {factor})"), t => rate * Math.Pow(factor, t - 1));

    /// <summary>
    /// η · (1 + cos(π · (t − 1) / total)) / 2: from η to nearly 0.
    /// Source: Loshchilov and Hutter 2016, arXiv:1608.03983; PyTorch: CosineAnnealingLR.
    /// </summary>
    /// <example><c>Schedules.Cosine(1e-3, total: 10 * 118)</c></example>
    public static Schedule Cosine(double rate, long total) =>
        new(Invariant($"Cosine({rate}, {total})"), t => rate * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(t - 1, total) / total)));

    /// <summary>Linear from 0 for so many steps, t / warmup of the other schedule's first number, and then the other schedule from its start.</summary>
    /// <example><c>Schedules.Warmup(50, Schedules.Cosine(0.1, total - 50))</c></example>
    public static Schedule Warmup(long steps, Schedule then) =>
        new($"Warmup({steps}, {then.Text})", t => t <= steps ? then.At(1) * t / steps : then.At(t - steps))
        {
            ByRows = then.ByRows is { } by ? rows => Warmup(steps, by(rows)) : null,
        };

    /// <summary>
    /// Up to η in a line for so many steps, then down to 0 in a cosine: <see cref="Warmup"/> into <see cref="Cosine"/>. A training of no more steps than
    /// that ends on the way up.
    /// </summary>
    public static Schedule WarmupCosine(double rate, long warmup, long total) => Warmup(warmup, Cosine(rate, Math.Max(1, total - warmup)));

    /// <summary>
    /// In cosines from η / 25 up to η over 30 % of the steps, and down to η / 250,000 over the rest. Source: Smith and Topin 2017, arXiv:1708.07120;
    /// PyTorch: OneCycleLR with its usual numbers and cycle_momentum=False. It cycles the rate only; unless told, PyTorch's also moves the momentum (beta1 of
    /// Adam) from 0.95 down to 0.85 and back, which trains to other numbers.
    /// </summary>
    public static Schedule OneCycle(double rate, long total) => new(Invariant($"OneCycle({rate}, {total})"), t =>
    {
        var top = 0.3 * total - 1;
        return t - 1 <= top ? Between(rate / 25, rate, (t - 1) / top) : Between(rate, rate / 25 / 1e4, (t - 1 - top) / (total - 1 - top));

        static double Between(double start, double end, double part) => end + (start - end) / 2 * (1 + Math.Cos(Math.PI * Math.Min(part, 1)));
    });

    /// <summary>
    /// η, and η · factor once more than <paramref name="patience"/> epochs in a row were no better than the best before them, and so on, down to
    /// <paramref name="min"/>. An epoch is better if its figure is below best · (1 − threshold). PyTorch: ReduceLROnPlateau, with its usual numbers.
    /// </summary>
    /// <remarks>The rate follows from the epochs so far and nothing else, so a resumed training continues with the same one.</remarks>
    /// <example><c>Optimizers.Adam(Schedules.ReduceOnPlateau(1e-3, patience: 3))</c></example>
    /// <param name="rate">η at first.</param>
    /// <param name="factor">Factor of a reduction, above 0 and below 1.</param>
    /// <param name="patience">How many epochs in a row may be no better.</param>
    /// <param name="threshold">By what share the figure must be better.</param>
    /// <param name="min">The smallest rate.</param>
    /// <param name="of">The figure, the lower the better; <see cref="Epoch.Cost"/> if not given.</param>
    /// <exception cref="ArgumentException">The factor or the patience is out of range.</exception>
    public static Schedule ReduceOnPlateau(
        double rate, double factor = 0.1, int patience = 10, double threshold = 1e-4, double min = 0, Func<Epoch, double>? of = null)
    {
        if (!(factor is > 0 and < 1) || patience < 0)
            throw new ArgumentException(Invariant($"ReduceOnPlateau: want a factor above 0 and below 1 and a patience from 0, got {factor} and {patience}."));
        var text = Invariant($"ReduceOnPlateau({rate}, {factor}, {patience}, {threshold}, {min}{(of is null ? "" : $", {Torchlet.Named.TextOf(of)}")})");
        return After(rows => Reduced(rows.Select(of ?? (row => row.Cost)))) with { Text = text };

        double Reduced(IEnumerable<double> figures)
        {
            const double least = 1e-8; // PyTorch's eps: a smaller reduction is left out.
            var (best, worse, now) = (double.PositiveInfinity, 0, rate);
            foreach (var figure in figures)
            {
                (best, worse) = figure < best * (best < 0 ? 1 + threshold : 1 - threshold) ? (figure, 0) : (best, worse + 1);
                if (worse <= patience) continue;
                var lower = Math.Max(now * factor, min);
                (now, worse) = (now - lower > least ? lower : now, 0);
            }
            return now;
        }
    }

    /// <summary>A custom schedule of an epoch's steps that depends on the rows of the epochs before it: none before the first.</summary>
    /// <example><c>Schedules.After(rows => rows.Count > 0 &amp;&amp; rows[^1].TestAccuracy > 0.9 ? 1e-4 : 1e-3)</c></example>
    public static Schedule After(Func<IReadOnlyList<Epoch>, Schedule> schedule) => new(Torchlet.Named.Own, t => schedule([]).At(t))
    {
        ByRows = rows => schedule(rows) with { IsConstant = false },
    };
}

/// <summary>A number for each step: a learning rate.</summary>
public sealed record Schedule
{
    /// <summary>A custom schedule: <c>new(t => 0.1 / Math.Sqrt(t))</c>.</summary>
    /// <param name="at">step, from 1 ↦ number.</param>
    public Schedule(Func<long, double> at) => At = at;

    internal Schedule(string text, Func<long, double> at) : this(at) => Text = text;

    /// <summary>The schedule as code: <c>Cosine(0.001, 1180)</c>; "own" for a custom one.</summary>
    public string Text { get; internal init; } = Named.Own;

    /// <summary>step, from 1 ↦ number. Another function, set by <c>with</c>, makes it a custom schedule.</summary>
    public Func<long, double> At { get; init => (field, Text, IsConstant, ByRows) = (value, Named.Own, false, null); }

    /// <summary>The schedule of the steps after these epochs, where it depends on their figures; null where it does not.</summary>
    internal Func<IReadOnlyList<Epoch>, Schedule>? ByRows { get; init; }

    /// <summary>Whether it is the same number at every step.</summary>
    public bool IsConstant { get; internal init; }

    /// <summary>Its text.</summary>
    public override string ToString() => Text;

    /// <summary>A number is a constant schedule.</summary>
    public static implicit operator Schedule(double rate) => Schedules.Constant(rate);
}
