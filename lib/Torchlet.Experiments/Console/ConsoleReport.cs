using System.Globalization;

namespace Torchlet;

/// <summary>Text that a run prints.</summary>
public static class ConsoleReport
{
    /// <summary>A stage that prints each epoch in the course notebook's two lines.</summary>
    public static IEnumerable<Epoch> Plain(IEnumerable<Epoch> epochs) =>
        epochs.Select(epoch => epoch.MarkedBy(EpochStage.Display)) | Pipe.Tap<Epoch>(epoch => Console.WriteLine(Lines(epoch)));

    /// <summary>A stage that prints a line as each training of a comparison ends, and how long the rest will take at this pace.</summary>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> Compared(CompareConfig config) => epochs =>
    {
        var progress = new ComparisonProgress(config);
        return epochs | Pipe.Tap<LossEpoch>(row =>
        {
            progress = progress.After(row);
            if (progress.IsAtEnd) Console.WriteLine(progress.Line);
        });
    };

    /// <summary>
    /// Result of a training: its best test loss, or the best of another figure that chooses the weights; if validation examples choose the weights, the test
    /// figures of the chosen weights, for the one time that it is asked.
    /// </summary>
    public static string Best(IEnumerable<Epoch> epochs) => Epoch.Best(epochs) switch
    {
        { Validation: not null } best => $"Test of the best weights (epoch {best.Index}{(best.Averaged is null ? "" : ", averaged")}): "
            + EpochLine.Spread([best.Kept]),
        var best => $"Best test {best?.JudgedBy.Figure ?? JudgedBy.Loss.Figure}: {(best is null ? "NaN" : EpochLine.Figure(best, best.Kept))}"
            + (best?.Averaged is null ? "" : ", of the averaged weights"),
    };

    /// <summary>Result of the same training from several seeds: mean and range of the test figures of the best weights of each.</summary>
    public static string Best(IEnumerable<IEnumerable<Epoch>> trainings)
    {
        var best = trainings.Select(Epoch.Best).OfType<Epoch>().ToList();
        return $"Test of the best {(best is [{ Averaged: not null }, ..] ? "averaged " : "")}weights, mean over {Plural.Of(best.Count, "seed")}: "
            + (best.Count == 0 ? "no epoch has a loss" : EpochLine.Spread([.. best.Select(epoch => epoch.Kept)]));
    }

    /// <summary>Published figures next to ours: a line for each variant and measure, over its seeds.</summary>
    public static string Reproductions(IEnumerable<Reproduction> reproductions)
    {
        string[][] rows =
        [
            ["variant", "measure", "published", "ours", "epochs", "seeds", "seconds"],
            .. from o in reproductions
               group o by (o.Variant, o.Measure, o.Published, o.Epochs) into same
               select (string[])[same.Key.Variant, same.Key.Measure, same.Key.Published is { Length: > 0 } published ? published : "–",
                   MeanDeviation.Of([.. same.Select(o => o.Ours)]).ToString(), $"{same.Key.Epochs}", $"{same.Count()}",
                   same.Average(o => o.Seconds).ToString("f1", CultureInfo.InvariantCulture)],
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        return string.Join('\n', rows.Select(row => string.Join("  ", row.Zip(widths, (field, width) => field.PadRight(width))).TrimEnd()));
    }

    /// <summary>The notebook's two lines for an epoch.</summary>
    public static string Lines(Epoch e) => string.Create(CultureInfo.InvariantCulture,
        $"Epoch: {e.Index:00} | Time: {(int)e.Elapsed.TotalMinutes}m {e.Elapsed.Seconds}s\n" +
        $"\t{EpochLine.Of(e)}");
}

/// <summary>An epoch's figures in one line, as the course's notebook prints them; a training that has more figures has more in the line.</summary>
static class EpochLine
{
    /// <summary><c>Train Loss: 0.624 | Test Loss: 0.579 | Test Acc: 87.380%</c></summary>
    public static string Of(Epoch epoch) => string.Join(" | ",
    [
        Text($"Train Loss: {epoch.TrainLoss:f3}"), .. Figures("Test", epoch.Test), .. Figures("Valid", epoch.Validation),
        .. Figures("Averaged", epoch.Averaged), .. Figures("Averaged Valid", epoch.AveragedValidation),
        .. epoch.LearningRate is { } rate ? (string[])[Text($"lr {rate:g3}")] : [],
    ]);

    /// <summary>The examples and weights that an epoch is judged by: test, averaged validation.</summary>
    public static string Examples(Epoch epoch) => (epoch.Averaged is null ? "" : "averaged ") + (epoch.Validation is null ? "test" : "validation");

    /// <summary>The figure of an evaluation that chooses the best epoch: 0.5785.</summary>
    public static string Figure(Epoch epoch, Evaluation evaluation) => Text($"{epoch.JudgedBy.Of(evaluation):f4}");

    /// <summary><c>0.579 (87.38%)</c>: the loss, and the accuracy of a classifier.</summary>
    public static string Brief(Evaluation evaluation) =>
        Text($"{evaluation.Loss:f3}") + (evaluation["accuracy"] is var accuracy && double.IsNaN(accuracy) ? "" : Text($" ({accuracy * 100:f2}%)"));

    /// <summary><c>loss 0.0921 (0.0900 to 0.0950), accuracy 97.21% (97.10% to 97.30%)</c>: the means of several evaluations, and their ranges.</summary>
    public static string Spread(IReadOnlyList<Evaluation> evaluations)
    {
        return string.Join(", ", evaluations[0].Metrics
            .Select(metric => Line(metric.Name, e => e[metric.Name], metric.Name == "accuracy" ? x => Text($"{x * 100:f2}%") : x => Text($"{x:g4}")))
            .Prepend(Line("loss", e => e.Loss, x => Text($"{x:f4}"))));

        string Line(string name, Func<Evaluation, double> of, Func<double, string> show) => evaluations.Count == 1 ? $"{name} {show(of(evaluations[0]))}"
            : $"{name} {show(evaluations.Average(of))} ({show(evaluations.Min(of))} to {show(evaluations.Max(of))})";
    }

    static IEnumerable<string> Figures(string name, Evaluation? evaluation) => evaluation is null ? []
        : evaluation.Metrics
            .Select(m => m.Name == "accuracy" ? Text($"{name} Acc: {m.Value * 100:f3}%") : $"{name} {m.Name}: {Text($"{m.Value:g4}")}")
            .Prepend(Text($"{name} Loss: {evaluation.Loss:f3}"));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
