using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CsvHelper;

namespace Torchlet;

/// <summary>
/// results.csv of a sweep: <c>cell</c>, the options that differ, <c>seed</c>, every metric, <c>best_epoch</c>, <c>seconds</c>; a row a cell, in the
/// grid's order.
/// </summary>
/// <param name="Options">The options that differ.</param>
/// <param name="Metrics">The metrics' columns.</param>
/// <param name="Rows">The cells that are done.</param>
sealed record SweepResults(ImmutableArray<string> Options, ImmutableArray<string> Metrics, ImmutableArray<SweepRow> Rows)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "results.csv";

    const string Cell = "cell", BestEpoch = "best_epoch", Seconds = "seconds";

    // What a person looks for first: the loss that epochs are judged by, as far as a script has it.
    static readonly string[] Judged = ["validation_loss", "test_loss", "best_test_loss", "accuracy"];

    /// <summary>The metric that cells are judged by: that of validation if there is one, else of the test set, else the first one.</summary>
    public string? Judge => Judged.FirstOrDefault(Metrics.Contains) ?? Metrics.FirstOrDefault();

    /// <summary>Whether more of it is better.</summary>
    public bool MoreIsBetter => Judge?.EndsWith("accuracy", StringComparison.Ordinal) == true;

    /// <summary>Each combination of options with its rows, the best first; those without a finite figure last.</summary>
    public IReadOnlyList<(SweepRow First, IReadOnlyList<double> Figures)> Ranked => Judge is not { } judge ? []
        : [.. from row in Rows
              group row by row.Key into same
              let figures = same.Select(r => r.Metrics.GetValueOrDefault(judge, double.NaN)).ToList()
              let mean = figures.Average()
              orderby double.IsNaN(mean) ? double.PositiveInfinity : MoreIsBetter ? -mean : mean
              select (same.First(), (IReadOnlyList<double>)figures)];

    /// <summary>Writes results.csv of the cells that are done.</summary>
    internal static SweepResults Write(Sweep sweep, RunFolder run)
    {
        var done = (from cell in sweep.Cells
                    let files = new CellFiles(run.Folder, cell.Id)
                    where files.IsDone
                    select (Cell: cell, Result: CellResult.Read(files.Result))).ToList();
        ImmutableArray<string> metrics = [.. done.SelectMany(d => d.Result.Metrics).Select(m => m.Name).Distinct()];
        var text = new StringWriter();
        using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture))
        {
            Line(csv, [Cell, .. sweep.Axes.Options, SweepPlan.Seed, .. metrics, BestEpoch, Seconds]);
            foreach (var (cell, result) in done)
                Line(csv, [cell.Id, .. cell.Values, cell.Seed, .. metrics.Select(name => Number(result, name)), $"{result.BestEpoch}",
                    result.Seconds.ToString(CultureInfo.InvariantCulture)]);
        }
        AtomicFile.Write(run.PathOf(FileName), Encoding.UTF8.GetBytes(text.ToString()));
        return Read(run.Folder, sweep.Axes.Options);
    }

    /// <summary>What stands in a sweep's results.csv.</summary>
    /// <exception cref="TorchletException">It is missing or damaged.</exception>
    public static SweepResults Read(string folder, ImmutableArray<string> options)
    {
        var file = Path.Combine(folder, FileName);
        string[] known = [Cell, .. options, SweepPlan.Seed, BestEpoch, Seconds];
        ImmutableArray<string> metrics = [.. File.ReadLines(file).First().Split(',').Except(known)];
        return new(options, metrics, [.. CsvRows.Each(file, string.Join(',', known), fields => new SweepRow(fields.Text(Cell),
            [.. options.Select(fields.Text)], fields.Text(SweepPlan.Seed),
            metrics.Where(m => fields.Text(m).Length > 0).ToImmutableDictionary(m => m, fields.Number)))]);
    }

    static string Number(CellResult result, string name) =>
        result.Metrics.FirstOrDefault(m => m.Name == name) is { Name: not null } metric ? metric.Value.ToString(CultureInfo.InvariantCulture) : "";

    static void Line(CsvWriter csv, IEnumerable<string?> fields)
    {
        foreach (var field in fields) csv.WriteField(field);
        csv.NextRecord();
    }
}
