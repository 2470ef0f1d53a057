using System.Globalization;
using CsvHelper;

namespace Torchlet;

/// <summary>Logs as CSV: invariant culture, numbers that read back as the same double, whole lines at a time.</summary>
public static class CsvLog
{
    /// <summary>A stage that logs a training run: <c>epoch,train_loss,test_loss,test_accuracy,seconds</c> in log.csv.</summary>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> To(RunFolder run) => epochs => Append(run.PathOf("log.csv"), epochs, e => new
    {
        epoch = e.Index, train_loss = e.TrainLoss, test_loss = e.TestLoss, test_accuracy = e.TestAccuracy, seconds = Seconds(e),
    },
    // A checkpoint must not outlive a power cut that the rows before it do not.
    run.Past.Rows.IsEmpty ? FileMode.CreateNew : FileMode.Append, flushToDisk: true);

    /// <summary>A stage that logs a comparison: <c>loss,seed</c>, then the columns of a training run, in log.csv.</summary>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> Compared(RunFolder run) => To<LossEpoch>(run.PathOf("log.csv"), r => new
    {
        loss = r.Loss, seed = r.Seed,
        epoch = r.Epoch.Index, train_loss = r.Epoch.TrainLoss, test_loss = r.Epoch.TestLoss, test_accuracy = r.Epoch.TestAccuracy, seconds = Seconds(r.Epoch),
    });

    /// <summary>A stage that logs how far two losses are apart: <c>seed,epoch,loss_difference,gradient_difference</c> in differences.csv.</summary>
    public static Func<IEnumerable<LossDifference>, IEnumerable<LossDifference>> Differences(RunFolder run) => To<LossDifference>(run.PathOf("differences.csv"), d => new
    {
        seed = d.Seed, epoch = d.Epoch, loss_difference = d.Loss, gradient_difference = d.Gradient,
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
    public static Func<IEnumerable<T>, IEnumerable<T>> To<T>(string path, Func<T, object> columns) => rows => Append(path, rows, columns, FileMode.CreateNew);

    static double Seconds(Epoch epoch) => Math.Round(epoch.Elapsed.TotalSeconds, 6);

    static IEnumerable<T> Append<T>(string path, IEnumerable<T> rows, Func<T, object> columns, FileMode mode, bool flushToDisk = false)
    {
        using var file = new FileStream(path, mode, FileAccess.Write, FileShare.Read);
        using var csv = new CsvWriter(new StreamWriter(file), CultureInfo.InvariantCulture);
        var first = file.Length == 0;
        foreach (var row in rows)
        {
            var values = columns(row);
            if (first) WriteLine(csv, () => csv.WriteHeader(values.GetType()));
            first = false;
            WriteLine(csv, () => csv.WriteRecord(values));
            if (flushToDisk) file.Flush(flushToDisk);
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
