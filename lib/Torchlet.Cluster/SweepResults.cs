using System.Collections.Immutable;

namespace Torchlet;

/// <summary>results.csv of a sweep: a row for each cell, in the grid's order.</summary>
/// <param name="Options">The options that differ.</param>
/// <param name="Metrics">The metrics' columns.</param>
/// <param name="Rows">The cells that are done.</param>
sealed record SweepResults(ImmutableArray<string> Options, ImmutableArray<string> Metrics, ImmutableArray<SweepRow> Rows)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "results.csv";

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
        CsvLog.Write(run.Folder, Table(sweep.Axes.Options, metrics), done.Select(d =>
            new SweepRow(d.Cell.Id, d.Cell.Values, d.Cell.Seed ?? "", d.Result.Metrics.ToImmutableDictionary(m => m.Name, m => m.Value))
            {
                BestEpoch = d.Result.BestEpoch, Seconds = d.Result.Seconds,
            }));
        return Read(run.Folder, sweep.Axes.Options);
    }

    /// <summary>The content of a sweep's results.csv.</summary>
    /// <exception cref="TorchletException">It is missing or damaged.</exception>
    public static SweepResults Read(string folder, ImmutableArray<string> options)
    {
        var known = Table(options, []);
        ImmutableArray<string> metrics = [.. File.ReadLines(known.In(folder)).First().Split(',').Except(known.Header!)];
        return new(options, metrics, [.. Table(options, metrics).Each(folder)]);
    }

    /// <summary>The columns of results.csv for these options and metrics.</summary>
    internal static LogFile<SweepRow> Table(ImmutableArray<string> options, ImmutableArray<string> metrics) => new(
        FileName, "05", "a cell of the sweep, in the grid's order: the options that differ, its seed, its metrics, best epoch and duration",
        f => new(
            f.Text("cell"), [.. options.Select(f.Text)], f.Text(SweepPlan.Seed),
            metrics.Where(m => f.Text(m).Length > 0).ToImmutableDictionary(m => m, f.Number))
        {
            BestEpoch = f.Text("best_epoch").Length > 0 ? f.Count("best_epoch") : null, Seconds = f.Number("seconds"),
        },
        [
            ("cell", row => row.Cell),
            .. options.Select((option, i) => Column(option, row => row.Values[i])),
            (SweepPlan.Seed, row => row.Seed),
            .. metrics.Select(metric => Column(metric, row => row.Metrics.TryGetValue(metric, out var value) ? value : null)),
            ("best_epoch", row => row.BestEpoch), ("seconds", row => row.Seconds),
        ]);

    static (string, Func<SweepRow, object?>) Column(string name, Func<SweepRow, object?> value) => (name, value);
}
