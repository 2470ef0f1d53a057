using System.Globalization;

namespace Torchlet;

/// <summary>An epoch's figures in one line, as the course's notebook prints them; a training that has more figures has more in the line.</summary>
static class EpochLine
{
    /// <summary><c>Train Loss: 0.624 | Test Loss: 0.579 | Test Acc: 87.380%</c></summary>
    public static string Of(Epoch epoch) => string.Join(" | ",
    [
        Text($"Train Loss: {epoch.TrainLoss:f3}"), .. Figures("Test", epoch.Test), .. Figures("Valid", epoch.Validation),
        .. Figures("Averaged", epoch.Averaged),
        .. epoch.LearningRate is { } rate ? (string[])[Text($"lr {rate:g3}")] : [],
    ]);

    /// <summary><c>0.579 (87.38%)</c>: the loss, and the accuracy where there is one.</summary>
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
