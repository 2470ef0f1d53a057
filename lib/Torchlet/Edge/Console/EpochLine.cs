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

    static IEnumerable<string> Figures(string name, Evaluation? evaluation) => evaluation is null ? []
        : evaluation.Metrics
            .Select(m => m.Name == "accuracy" ? Text($"{name} Acc: {m.Value * 100:f3}%") : $"{name} {m.Name}: {Text($"{m.Value:g4}")}")
            .Prepend(Text($"{name} Loss: {evaluation.Loss:f3}"));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
