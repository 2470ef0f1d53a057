namespace Torchlet;

/// <summary>
/// The columns of an epoch in a log, for whoever writes it and whoever reads it: <c>epoch,train_loss,test_loss,test_accuracy,seconds</c>, and after
/// them what not every training has.
/// </summary>
static class EpochColumns
{
    /// <summary>The columns that every log of a training has.</summary>
    public const string Required = "epoch,train_loss,test_loss";

    const string Accuracy = "accuracy", Test = "test", Validation = "validation", Averaged = "averaged_test", Seconds = "seconds", Rate = "learning_rate";

    /// <summary>Each column that an epoch has, with its value; the same columns for every epoch of a training.</summary>
    public static IEnumerable<(string Column, object? Value)> Of(Epoch epoch)
    {
        yield return ("epoch", epoch.Index);
        yield return ("train_loss", epoch.TrainLoss);
        yield return ("test_loss", epoch.TestLoss);
        foreach (var metric in Metrics(epoch.Test, Test).Where(m => m.Column == $"{Test}_{Accuracy}")) yield return metric;
        yield return (Seconds, Math.Round(epoch.Elapsed.TotalSeconds, 6));
        foreach (var metric in Metrics(epoch.Test, Test).Where(m => m.Column != $"{Test}_{Accuracy}")) yield return metric;
        foreach (var (evaluation, name) in new[] { (epoch.Validation, Validation), (epoch.Averaged, Averaged) })
        {
            if (evaluation is null) continue;
            yield return ($"{name}_loss", evaluation.Loss);
            foreach (var metric in Metrics(evaluation, name)) yield return metric;
        }
        if (epoch.LearningRate is { } rate) yield return (Rate, rate);
    }

    /// <summary>The epoch of a row.</summary>
    /// <param name="columns">The log's header.</param>
    /// <param name="value">The number in a column.</param>
    public static Epoch Epoch(IReadOnlyList<string> columns, Func<string, double> value)
    {
        return new((int)value("epoch"), value("train_loss"), Evaluation(Test))
        {
            Elapsed = columns.Contains(Seconds) ? TimeSpan.FromSeconds(value(Seconds)) : TimeSpan.Zero,
            Validation = columns.Contains($"{Validation}_loss") ? Evaluation(Validation) : null,
            Averaged = columns.Contains($"{Averaged}_loss") ? Evaluation(Averaged) : null,
            LearningRate = columns.Contains(Rate) ? value(Rate) : null,
        };

        Evaluation Evaluation(string name) => new(value($"{name}_loss"),
            [.. columns.Where(c => c.StartsWith($"{name}_", StringComparison.Ordinal) && c != $"{name}_loss").Select(c => (c[(name.Length + 1)..], value(c)))]);
    }

    static IEnumerable<(string Column, object? Value)> Metrics(Evaluation evaluation, string name) =>
        evaluation.Metrics.Select(metric => ($"{name}_{metric.Name}", (object?)metric.Value));
}
