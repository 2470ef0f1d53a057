using System.Collections.Immutable;

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
    /// <exception cref="CommandLineException">An axis is none, an option stands twice, or there are too many cells.</exception>
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

    /// <summary>What a combination is called: each option with its value.</summary>
    public static string Named(IEnumerable<string> options, IEnumerable<string> values) =>
        string.Join(" · ", options.Zip(values, (option, value) => $"{option} {value}"));

    IEnumerable<string> Varied => HasSeeds ? Options.Append(Seed) : Options;

    static IEnumerable<ImmutableArray<string>> Product(IEnumerable<ImmutableArray<string>> rows, IEnumerable<SweepAxis> axes) =>
        axes.Aggregate(rows, (all, axis) => all.SelectMany(_ => axis.Values, (row, value) => row.Add(value)));

    static string[] Parts(string text) => text.Split(SweepConfig.Separator, StringSplitOptions.RemoveEmptyEntries);
}
