using System.Diagnostics;
using System.Globalization;
using CsvHelper;

namespace Torchlet;

/// <summary>Logs as CSV: invariant culture, numbers that read back as the same double, whole lines at a time.</summary>
public static class CsvLog
{
    /// <summary>The file of published figures and ours.</summary>
    internal const string ReproductionsFile = "results.csv";

    // A call of the system for each row would take twice the time that the row does.
    static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    /// <summary>The file of a gallery's losses of every step.</summary>
    internal const string StepsFile = "step_losses.csv";

    /// <summary>
    /// A stage that logs a training run in log.csv: <c>epoch,train_loss,test_loss,test_accuracy,seconds</c>, then further metrics, validation,
    /// averaged parameters and the learning rate, where there are any.
    /// </summary>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> To(RunFolder run) => epochs => Append(run.PathOf("log.csv"), epochs.Select(run.Logged),
        EpochColumns.Of,
        // A checkpoint must not outlive a power cut that the rows before it do not.
        run.Past.Rows.IsEmpty ? FileMode.CreateNew : FileMode.Append, flushToDisk: true) | Pipe.Tap<Epoch>(run.Figures.Add);

    /// <summary>Writes log.csv of a run that holds one for each of several seeds: <c>seed</c>, then the columns of a training run.</summary>
    internal static void Seeds(RunFolder whole, IEnumerable<(long Seed, Epoch Epoch)> rows) => AtomicFile.Write(whole.PathOf("log.csv"), file =>
        _ = Append(file, rows, r => [("seed", r.Seed), .. EpochColumns.Of(r.Epoch)], FileMode.CreateNew).Count());

    /// <summary>Writes log.csv of a run that holds one for each variant and seed: <c>variant,seed</c>, then the columns of a training run.</summary>
    internal static void Variants(RunFolder whole, IEnumerable<VariantEpoch> rows) => AtomicFile.Write(whole.PathOf("log.csv"), file =>
        _ = Append(file, rows, r => [("variant", r.Variant), ("seed", r.Seed), .. EpochColumns.Of(r.Epoch)], FileMode.CreateNew).Count());

    /// <summary>Writes the losses of every step: <c>variant,seed,step,loss</c> in step_losses.csv.</summary>
    internal static void Steps(RunFolder whole, IEnumerable<StepLoss> rows) => AtomicFile.Write(whole.PathOf(StepsFile), file =>
        _ = (rows | To(file, (StepLoss s) => new { variant = s.Variant, seed = s.Seed, step = s.Step, loss = s.Loss })).Count());

    /// <summary>Writes the published figures and ours: <c>source,setting,variant,measure,published,seed,epochs,ours,seconds</c> in results.csv.</summary>
    internal static void Reproductions(RunFolder whole, IEnumerable<Reproduction> rows) => AtomicFile.Write(whole.PathOf(ReproductionsFile), file =>
        _ = (rows | To(file, (Reproduction o) => new
        {
            source = o.Source, setting = o.Setting, variant = o.Variant, measure = o.Measure, published = o.Published,
            seed = o.Seed, epochs = o.Epochs, ours = o.Ours, seconds = Math.Round(o.Seconds, 3),
        })).Count());

    /// <summary>A stage that logs a comparison: <c>loss,seed</c>, then the columns of a training run, in log.csv.</summary>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> Compared(RunFolder run) => rows =>
        Append(run.PathOf("log.csv"), rows, r => [("loss", r.Loss), ("seed", r.Seed), .. EpochColumns.Of(r.Epoch)], FileMode.CreateNew)
        | Pipe.Tap<LossEpoch>(r => run.Figures.Add(r.Epoch));

    /// <summary>A stage that logs how far two losses are apart: <c>seed,step,precision,loss_difference,gradient_difference</c> in equivalence.csv.</summary>
    public static Func<IEnumerable<LossDifference>, IEnumerable<LossDifference>> Equivalence(RunFolder run) => To(
        run.PathOf("equivalence.csv"), (LossDifference d) => new
        {
            seed = d.Seed, step = d.Step, precision = d.Precision, loss_difference = d.Loss, gradient_difference = d.Gradient,
        });

    /// <summary>A stage that logs losses at large logits: <c>loss,scale,examples,infinite,nan,nonfinite_gradients,error</c> in stability.csv.</summary>
    public static Func<IEnumerable<StabilityRow>, IEnumerable<StabilityRow>> Stability(RunFolder run) => To(run.PathOf("stability.csv"), (StabilityRow s) => new
    {
        loss = s.Loss, scale = s.Scale, examples = s.Examples, infinite = s.Infinite, nan = s.NotANumber,
        nonfinite_gradients = s.NonfiniteGradients, error = s.Error,
    });

    /// <summary>A stage that logs gradients at the logits: <c>loss,seed,epoch,gradient_norm,of_right,of_wrong</c> in gradients.csv.</summary>
    public static Func<IEnumerable<GradientNorm>, IEnumerable<GradientNorm>> Gradients(RunFolder run) => To(run.PathOf("gradients.csv"), (GradientNorm g) => new
    {
        loss = g.Loss, seed = g.Seed, epoch = g.Epoch, gradient_norm = g.Norm, of_right = g.OfRight, of_wrong = g.OfWrong,
    });

    /// <summary>A stage that logs sum against mean: <c>seed,step,examples,loss_sum,sgd_ratio,adam_ratio,adam_difference</c> in reduction.csv.</summary>
    public static Func<IEnumerable<ReductionStep>, IEnumerable<ReductionStep>> Reduction(RunFolder run) => To(
        run.PathOf("reduction.csv"), (ReductionStep r) => new
        {
            seed = r.Seed, step = r.Step, examples = r.Examples, loss_sum = r.LossSum,
            sgd_ratio = r.SgdRatio, adam_ratio = r.AdamRatio, adam_difference = r.AdamDifference,
        });

    /// <summary>A stage that logs what a network said of each example: <c>index,label,prediction,confidence</c> in predictions.csv.</summary>
    public static Func<IEnumerable<Prediction>, IEnumerable<Prediction>> Predictions(RunFolder run) => rows => rows
        | To(run.PathOf("predictions.csv"), (Prediction p) => new
        {
            index = p.Index, label = p.Label, prediction = p.Predicted, confidence = p.Confidence,
        })
        | Pipe.Tap<Prediction>(run.Figures.Add);

    /// <summary>A stage that logs each class: <c>class,examples,correct,accuracy</c> in classes.csv.</summary>
    public static Func<IEnumerable<ClassAccuracy>, IEnumerable<ClassAccuracy>> Classes(RunFolder run) => To(run.PathOf("classes.csv"), (ClassAccuracy c) => new
    {
        @class = c.Class, examples = c.Examples, correct = c.Correct, accuracy = c.Accuracy,
    });

    /// <summary>
    /// A stage that logs mistakes: <c>index,label,prediction,confidence,pixels,shape</c> in worst_mistakes.csv, the pixels with spaces between them.
    /// </summary>
    public static Func<IEnumerable<Mistake>, IEnumerable<Mistake>> Mistakes(RunFolder run) => To(run.PathOf("worst_mistakes.csv"), (Mistake m) => new
    {
        index = m.Prediction.Index, label = m.Prediction.Label, prediction = m.Prediction.Predicted,
        confidence = m.Prediction.Confidence, pixels = string.Join(' ', m.Pixels), shape = string.Join(' ', m.Shape),
    });

    /// <summary>A stage that logs what units look for: <c>unit,weights,shape</c> in first_layer.csv, the weights with spaces between them.</summary>
    public static Func<IEnumerable<UnitWeights>, IEnumerable<UnitWeights>> FirstLayer(RunFolder run) => To(run.PathOf("first_layer.csv"), (UnitWeights u) => new
    {
        unit = u.Unit, weights = Spaced(u.Weights), shape = string.Join(' ', u.Shape),
    });

    /// <summary>
    /// A stage that logs what the best network so far makes of the first test examples: <c>index,wanted,made</c> in reconstructions.csv, the numbers with
    /// spaces between them. <c>Plots.Curves</c> then draws them too.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="count">How many examples.</param>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> Reconstructions(RunFolder run, int count = 10) => Checkpoint.AtBest(run, epoch =>
    {
        epoch.CheckBefore(EpochStage.Draw);
        var (recipe, data) = (run.StateOf(epoch).Recipe!, run.Data!);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var model = epoch.State!.Model(recipe.Net(data)).To(data.Test.Inputs.device);
        var rows = Reconstruction.Of(model, data.Test, recipe.Objective, count);
        AtomicFile.Write(run.PathOf("reconstructions.csv"), file => _ = (rows | To(file, (Reconstruction r) => new
        {
            index = r.Index, wanted = Spaced(r.Wanted), made = Spaced(r.Made), shape = string.Join(' ', data.Test.InputShape.ToArray()),
        })).Count());
    });

    /// <summary>
    /// A stage that logs how hard the loss pulls at each parameter after each epoch: <c>epoch</c> and a column for each parameter in layer_gradients.csv. It
    /// stands before <see cref="Checkpoint.KeepLast(RunFolder)"/>, and <c>Plots.Curves</c> then draws them too.
    /// </summary>
    /// <remarks>It takes the time of a step an epoch, and changes nothing of the training: see <see cref="LayerGradient.Of"/>.</remarks>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> LayerGradients(RunFolder run) => epochs =>
    {
        var path = run.PathOf("layer_gradients.csv");
        TrainingLog.Keep(path, run.Past.Rows.Length);
        return Append(path, epochs | Pipe.Tap<Epoch>(epoch => epoch.CheckBefore(EpochStage.KeepLast)), epoch =>
            [("epoch", epoch.Index), .. LayerGradient.Of(run.StateOf(epoch), run.Data!).Select(g => (g.Parameter, (object?)g.Norm))], FileMode.Append);
    };

    /// <summary>
    /// A stage that logs what a network said of drawings: <c>file,prediction,probability,second,second_probability,third,third_probability,remark</c> in
    /// drawings.csv, what it saw of them, <c>file,pixels</c>, in drawings_seen.csv, and the drawings themselves, small, in drawings/.
    /// </summary>
    public static Func<IEnumerable<DrawingAnswer>, IEnumerable<DrawingAnswer>> Drawings(RunFolder run) => rows => rows
        | To(run.PathOf("drawings.csv"), (DrawingAnswer a) => new
        {
            file = a.Drawing.Name, prediction = Class(a, 0), probability = Probability(a, 0), second = Class(a, 1), second_probability = Probability(a, 1),
            third = Class(a, 2), third_probability = Probability(a, 2), remark = a.Remark,
        })
        | To(run.PathOf("drawings_seen.csv"), (DrawingAnswer a) => new { file = a.Drawing.Name, pixels = string.Join(' ', a.Drawing.Framed.Frame.Bytes) })
        | Pipe.Tap<DrawingAnswer>(a =>
        {
            var thumbnail = run.PathOf(ThumbnailOf(a.Number));
            Directory.CreateDirectory(Path.GetDirectoryName(thumbnail)!);
            AtomicFile.Write(thumbnail, PictureFile.Png(a.Drawing.Thumbnail));
        });

    /// <summary>Where in a run's folder a drawing is kept, small.</summary>
    /// <param name="number">Which row of drawings.csv is its, from 1.</param>
    internal static string ThumbnailOf(int number) => FormattableString.Invariant($"drawings/{number:d4}.png");

    // A network with two classes has no third one.
    static string Class(DrawingAnswer answer, int place) => place < answer.Likeliest.Length ? answer.Likeliest[place].Class : "";

    static float? Probability(DrawingAnswer answer, int place) => place < answer.Likeliest.Length ? answer.Likeliest[place].Probability : null;

    /// <summary>
    /// A stage that appends each row to a file as it passes, whole lines at a time: a row is on disk before the next one is asked for, but for those that
    /// come within a tenth of a second, which are written together.
    /// </summary>
    /// <param name="path">The file; it must not be there yet.</param>
    /// <param name="columns">A row as an anonymous object whose properties are the columns.</param>
    public static Func<IEnumerable<T>, IEnumerable<T>> To<T, C>(string path, Func<T, C> columns)
    {
        var properties = typeof(C).GetProperties();
        return rows => Append(
            path, rows, row => columns(row) is var values ? properties.Select(p => (p.Name, p.GetValue(values))) : [],
            FileMode.CreateNew, header: properties.Select(p => p.Name), together: Together);
    }

    static IEnumerable<T> Append<T>(
        string path, IEnumerable<T> rows, Func<T, IEnumerable<(string Column, object? Value)>> columns,
        FileMode mode, bool flushToDisk = false, IEnumerable<string>? header = null, TimeSpan together = default)
    {
        using var file = new FileStream(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        using var lines = new MemoryStream();
        using var csv = new CsvWriter(new StreamWriter(lines), CultureInfo.InvariantCulture);
        var (written, isNew) = (0L, file.Length == 0);
        try
        {
            if (isNew && header is not null) WriteLine(csv, header);
            foreach (var row in rows)
            {
                var fields = columns(row).ToList();
                if (isNew && header is null) WriteLine(csv, fields.Select(f => f.Column));
                WriteLine(csv, fields.Select(f => f.Value));
                if (Stopwatch.GetElapsedTime(written) >= together)
                {
                    Write();
                    if (flushToDisk) file.Flush(flushToDisk);
                    written = Stopwatch.GetTimestamp();
                }
                isNew = false;
                yield return row;
            }
        }
        finally
        {
            Write();
        }

        void Write()
        {
            lines.WriteTo(file);
            lines.SetLength(0);
        }
    }

    static string Spaced(IEnumerable<float> numbers) => string.Join(' ', numbers.Select(x => x.ToString(CultureInfo.InvariantCulture)));

    static void WriteLine<T>(CsvWriter csv, IEnumerable<T> fields)
    {
        foreach (var field in fields) csv.WriteField<object?>(field);
        csv.NextRecord();
        csv.Flush();
    }
}
