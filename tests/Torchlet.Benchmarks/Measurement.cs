namespace Torchlet.Benchmarks;

/// <summary>Result of several rounds of one contestant.</summary>
/// <param name="Comparison">What was measured: "epoch", "peak memory".</param>
/// <param name="Name">Whose it is.</param>
/// <param name="Unit">s, MB or the like.</param>
/// <param name="Ratio">Torchlet's number over this one's: the median of the rounds' ratios, in which a slow round slows both.</param>
sealed record Measurement(string Comparison, string Name, string Unit, double Median, double Min, double Max, double Ratio)
{
    /// <summary>Summaries of a contest's numbers, the first contestant being the one that the ratios are of.</summary>
    public static IReadOnlyList<Measurement> Of(string comparison, string unit, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> contest) =>
        [.. contest.Select(c => new Measurement(comparison, c.Name, unit, MedianOf(c.Values), c.Values.Min(), c.Values.Max(),
            MedianOf([.. contest[0].Values.Zip(c.Values, (ours, theirs) => ours / theirs)])))];

    /// <summary>The same of one of the numbers that each round gave.</summary>
    public static IReadOnlyList<Measurement> Of<T>(
        string comparison, string unit, IReadOnlyList<(string Name, IReadOnlyList<T> Rounds)> contest, Func<T, double> number) =>
        Of(comparison, unit, [.. contest.Select(c => (c.Name, (IReadOnlyList<double>)[.. c.Rounds.Select(number)]))]);

    public static double MedianOf(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}
