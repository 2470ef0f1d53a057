using System.Collections.Immutable;
using System.Globalization;

namespace Torchlet;

/// <summary>The results of a sweep: results.csv and summary.md.</summary>
public static class SweepSummary
{
    const int MostRows = 50;

    /// <summary>Writes both of the cells that are done so far.</summary>
    public static void Write(Sweep sweep, RunFolder run)
    {
        var results = SweepResults.Write(sweep, run);
        var text = Markdown(results, sweep.Name, sweep.Cells.Length, sweep.Axes.Ranges);
        run.Write("summary.md", text);
        if (results.Ranked is [var best, ..])
            Console.WriteLine($"Best: {Named(results.Options, best.First.Values)}: {results.Judge} {MeanDeviation.Of(best.Figures)}; "
                + Notice.Shown(run.PathOf("summary.md")));
    }

    /// <summary>The combinations, the best first, as mean ± standard deviation over the seeds; and how much of the differences each option explains.</summary>
    internal static string Markdown(SweepResults results, string script, int cells, ImmutableArray<string> ranges)
    {
        var lines = new List<string> { $"# Sweep of {script}", "", $"{results.Rows.Length:n0} of {Plural.Of(cells, "cell is", "cells are")} done." };
        if (results.Judge is { } judge && results.Ranked is { Count: > 0 } ranked)
        {
            lines.AddRange(["", $"## By {judge}, the best first", "",
                Row([.. results.Options, .. results.Metrics, "cells"]),
                $"| {string.Join(" | ", Enumerable.Repeat("---", results.Options.Length + results.Metrics.Length + 1))} |"]);
            var rows = results.Rows.ToLookup(row => row.Key);
            lines.AddRange(ranked.Take(MostRows).Select(best => Row([.. best.First.Values, .. Means(results, rows[best.First.Key]), $"{best.Figures.Count}"])));
            if (ranked.Count > MostRows) lines.AddRange(["", $"The other {ranked.Count - MostRows} are in {SweepResults.FileName}."]);
            lines.AddRange(["", $"## Which option mattered", "", $"| option | share of the variance of {judge} that it explains |", "| --- | --- |",
                .. from option in Shares(results, judge, ranges)
                   orderby option.Share descending
                   select string.Create(CultureInfo.InvariantCulture, $"| {option.Option} | {option.Share:p0} |")]);
        }
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>
    /// η² of each option and of the seed: the variance between the means of its values, over the variance of all. Of one that is drawn from a range and
    /// so hardly has a value twice, r² of a straight line over it, or over its logarithm where it spans a factor of ten.
    /// </summary>
    internal static IEnumerable<(string Option, double Share)> Shares(SweepResults results, string judge, ImmutableArray<string> ranges)
    {
        var rows = results.Rows.Where(row => double.IsFinite(row.Metrics.GetValueOrDefault(judge, double.NaN))).ToList();
        var mean = rows.Select(row => Value(row)).DefaultIfEmpty().Average();
        var all = rows.Sum(row => Square(Value(row) - mean));
        foreach (var (i, option) in results.Options.Index())
            yield return (option, ranges.Contains(option) ? OfLine([.. rows.Select(r => r.Number(i)!.Value)]) : Between(r => r.Values[i]));
        if (rows.DistinctBy(r => r.Seed).Count() > 1) yield return (SweepPlan.Seed, Between(r => r.Seed));

        double Value(SweepRow row) => row.Metrics[judge];
        double Between(Func<SweepRow, string> key) =>
            all == 0 ? 0 : rows.GroupBy(key).Sum(group => group.Count() * Square(group.Average(row => Value(row)) - mean)) / all;
        double OfLine(double[] at)
        {
            double[] xs = SweepScale.IsLogarithmic(at) ? [.. at.Select(x => Math.Log(x))] : at;
            var middle = xs.DefaultIfEmpty().Average();
            var spread = xs.Sum(x => Square(x - middle));
            return all == 0 || spread == 0 ? 0 : Square(xs.Zip(rows, (x, row) => (x - middle) * (Value(row) - mean)).Sum()) / (spread * all);
        }
    }

    static IEnumerable<string> Means(SweepResults results, IEnumerable<SweepRow> rows) =>
        from metric in results.Metrics
        let figures = rows.Where(r => r.Metrics.ContainsKey(metric)).Select(r => r.Metrics[metric]).ToList()
        select figures.Count > 0 ? MeanDeviation.Of(figures).ToString() : "";

    static string Named(ImmutableArray<string> options, ImmutableArray<string> values) =>
        options.IsEmpty ? "all seeds" : SweepPlan.Named(options, values);

    // A name may hold anything, also what parts the columns of a table.
    static string Row(IEnumerable<string> fields) => $"| {string.Join(" | ", fields.Select(field => Printable.Whole(field).Replace("|", "\\|")))} |";

    static double Square(double x) => x * x;
}
