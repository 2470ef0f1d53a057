using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Torchlet;

/// <summary>Every combination that a sweep runs, in the grid's order: the last axis is the fastest, the seeds are the last.</summary>
/// <param name="Options">The options that the sweep varies, without the seed.</param>
/// <param name="Cells">The value of each of them in each cell, the seed last where it is varied too.</param>
/// <param name="HasSeeds">Whether it is.</param>
/// <param name="Ranges">Those of the options that are drawn from a range.</param>
sealed record SweepPlan(ImmutableArray<string> Options, ImmutableArray<ImmutableArray<string>> Cells, bool HasSeeds, ImmutableArray<string> Ranges)
{
    /// <summary>The option of the seed, and its column.</summary>
    public const string Seed = "seed";

    const int Most = 1_000_000;

    /// <summary>The plan that a sweep's options describe.</summary>
    /// <exception cref="CommandLineException">An axis is malformed, an option is given twice, or there are too many cells.</exception>
    public static SweepPlan Of(SweepConfig config)
    {
        if ((config.Random is null) != (config.With.Length == 0))
            throw new CommandLineException("--random wants `with` and the options to draw: --random 50 with lr=log:1e-6..1e-2.");
        ImmutableArray<SweepAxis> grid = [.. Parts(config.Grid).Select(line => SweepAxis.Of(line))];
        ImmutableArray<SweepAxis> drawn = [.. Parts(config.With).Select(line => SweepAxis.Drawn(line, config.Random!.Value))];
        ImmutableArray<SweepAxis> seeds = config.Seeds is { } text ? [SweepAxis.OfSeeds(text)] : [];
        ImmutableArray<string> options = [.. grid.Concat(drawn).Select(axis => axis.Option)];
        if (options.Concat(seeds.Select(s => s.Option)).GroupBy(o => o).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new CommandLineException($"--{twice.Key} is varied twice; give it once.");
        var count = grid.Concat(seeds).Aggregate((double)(config.Random ?? 1), (product, axis) => product * axis.Values.Length);
        if (count > Most) throw new CommandLineException(FormattableString.Invariant($"the sweep has {count:n0} cells; ask for at most {Most:n0}."));
        // A combination that is drawn twice is one run.
        var draws = Enumerable.Range(0, config.Random ?? 1).Select(i => ImmutableArray.CreateRange(drawn.Select(axis => axis.Values[i])))
            .DistinctBy(draw => string.Join(SweepConfig.Separator, draw)).ToList();
        var rows = Product(Product([[]], grid).SelectMany(_ => draws, (row, draw) => row.AddRange(draw)), seeds);
        return new(options, [.. rows], config.Seeds is not null, [.. drawn.Where(axis => axis.IsOfRange).Select(axis => axis.Option)]);
    }

    /// <summary>The arguments of a cell: those that all cells share, and those that are its own.</summary>
    public IReadOnlyList<string> Arguments(SweepConfig config, ImmutableArray<string> cell) =>
        [.. Parts(config.Shared), .. Varied.Zip(cell).SelectMany(option => CommandLine.Typed(option.First, option.Second))];

    /// <summary>Name of a combination: each option with its value.</summary>
    public static string Named(IEnumerable<string> options, IEnumerable<string> values) =>
        string.Join(" · ", options.Zip(values, (option, value) => $"{option} {value}"));

    IEnumerable<string> Varied => HasSeeds ? Options.Append(Seed) : Options;

    static IEnumerable<ImmutableArray<string>> Product(IEnumerable<ImmutableArray<string>> rows, IEnumerable<SweepAxis> axes) =>
        axes.Aggregate(rows, (all, axis) => all.SelectMany(_ => axis.Values, (row, value) => row.Add(value)));

    static string[] Parts(string text) => text.Split(SweepConfig.Separator, StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>An option that a sweep varies, and how.</summary>
/// <param name="Option">Its name.</param>
/// <param name="Values">The values that it takes, as they are typed.</param>
sealed record SweepAxis(string Option, ImmutableArray<string> Values)
{
    /// <summary>Whether they are drawn from a range of numbers, so that hardly two are the same.</summary>
    public bool IsOfRange { get; private init; }

    /// <summary>The axis of <c>option=a,b,c</c>, or of <c>option=a,b;c</c> where the values are lists.</summary>
    /// <exception cref="CommandLineException">The text is malformed, or a value is given twice.</exception>
    public static SweepAxis Of(string line, string from = "--grid")
    {
        var (option, text) = Parts(line, from);
        ImmutableArray<string> values = [.. text.Contains(';') ? text.TrimEnd(';').Split(';') : text.Split(',')];
        return values.GroupBy(v => v).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new CommandLineException($"{from} {line}: '{twice.Key}' is given twice; give each value once.")
            : new(option, values);
    }

    /// <summary>
    /// The axis of so many draws: evenly from <c>option=a..b</c>, by their logarithms from <c>option=log:a..b</c>, whole numbers from
    /// <c>option=whole:a..b</c>, or of a list. A draw depends on the option, its range and its number alone: asked for more, the first stay what they were.
    /// </summary>
    /// <exception cref="CommandLineException">The text is malformed, or a range is empty.</exception>
    public static SweepAxis Drawn(string line, int count)
    {
        const string from = "--with";
        var (option, text) = Parts(line, from);
        var (kind, range) = text.Split(':', 2) is ["log" or "whole", _] and var named ? (named[0], named[1]) : ("", text);
        if (range.Split("..") is not [var first, var last])
        {
            var values = Of(line, from).Values;
            return new(option, [.. Enumerable.Range(0, count).Select(i => values[(int)(values.Length * Share(line, i))])]);
        }
        var (low, high) = (Number(first), Number(last));
        if (!(low < high) || (kind == "log" && low <= 0))
            throw new CommandLineException($"{from} {line}: want the lower number first{(kind == "log" ? ", above 0" : "")}.");
        return new(option, [.. Enumerable.Range(0, count).Select(i => Value(Share(line, i)))]) { IsOfRange = true };

        string Value(double share) => kind switch
        {
            "log" => Text(Math.Exp(Math.Log(low) + share * Math.Log(high / low))),
            "whole" => Math.Floor(low + share * (high - low + 1)).ToString(CultureInfo.InvariantCulture),
            _ => Text(low + share * (high - low)),
        };
        double Number(string number) => double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.IsFinite(x) ? x
            : throw new CommandLineException($"{from} {line}: '{Printable.Of(number)}' is not a number.");
        // Six digits: a person can type them again.
        static string Text(double x) => x.ToString("g6", CultureInfo.InvariantCulture);
    }

    /// <summary>The seeds of <c>0..4</c> or <c>0,1,2</c>.</summary>
    /// <exception cref="CommandLineException">They are none.</exception>
    public static SweepAxis OfSeeds(string text)
    {
        const int most = 100_000;
        var seeds = text.Split("..") is [var first, var last] ? (Low: Whole(first), High: Whole(last)) : default((long Low, long High)?);
        if (seeds is not { Low: var low, High: var high }) return Of($"{SweepPlan.Seed}={string.Join(',', text.Split(',').Select(Whole))}", "--seeds");
        if (low > high || high - low >= most) throw new CommandLineException($"--seeds {text}: want the lower one first, and at most {most} of them.");
        return new(SweepPlan.Seed, [.. Enumerable.Range(0, (int)(high - low) + 1).Select(i => (low + i).ToString(CultureInfo.InvariantCulture))]);

        long Whole(string seed) => long.TryParse(seed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n
            : throw new CommandLineException($"--seeds {Printable.Of(text)}: want whole numbers, such as 0..4 or 0,1,2.");
    }

    static (string Option, string Text) Parts(string line, string from) =>
        line.Split('=', 2) is [{ Length: > 0 } option, { Length: > 0 } text] ? (option.TrimStart('-'), text)
        : throw new CommandLineException($"{from} {Printable.Of(line)}: want an option and its values, such as lr=1e-4,1e-3.");

    /// <summary>In [0, 1): 53 bits of the SHA-256 of what is drawn and which one it is.</summary>
    static double Share(string line, int index) =>
        (BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{line} {index}"))) >> 11) * (1.0 / (1L << 53));
}

/// <summary>
/// A sweep's command line as options of its own alone: the script that comes first as --script, several --grid as one, the words after
/// <c>with</c> as --with, and what is not the sweep's as --shared.
/// </summary>
public static class SweepArguments
{
    static readonly ImmutableArray<string> Own = [.. CommandLine.Options(new SweepConfig()).Select(o => o.Name)];

    // These may stand alone: what follows them is not their value.
    static readonly string[] Flags = [Option(nameof(SweepConfig.DryRun)), Option(nameof(ScriptConfig.Plain))];

    // A grid is repeated as a rule, with is spelt as a word.
    static readonly string[] Lines = [Option(nameof(SweepConfig.Grid)), Option(nameof(SweepConfig.With))];

    /// <summary>The arguments in that form. They are looked at when they are read.</summary>
    /// <exception cref="CommandLineException">One of them holds a tab, which separates the axes.</exception>
    public static IEnumerable<string> Of(IEnumerable<string> args)
    {
        foreach (var argument in Parted([.. args])) yield return argument;
    }

    static IReadOnlyList<string> Parted(string[] given)
    {
        if (given.FirstOrDefault(argument => argument.Contains(SweepConfig.Separator)) is { } tabbed)
            throw new CommandLineException($"{Printable.Of(tabbed)}: it holds a tab; leave it out, or give each axis as an argument of its own.");
        var named = given is [var script, ..] && !script.StartsWith('-') ? script : null;
        var (own, lines, shared) = (new List<string>(), new List<(string Option, string Line)>(), new List<string>());
        for (var i = named is null ? 0 : 1; i < given.Length; i++)
        {
            var (name, value) = given[i].Split('=', 2) is [var left, var right] ? (left, right) : (given[i], null);
            var option = name.StartsWith("--", StringComparison.Ordinal) ? name[2..] : name == "with" ? name : "";
            if (Lines.Contains(option))
            {
                if (value is not null) lines.Add((option, value));
                var first = i;
                while (value is null && i + 1 < given.Length && IsLine(given[i + 1], i == first)) lines.Add((option, given[++i]));
            }
            else if (Own.Contains(option) || name is "-h" or "-?" or "--help")
            {
                // With its value in one argument, since that may begin with a dash: --slurm "--time=10".
                own.AddRange(value is null && Own.Contains(option) && !Flags.Contains(option) && i + 1 < given.Length
                    ? CommandLine.Typed(option, given[++i]) : [given[i]]);
            }
            else shared.Add(given[i]);
        }
        return
        [
            .. named is null ? [] : CommandLine.Typed(Option(nameof(SweepConfig.Script)), named), .. own,
            .. lines.GroupBy(line => line.Option, line => line.Line).SelectMany(option => Joined(option.Key, option)),
            .. shared.Count == 0 ? [] : Joined(Option(nameof(SweepConfig.Shared)), shared),
        ];
    }

    static string[] Joined(string option, IEnumerable<string> parts) => CommandLine.Typed(option, string.Join(SweepConfig.Separator, parts));

    // Text in the place of an axis is reported as a malformed axis.
    static bool IsLine(string argument, bool isFirst) => !argument.StartsWith('-') && (isFirst || argument.Contains('='));

    static string Option(string property) => OptionRule.Name(typeof(SweepConfig).GetProperty(property)!);
}
