using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Predictions for the rows of a table without labels, of numbers, or of the tokens of a text.</summary>
public static class NewRows
{
    const int MostNamed = 6;

    /// <summary>Writes predictions.csv of a network for data without labels, or of one that predicts numbers or the tokens of a text.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="network">The network.</param>
    /// <param name="model">Its model, on the device of the data.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="batchSize">Examples at a time.</param>
    /// <returns>How many there are of which class, the range of the numbers, or the share of the tokens that is right, in one line.</returns>
    public static string Write(RunFolder run, Pretrained network, Model model, Split examples, int batchSize)
    {
        var isText = run.Data!.Vocabulary is not null;
        var rows = (network.IsRegression ? Numbers(model, examples, batchSize, network.Divisor, run.Data.AreLabelled)
            : Inference.Predictions(model, examples, batchSize, network.Divisor).Select(p =>
                new NewRow(p.Index, [network.Classes[(int)p.Predicted]], p.Confidence, isText ? network.Classes[(int)p.Label] : null))).ToList();
        CsvLog.Write(run.Folder, LogFiles.NewRows, rows);
        foreach (var _ in rows) run.Figures.Add();
        var place = Notice.Shown(run.PathOf(LogFiles.NewRows.Name));
        if (isText) return FormattableString.Invariant($"Predictions of {rows.Count:n0} tokens, {Share(rows) * 100:f2}% of them right, in {place}");
        return $"Predictions for {rows.Count:n0} examples: {(network.IsRegression ? Range(rows) : Counts(rows))}, in {place}";
    }

    static double Share(IReadOnlyList<NewRow> rows) => rows.Average(row => row.Predictions[0] == row.Target ? 1.0 : 0);

    static string Counts(IReadOnlyList<NewRow> rows)
    {
        var counts = rows.CountBy(row => row.Predictions[0]).OrderByDescending(count => count.Value).ToList();
        return string.Join(", ", counts.Take(MostNamed).Select(count => $"{count.Key}: {count.Value:n0}")) + (counts.Count > MostNamed ? ", …" : "");
    }

    /// <summary>Whether a run wrote such predictions, of which there are no pictures.</summary>
    internal static bool IsOf(RunFolder run) => LogFiles.NewRows.IsIn(run.Folder)
        && RegularFile.FirstLine(LogFiles.NewRows.In(run.Folder))?.Split(',') is { } columns
        && !(columns.Contains("label") && columns.Contains("confidence"));

    static IEnumerable<NewRow> Numbers(Model model, Split examples, int batchSize, double divisor, bool areLabelled) =>
        Batches.Ranges(examples.Count, batchSize).SelectMany(range =>
        {
            using var scope = NewDisposeScope();
            var batch = Batches.Cut(examples, range);
            var outputs = model.Apply(Inference.Inputs(model, batch.Inputs, divisor)).flatten(1);
            var labels = batch.Targets.Numbers();
            return outputs.Numbers<float>().Chunk((int)outputs.size(1))
                .Select((numbers, i) => new NewRow(range.Start.Value + i, [.. numbers.Select(Text)], null, areLabelled ? Text((float)labels[i]) : null))
                .ToList();
        });

    static string Range(IReadOnlyList<NewRow> rows)
    {
        var numbers = rows.SelectMany(row => row.Predictions).Select(Number).ToList();
        var errors = rows.Where(row => row.Target is not null && row.Predictions.Length == 1)
            .Select(row => Math.Abs(Number(row.Predictions[0]) - Number(row.Target!))).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{numbers.Min():g4} to {numbers.Max():g4}")
            + (errors.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", mean absolute error {errors.Average():g4}"));
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    static string Text(float number) => number.ToString(CultureInfo.InvariantCulture);
}
