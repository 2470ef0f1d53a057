using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Torchlet;

/// <summary>results.csv of a sweep: a row for each cell, in the grid's order.</summary>
/// <param name="Options">The options that differ.</param>
/// <param name="Metrics">The metrics' columns.</param>
/// <param name="Rows">The cells that are done.</param>
sealed record SweepResults(ImmutableArray<string> Options, ImmutableArray<string> Metrics, ImmutableArray<SweepRow> Rows)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "results.csv";

    // First the loss that the best epoch is chosen by, if the script has one.
    static readonly string[] Judged = ["averaged_validation_loss", "averaged_test_loss", "validation_loss", "test_loss", "best_test_loss", "accuracy"];

    /// <summary>
    /// The metric that cells are judged by: the one that chose their best epochs, else the loss of validation if there is one, else of the test set, else the
    /// first one; one that all have.
    /// </summary>
    public string? Judge => Own?.Figure ?? Judged.FirstOrDefault(judge => Metrics.Contains(judge) && Rows.All(row => row.Metrics.ContainsKey(judge)))
        ?? Judged.FirstOrDefault(Metrics.Contains) ?? Metrics.FirstOrDefault();

    /// <summary>Whether more of it is better.</summary>
    public bool MoreIsBetter => Own?.MoreIsBetter ?? Judge?.EndsWith("accuracy", StringComparison.Ordinal) == true;

    // The metric, other than the loss, that chose the best epoch of every cell.
    JudgedBy? Own => Rows.Select(row => row.JudgedBy).Distinct().ToList() is [{ } only] ? only : null;

    /// <summary>Each combination of options with its rows, the best first; those without a finite figure last.</summary>
    public IReadOnlyList<(SweepRow First, IReadOnlyList<double> Figures)> Ranked => Judge is not { } judge ? []
        : [.. from row in Rows
              group row by row.Key into same
              let figures = same.Select(r => r.Metrics.GetValueOrDefault(judge, double.NaN)).ToList()
              let mean = figures.Average()
              orderby double.IsNaN(mean) ? double.PositiveInfinity : MoreIsBetter ? -mean : mean
              select (same.First(), (IReadOnlyList<double>)figures)];

    /// <summary>Writes results.csv of the cells that are done. Those whose result is damaged are left out.</summary>
    internal static SweepResults Write(Sweep sweep, RunFolder run)
    {
        var done = (from cell in sweep.Cells
                    let files = new CellFiles(run.Folder, cell.Id)
                    where files.IsDone
                    let result = files.Read().Value
                    where result is not null
                    select (Cell: cell, Result: result)).ToList();
        ImmutableArray<string> metrics = [.. done.SelectMany(d => d.Result.Metrics).Select(m => m.Name).Distinct()];
        CsvLog.Write(run.Folder, Table(sweep.Axes.Options, metrics, done.Any(d => d.Result.JudgedBy is not null)), done.Select(d =>
            new SweepRow(d.Cell.Id, d.Cell.Values, d.Cell.Seed ?? "", d.Result.Metrics.ToImmutableDictionary(m => m.Name, m => m.Value))
            {
                BestEpoch = d.Result.BestEpoch, Seconds = d.Result.Seconds, JudgedBy = d.Result.JudgedBy,
            }));
        return Read(run.Folder, sweep.Axes.Options);
    }

    /// <summary>The content of a sweep's results.csv.</summary>
    /// <exception cref="TorchletException">It is missing or damaged.</exception>
    public static SweepResults Read(string folder, ImmutableArray<string> options)
    {
        var known = Table(options, []);
        var header = CsvRows.Header(known.In(folder), known.Required).ToList();
        ImmutableArray<string> metrics = [.. header.Except(known.Header!).Where(column => column != JudgeColumn)];
        return new(options, metrics, [.. Table(options, metrics, header.Contains(JudgeColumn)).Each(folder)]);
    }

    /// <summary>The columns of results.csv for these options and metrics.</summary>
    internal static LogFile<SweepRow> Table(ImmutableArray<string> options, ImmutableArray<string> metrics, bool isJudged = false) => new(
        FileName, "05", "a cell of the sweep, in the grid's order: the options that differ, its seed, its metrics, best epoch and duration",
        f => new(
            f.Text("cell"), [.. options.Select(ColumnOf).Select(f.Text)], f.Text(SweepPlan.Seed),
            metrics.Where(m => f.Text(m).Length > 0).ToImmutableDictionary(m => m, f.Number))
        {
            BestEpoch = f.Text("best_epoch").Length > 0 ? f.Count("best_epoch") : null, Seconds = f.Number("seconds"),
            JudgedBy = isJudged && f.Text(JudgeColumn) is { Length: > 0 } judge ? JudgedBy.Parse(judge) : null,
        },
        [
            ("cell", row => row.Cell),
            .. options.Select((option, i) => Column(ColumnOf(option), row => row.Values[i])),
            (SweepPlan.Seed, row => row.Seed),
            .. metrics.Select(metric => Column(metric, row => row.Metrics.TryGetValue(metric, out var value) ? value : null)),
            ("best_epoch", row => row.BestEpoch), ("seconds", row => row.Seconds),
            .. isJudged ? [Column(JudgeColumn, row => row.JudgedBy?.Text)] : Array.Empty<(string, Func<SweepRow, object?>)>(),
        ])
    { Optional = metrics };

    // Only in the tables of cells whose best epochs another figure than the loss chose.
    const string JudgeColumn = "judge";

    /// <summary>The column of an option: its name, with its dashes where another column has that name.</summary>
    static string ColumnOf(string option) => option is "cell" or "seconds" or "accuracy" or JudgeColumn ? $"--{option}" : option;

    static (string, Func<SweepRow, object?>) Column(string name, Func<SweepRow, object?> value) => (name, value);
}

/// <summary>A row of results.csv.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Values">The values of the options that the sweep varies, in its order, without the seed.</param>
/// <param name="Seed">Its seed, as text; empty in a script that has none.</param>
/// <param name="Metrics">Its metrics, by the names of their columns.</param>
sealed record SweepRow(string Cell, ImmutableArray<string> Values, string Seed, ImmutableDictionary<string, double> Metrics)
{
    /// <summary>Its best epoch; null if it has no epochs.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>How long it took.</summary>
    public double Seconds { get; init; }

    /// <summary>The column of the figure that chose its best epoch; null for the loss.</summary>
    public JudgedBy? JudgedBy { get; init; }

    /// <summary>Its values as one text, by which rows are grouped.</summary>
    public string Key => string.Join('\n', Values);

    /// <summary>A value as a number; null for a name or a list.</summary>
    public double? Number(int option) =>
        double.TryParse(Values[option], NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.IsFinite(x) ? x : null;
}

/// <summary>How numbers that a sweep takes lie apart.</summary>
static class SweepScale
{
    /// <summary>Whether they are rather told apart by their logarithms: above 0, and spanning a factor of ten or more.</summary>
    public static bool IsLogarithmic(IReadOnlyCollection<double> values) => values.Count > 0 && values.Min() > 0 && values.Max() >= 10 * values.Min();
}

/// <summary>Result of a cell.</summary>
/// <param name="Metrics">The figures of its best epoch, or of the run as a whole where it has no epochs.</param>
/// <param name="BestEpoch">The best epoch; null without one.</param>
/// <param name="Seconds">How long it took.</param>
sealed record CellResult(ImmutableArray<(string Name, double Value)> Metrics, int? BestEpoch, double Seconds)
{
    /// <summary>The column of the figure that chose the best epoch; null for the loss.</summary>
    public JudgedBy? JudgedBy { get; init; }

    /// <summary>The figures of the run in a folder.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="figures">The figures of its best row; null without rows.</param>
    /// <param name="elapsed">How long the script was at work, which the epochs of a run that was interrupted know better.</param>
    public static CellResult Of(string folder, RunFigures? figures, TimeSpan elapsed)
    {
        if (TrainingLog.IsIn(folder)) return OfEpochs(TrainingLog.Judged(LogFiles.Log.Read(folder, TrainingLog.NoEpoch), folder));
        var known = new[] { ("best_test_loss", figures?.BestTestLoss), ("accuracy", figures?.Accuracy) };
        return new([.. known.Where(figure => figure.Item2 is not null).Select(figure => (figure.Item1, figure.Item2!.Value))],
            BestEpoch: null, Math.Round(elapsed.TotalSeconds, 3));
    }

    static CellResult OfEpochs(IReadOnlyList<Epoch> epochs)
    {
        var best = Epoch.Best(epochs) ?? epochs[^1];
        return new([.. from column in LogFiles.Log.Fields(best)
                       where column.Name is not ("epoch" or "seconds")
                       select (column.Name, Convert.ToDouble(column.Value, CultureInfo.InvariantCulture))],
            best.Index, Math.Round(epochs.Sum(e => e.Elapsed.TotalSeconds), 3))
        {
            JudgedBy = best.JudgedBy == JudgedBy.Loss ? null : new(TrainingLog.JudgedColumn(best), best.JudgedBy.MoreIsBetter),
        };
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string file)
    {
        // As text: JSON has no infinity.
        var metrics = new JsonObject(Metrics.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Value.ToString(CultureInfo.InvariantCulture))));
        var json = new JsonObject { ["cell"] = CellOf(file), ["metrics"] = metrics, ["best_epoch"] = BestEpoch, ["seconds"] = Seconds };
        if (JudgedBy is not null) json[JudgedBy.Part] = JudgedBy.Text;
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(json.ToJsonString() + "\n"));
    }

    /// <summary>The result of a cell in its file.</summary>
    /// <exception cref="TorchletException">It is something else, or of another cell.</exception>
    public static CellResult Read(string file) => SweepJson.Read(file, "it is not the result of a cell", "delete it, and run the sweep's command again", text =>
    {
        using var json = SweepJson.Parse(text.ReadToEnd());
        var root = json.RootElement;
        // Results of older sweeps do not say which cell they are of.
        if (root.TryGetProperty("cell", out var cell) && cell.GetString() != CellOf(file)) throw new JsonException($"it is of the cell {cell.GetString()}");
        var (epoch, seconds) = (root.Field("best_epoch"), root.Field("seconds").GetDouble());
        return new CellResult([.. root.Field("metrics").EnumerateObject().Select(m => (m.Name, Metric(m.Name, m.Value)))],
            epoch.ValueKind == JsonValueKind.Null ? null : (int)Possible("best_epoch", epoch.GetInt32(), epoch.GetInt32() > 0),
            Possible("seconds", seconds, seconds is >= 0 and <= CsvFields.Largest))
        {
            JudgedBy = root.TryGetProperty(JudgedBy.Part, out var judge) ? JudgedBy.Parse($"{judge.GetString()}") : null,
        };
    });

    static double Metric(string name, JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.GetString();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? Possible(name, number, Math.Abs(number) <= CsvFields.Largest || !text.Any(char.IsAsciiDigit))
            : throw new JsonException($"{name} is not a number");
    }

    static double Possible(string name, double number, bool isPossible) =>
        isPossible ? number : throw new JsonException($"no run has {name} {number.ToString(CultureInfo.InvariantCulture)}");

    static string CellOf(string file) => Path.GetFileNameWithoutExtension(file);
}

/// <summary>Reads the JSON files of a sweep, which anything may have happened to.</summary>
static class SweepJson
{
    // A plan of a million cells is smaller.
    const long Largest = 1 << 30;

    /// <summary>The value that a reader returns for a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What it is not if the reader fails.</param>
    /// <param name="remedy">What to do then.</param>
    /// <param name="read">The reader.</param>
    /// <exception cref="TorchletException">It fails; the message says why.</exception>
    public static T Read<T>(string file, string what, string remedy, Func<TextReader, T> read)
    {
        try
        {
            using var opened = RegularFile.OpenRead(file);
            if (opened.Length > Largest) throw new JsonException("it is too large");
            using var text = new StreamReader(opened);
            return read(text);
        }
        // JsonElement throws the two in the middle for a value of another kind.
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or TorchletException)
        {
            throw new TorchletException($"{file}: {what} ({Printable.Of(e.Message.TrimEnd('.'))}); {remedy}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchletException($"{file}: {what} ({AtomicFile.Reason(e)}); {remedy}.", e);
        }
    }

    /// <summary>A text as JSON in which no property is there twice.</summary>
    public static JsonDocument Parse(string text) => JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });

    /// <summary>A property of an object.</summary>
    /// <exception cref="JsonException">It is not there.</exception>
    public static JsonElement Field(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value : throw new JsonException($"missing {name}");
}
