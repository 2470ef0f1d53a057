using System.Globalization;
using CsvHelper;

namespace Torchlet;

/// <summary>Logs as CSV: invariant culture, numbers that read back as the same double, whole lines at a time.</summary>
public static class CsvLog
{
    /// <summary>A stage that logs a training run: <c>epoch,train_loss,test_loss,test_accuracy,seconds</c> in log.csv.</summary>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> To(RunFolder run) => To<Epoch>(run.PathOf("log.csv"), e => new
    {
        epoch = e.Index, train_loss = e.TrainLoss, test_loss = e.TestLoss, test_accuracy = e.TestAccuracy, seconds = Seconds(e),
    });

    /// <summary>A stage that logs a comparison: <c>loss,seed</c>, then the columns of a training run, in log.csv.</summary>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> Compared(RunFolder run) => To<LossEpoch>(run.PathOf("log.csv"), r => new
    {
        loss = r.Loss, seed = r.Seed,
        epoch = r.Epoch.Index, train_loss = r.Epoch.TrainLoss, test_loss = r.Epoch.TestLoss, test_accuracy = r.Epoch.TestAccuracy, seconds = Seconds(r.Epoch),
    });

    /// <summary>A stage that logs how far two losses are apart: <c>seed,step,precision,loss_difference,gradient_difference</c> in equivalence.csv.</summary>
    public static Func<IEnumerable<LossDifference>, IEnumerable<LossDifference>> Equivalence(RunFolder run) => To<LossDifference>(run.PathOf("equivalence.csv"), d => new
    {
        seed = d.Seed, step = d.Step, precision = d.Precision, loss_difference = d.Loss, gradient_difference = d.Gradient,
    });

    /// <summary>A stage that logs losses at large logits: <c>loss,scale,examples,infinite,nan,nonfinite_gradients,error</c> in stability.csv.</summary>
    public static Func<IEnumerable<StabilityRow>, IEnumerable<StabilityRow>> Stability(RunFolder run) => To<StabilityRow>(run.PathOf("stability.csv"), s => new
    {
        loss = s.Loss, scale = s.Scale, examples = s.Examples, infinite = s.Infinite, nan = s.NotANumber, nonfinite_gradients = s.NonfiniteGradients, error = s.Error,
    });

    /// <summary>A stage that logs gradients at the logits: <c>loss,seed,epoch,gradient_norm,of_right,of_wrong</c> in gradients.csv.</summary>
    public static Func<IEnumerable<GradientNorm>, IEnumerable<GradientNorm>> Gradients(RunFolder run) => To<GradientNorm>(run.PathOf("gradients.csv"), g => new
    {
        loss = g.Loss, seed = g.Seed, epoch = g.Epoch, gradient_norm = g.Norm, of_right = g.OfRight, of_wrong = g.OfWrong,
    });

    /// <summary>A stage that logs sum against mean: <c>seed,step,examples,loss_sum,sgd_ratio,adam_ratio,adam_difference</c> in reduction.csv.</summary>
    public static Func<IEnumerable<ReductionStep>, IEnumerable<ReductionStep>> Reduction(RunFolder run) => To<ReductionStep>(run.PathOf("reduction.csv"), r => new
    {
        seed = r.Seed, step = r.Step, examples = r.Examples, loss_sum = r.LossSum, sgd_ratio = r.SgdRatio, adam_ratio = r.AdamRatio, adam_difference = r.AdamDifference,
    });

    /// <summary>A stage that logs what a network said of each example: <c>index,label,prediction,confidence</c> in predictions.csv.</summary>
    public static Func<IEnumerable<Prediction>, IEnumerable<Prediction>> Predictions(RunFolder run) => To<Prediction>(run.PathOf("predictions.csv"), p => new
    {
        index = p.Index, label = p.Label, prediction = p.Predicted, confidence = p.Confidence,
    });

    /// <summary>A stage that logs each class: <c>class,examples,correct,accuracy</c> in classes.csv.</summary>
    public static Func<IEnumerable<ClassAccuracy>, IEnumerable<ClassAccuracy>> Classes(RunFolder run) => To<ClassAccuracy>(run.PathOf("classes.csv"), c => new
    {
        @class = c.Class, examples = c.Examples, correct = c.Correct, accuracy = c.Accuracy,
    });

    /// <summary>A stage that appends each row to a file as it passes; a row is on disk before the next one is asked for.</summary>
    /// <param name="path">The file; it must not be there yet.</param>
    /// <param name="columns">A row as an anonymous object whose properties are the columns.</param>
    public static Func<IEnumerable<T>, IEnumerable<T>> To<T>(string path, Func<T, object> columns) => rows => Append(path, rows, columns);

    static double Seconds(Epoch epoch) => Math.Round(epoch.Elapsed.TotalSeconds, 6);

    static IEnumerable<T> Append<T>(string path, IEnumerable<T> rows, Func<T, object> columns)
    {
        using var writer = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read));
        using var csv = new CsvWriter(writer, CultureInfo.InvariantCulture);
        var first = true;
        foreach (var row in rows)
        {
            var values = columns(row);
            if (first) WriteLine(csv, () => csv.WriteHeader(values.GetType()));
            first = false;
            WriteLine(csv, () => csv.WriteRecord(values));
            yield return row;
        }
    }

    static void WriteLine(CsvWriter csv, Action write)
    {
        write();
        csv.NextRecord();
        csv.Flush();
    }
}
