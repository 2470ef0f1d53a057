using System.Collections.Immutable;
using System.Globalization;

namespace Torchlet;

/// <summary>A CSV file that runs write.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Writer">Script, option or call that writes it.</param>
/// <param name="Content">Meaning of a row, and of the columns whose names do not say it.</param>
abstract record LogFile(string Name, string Writer, string Content)
{
    /// <summary>Path of the file in a folder.</summary>
    public string In(string folder) => Path.Combine(folder, Name);

    /// <summary>Whether a folder has the file.</summary>
    public bool IsIn(string folder) => File.Exists(In(folder));
}

/// <summary>The columns of a CSV file, defined once for its writer, its reader and the table in outputs/README.md.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Writer">Script, option or call that writes it.</param>
/// <param name="Content">Meaning of a row, and of the columns whose names do not say it.</param>
/// <param name="Parse">Reads a row from the fields of a line.</param>
/// <param name="Columns">Name of each column, in order, and its value in a row.</param>
sealed record LogFile<Row>(
    string Name, string Writer, string Content, Func<CsvFields, Row> Parse, params ImmutableArray<(string Name, Func<Row, object?> Value)> Columns)
    : LogFile(Name, Writer, Content)
{
    /// <summary>Columns that a file may lack.</summary>
    public ImmutableArray<string> Optional { get; init; } = [];

    /// <summary>Further fields of a row, in columns that differ between runs, such as one for each metric; null if there are none.</summary>
    public Func<Row, IEnumerable<(string Name, object? Value)>>? More { get; init; }

    /// <summary>Columns of <see cref="More"/> that every file has.</summary>
    public ImmutableArray<string> MoreRequired { get; init; } = [];

    /// <summary>Columns that a file must have to be read, separated by commas.</summary>
    public string Required => string.Join(',', Columns.Select(column => column.Name).Except(Optional).Concat(MoreRequired));

    /// <summary>The header; null if it depends on the first row.</summary>
    public IEnumerable<string>? Header => More is null ? Columns.Select(column => column.Name) : null;

    /// <summary>Column and value of each field of a row.</summary>
    public IEnumerable<(string Name, object? Value)> Fields(Row row) =>
        Columns.Select(column => (column.Name, column.Value(row))).Concat(More?.Invoke(row) ?? []);

    /// <summary>Every row of the file in a folder.</summary>
    /// <inheritdoc cref="CsvRows.Read"/>
    public IReadOnlyList<Row> Read(string folder, string? none = null, int most = int.MaxValue) => CsvRows.Read(In(folder), Required, Parse, none, most);

    /// <summary>The rows of the file in a folder, read lazily.</summary>
    /// <inheritdoc cref="CsvRows.Each"/>
    public IEnumerable<Row> Each(string folder) => CsvRows.Each(In(folder), Required, Parse);
}

/// <summary>Answer for a drawing: a row of drawings.csv.</summary>
/// <param name="File">Name of the drawing's file.</param>
/// <param name="Likeliest">The most likely classes with their probabilities, at most three, the most likely first.</param>
/// <param name="Remark">Why the answer is not reliable; empty if nothing indicates that.</param>
sealed record DrawingRow(string File, ImmutableArray<(string Class, float Probability)> Likeliest, string Remark)
{
    // A network with two classes has no third one.
    public string Class(int place) => place < Likeliest.Length ? Likeliest[place].Class : "";

    public float? Probability(int place) => place < Likeliest.Length ? Likeliest[place].Probability : null;
}

/// <summary>Input of the network for a drawing: a row of drawings_seen.csv.</summary>
/// <param name="File">Name of the drawing's file.</param>
/// <param name="Pixels">The pixels of an image, row by row; of a coloured one red, green and blue one after the other.</param>
/// <param name="Shape">The image's shape: [1 or 3, height, width].</param>
sealed record DrawingSeen(string File, ImmutableArray<byte> Pixels, ImmutableArray<long> Shape);

/// <summary>Prediction for a row of a table that has no labels, or for numbers: a row of predictions.csv.</summary>
/// <param name="Index">The row, from 0.</param>
/// <param name="Predictions">The name of the predicted class, or the predicted numbers.</param>
/// <param name="Confidence">The probability of the class; null for numbers.</param>
/// <param name="Target">The number that the table has in the column of labels; null for none.</param>
sealed record NewRow(int Index, ImmutableArray<string> Predictions, float? Confidence, string? Target);

/// <summary>Every CSV file that runs write, except results.csv of a sweep, whose columns depend on the sweep: see <c>SweepResults.Table</c>.</summary>
static class LogFiles
{
    // Each is built when it is used: a script that trains has no need of the others.
    public static ImmutableArray<LogFile> All =>
    [
        Log, Seeds, Compared, Variants, Predictions(), NewRows, Classes, Mistakes(), FirstLayer, Drawings, DrawingsSeen, Equivalence, Stability, Gradients,
        Reduction, Reproductions, Steps, LayerGradients, Reconstructions, Index,
    ];

    public static LogFile<Epoch> Log => new(
        "log.csv", "02",
        "an epoch; columns after `seconds` exist only if the training has them: further metrics, validation, averaged parameters (`--ema`; with validation "
        + "also `averaged_validation_loss` and its metrics), a learning rate that varies",
        TrainingLog.Epoch,
        ("epoch", e => e.Index), ("train_loss", e => e.TrainLoss), ("test_loss", e => e.TestLoss))
    { More = TrainingLog.Fields };

    public static LogFile<(long Seed, Epoch Epoch)> Seeds => OfTrainings<(long Seed, Epoch Epoch)>(
        "02 `--seeds`", "an epoch of the training with this seed; further columns as in 02", row => row.Epoch,
        f => (f.Has("seed") ? f.Whole("seed") : 0, TrainingLog.Epoch(f)),
        ("seed", row => row.Seed)) with
    { Optional = ["seed"] };

    public static LogFile<LossEpoch> Compared => OfTrainings<LossEpoch>(
        "03",
        "an epoch of the training with this loss and seed; `train_loss` is the loss that was minimised, `test_loss` is always the cross-entropy of softmax; "
        + "further columns as in 02",
        row => row.Epoch, f => new(Loss(f), f.Whole("seed"), TrainingLog.Epoch(f)),
        ("loss", row => row.Loss), ("seed", row => row.Seed)) with
    { MoreRequired = ["test_accuracy"] };

    public static LogFile<VariantEpoch> Variants => OfTrainings<VariantEpoch>(
        "gallery", "an epoch of the training of this variant with this seed; further columns as in 02", row => row.Epoch,
        f => new(f.Text("variant"), f.Whole("seed"), TrainingLog.Epoch(f)),
        ("variant", row => row.Variant), ("seed", row => row.Seed));

    public static LogFile<ClassAccuracy> Classes => new(
        "classes.csv", "01", "a class: how many examples it has, and how many of them are classified correctly",
        f => new(f.Text("class"), f.Count("examples"), f.Count("correct")),
        ("class", c => c.Class), ("examples", c => c.Examples), ("correct", c => c.Correct), ("accuracy", c => c.Accuracy));

    public static LogFile<UnitWeights> FirstLayer => new(
        "first_layer.csv", "01", "a unit of the first layer: its weights and their shape, numbers separated by spaces",
        f => new(f.Count("unit"), [.. f.Floats("weights")], f.Shape("shape", of: "weights")),
        ("unit", u => u.Unit), ("weights", u => Spaced(u.Weights)), ("shape", u => Spaced(u.Shape)))
    { Optional = ["shape"] };

    public static LogFile<DrawingRow> Drawings => new(
        "drawings.csv", "01 `--image`", "a drawing: its three most likely classes, and why the answer is not reliable, if so",
        f => new(f.Text("file"), Likeliest(f), f.Text("remark")),
        ("file", d => d.File), ("prediction", d => d.Class(0)), ("probability", d => d.Probability(0)),
        ("second", d => d.Class(1)), ("second_probability", d => d.Probability(1)),
        ("third", d => d.Class(2)), ("third_probability", d => d.Probability(2)), ("remark", d => d.Remark));

    public static LogFile<DrawingSeen> DrawingsSeen => new(
        "drawings_seen.csv", "01 `--image`", "a drawing or picture: the pixels that the network was given and their shape, separated by spaces",
        f => new(f.Text("file"), [.. f.Bytes("pixels")], f.Shape("shape", of: "pixels")),
        ("file", d => d.File), ("pixels", d => Spaced(d.Pixels)), ("shape", d => Spaced(d.Shape)))
    { Optional = ["shape"] };

    public static LogFile<LossDifference> Equivalence => new(
        "equivalence.csv", "03", "a training step: the largest differences between cross_entropy and nll, computed in float32 or float64",
        f => new(f.Whole("seed"), f.Count("step", least: 1), f.Text("precision"), f.Number("loss_difference"), f.Number("gradient_difference")),
        ("seed", d => d.Seed), ("step", d => d.Step), ("precision", d => d.Precision), ("loss_difference", d => d.Loss),
        ("gradient_difference", d => d.Gradient));

    public static LogFile<StabilityRow> Stability => new(
        "stability.csv", "03", "a loss on random logits in −scale … scale: how many losses and gradients are not finite, and the largest error",
        f => new(Loss(f), Scale(f), f.Count("examples"), f.Count("infinite"), f.Count("nan"), f.Count("nonfinite_gradients"), f.Number("error")),
        ("loss", s => s.Loss), ("scale", s => s.Scale), ("examples", s => s.Examples), ("infinite", s => s.Infinite), ("nan", s => s.NotANumber),
        ("nonfinite_gradients", s => s.NonfiniteGradients), ("error", s => s.Error));

    public static LogFile<GradientNorm> Gradients => new(
        "gradients.csv", "03",
        "an epoch, 0 before the first: mean norm of the gradient at the logits, of all test examples, of those classified correctly and of the others",
        f => new(Loss(f), f.Whole("seed"), f.Count("epoch"), f.Number("gradient_norm"), f.Number("of_right"), f.Number("of_wrong")),
        ("loss", g => g.Loss), ("seed", g => g.Seed), ("epoch", g => g.Epoch), ("gradient_norm", g => g.Norm), ("of_right", g => g.OfRight),
        ("of_wrong", g => g.OfWrong));

    public static LogFile<ReductionStep> Reduction => new(
        "reduction.csv", "03", "a training step: length of the step for the sum of the losses ÷ length for their mean, and how far Adam's two steps are apart",
        f => new(
            f.Whole("seed"), f.Count("step", least: 1), f.Whole("examples", least: 1), f.Number("loss_sum"), f.Number("sgd_ratio"), f.Number("adam_ratio"),
            f.Number("adam_difference")),
        ("seed", r => r.Seed), ("step", r => r.Step), ("examples", r => r.Examples), ("loss_sum", r => r.LossSum), ("sgd_ratio", r => r.SgdRatio),
        ("adam_ratio", r => r.AdamRatio), ("adam_difference", r => r.AdamDifference));

    public static LogFile<Reproduction> Reproductions => new(
        "results.csv", "gallery", "a published figure and ours, of the training with this seed",
        f => new(
            f.Text("source"), f.Text("setting"), f.Text("variant"), f.Text("measure"), f.Text("published"), f.Whole("seed"), f.Count("epochs"),
            f.Number("ours"), f.Number("seconds")),
        ("source", r => r.Source), ("setting", r => r.Setting), ("variant", r => r.Variant), ("measure", r => r.Measure), ("published", r => r.Published),
        ("seed", r => r.Seed), ("epochs", r => r.Epochs), ("ours", r => r.Ours), ("seconds", r => Math.Round(r.Seconds, 3)));

    public static LogFile<StepLoss> Steps => new(
        "step_losses.csv", "gallery", "a training step: mean loss of its batch, before the step",
        f => new(f.Text("variant"), f.Whole("seed"), f.Count("step", least: 1), f.Number("loss")),
        ("variant", s => s.Variant), ("seed", s => s.Seed), ("step", s => s.Step), ("loss", s => s.Loss));

    public static LogFile<(int Epoch, ImmutableArray<LayerGradient> Gradients)> LayerGradients => new(
        "layer_gradients.csv", "`CsvLog.LayerGradients(run)`", "an epoch: the norm of the loss's gradient for each parameter",
        f => (f.Count("epoch", least: 1),
            [.. f.Columns.Where(column => column != "epoch").Distinct().Select(column => new LayerGradient(column, f.Number(column)))]),
        ("epoch", row => row.Epoch))
    { More = row => row.Gradients.Select(g => (g.Parameter, (object?)g.Norm)) };

    public static LogFile<Reconstruction> Reconstructions => new(
        "reconstructions.csv", "`CsvLog.Reconstructions(run)`",
        "a test example: its numbers, their reconstruction by the best autoencoder so far, and their shape, separated by spaces",
        f => new(f.Count("index"), [.. f.Floats("wanted")], [.. f.Floats("made")], f.Shape("shape", of: "wanted")),
        ("index", r => r.Index), ("wanted", r => Spaced(r.Wanted)), ("made", r => Spaced(r.Made)), ("shape", r => Spaced(r.Shape)))
    { Optional = ["shape"] };

    public static LogFile<IndexLine> Index => new(
        RunIndex.FileName, "all",
        "a run that has ended, in `outputs/` itself: `time` is its start and `seconds` its duration, `options` are those that differ from the script's "
        + "defaults, loss and accuracy are those of the best weights",
        f => new(
            f.Text("script"), f.Text("time"), f.Text("folder"), f.Text("status"), f.Text("options"), f.NumberIfAny("best_test_loss"),
            f.NumberIfAny("accuracy"), f.Number("seconds")),
        ("script", line => line.Script), ("time", line => line.Time), ("folder", line => line.Folder), ("status", line => line.Status),
        ("options", line => line.Options), ("best_test_loss", line => line.BestTestLoss), ("accuracy", line => line.Accuracy),
        ("seconds", line => line.Seconds));

    /// <param name="classes">How many classes there are, for a reader that knows it.</param>
    public static LogFile<Prediction> Predictions(int classes = int.MaxValue) => new(
        "predictions.csv", "01", "an example: its label, the predicted class, and the probability that the network gives to that class",
        f => Prediction(f, classes),
        ("index", p => p.Index), ("label", p => p.Label), ("prediction", p => p.Predicted), ("confidence", p => p.Confidence));

    public static LogFile<NewRow> NewRows => new(
        Predictions().Name, "01, numbers or new table",
        "a row of a table without labels: the name of the predicted class, and its probability; of a network that predicts numbers these, "
        + "in `prediction` or `prediction_1` …, and the `target` where the table has one",
        f => new(
            f.Count("index"), [f.Text("prediction")], f.Has("confidence") ? (float)f.Number("confidence") : null, f.Has("target") ? f.Text("target") : null),
        ("index", row => row.Index))
    {
        More = row =>
        [
            .. row.Target is { } target ? [("target", target)] : Array.Empty<(string, object?)>(),
            .. row.Predictions.Select((prediction, i) => (row.Predictions.Length == 1 ? "prediction" : $"prediction_{i + 1}", (object?)prediction)),
            .. row.Confidence is { } confidence ? [("confidence", confidence)] : Array.Empty<(string, object?)>(),
        ],
    };

    /// <inheritdoc cref="Predictions"/>
    public static LogFile<Mistake> Mistakes(int classes = int.MaxValue) => new(
        "worst_mistakes.csv", "01",
        "one of the mistakes with the highest confidence: as in predictions.csv, then its pixels and their shape, separated by spaces",
        f => new(Prediction(f, classes), [.. f.Bytes("pixels")], f.Shape("shape", of: "pixels")),
        [
            .. Predictions().Columns.Select(column => Of(column, (Mistake m) => m.Prediction)),
            ("pixels", m => Spaced(m.Pixels)), ("shape", m => Spaced(m.Shape)),
        ])
    { Optional = ["shape"] };

    static LogFile<Row> OfTrainings<Row>(
        string writer, string content, Func<Row, Epoch> epoch, Func<CsvFields, Row> parse,
        params ImmutableArray<(string Name, Func<Row, object?> Value)> keys) =>
        new(Log.Name, writer, content, parse, [.. keys, .. Log.Columns.Select(column => Of(column, epoch))]) { More = row => TrainingLog.Fields(epoch(row)) };

    static (string Name, Func<Row, object?> Value) Of<Row, Part>((string Name, Func<Part, object?> Value) column, Func<Row, Part> part) =>
        (column.Name, row => column.Value(part(row)));

    static Prediction Prediction(CsvFields f, int classes) =>
        new(f.Count("index"), f.Count("label", most: classes - 1), f.Count("prediction", most: classes - 1), (float)f.Number("confidence"));

    static string Loss(CsvFields f) => f.Text("loss") is var loss && LossVariant.All.Any(variant => variant.Name == loss) ? loss
        : throw f.Wrong("loss", $"unknown loss '{Printable.Of(loss)}'");

    static double Scale(CsvFields f) => f.Number("scale") is > 0 and < double.PositiveInfinity and var scale ? scale
        : throw f.Wrong("scale", $"want a number above 0, got '{Printable.Of(f.Text("scale"))}'");

    static ImmutableArray<(string, float)> Likeliest(CsvFields f) =>
        [.. new[] { ("prediction", "probability"), ("second", "second_probability"), ("third", "third_probability") }
            .Where(c => f.Text(c.Item1).Length > 0).Select(c => (f.Text(c.Item1), (float)f.Share(c.Item2)))];

    static string Spaced<N>(IEnumerable<N> numbers) where N : IFormattable =>
        string.Join(' ', numbers.Select(x => x.ToString(null, CultureInfo.InvariantCulture)));
}
