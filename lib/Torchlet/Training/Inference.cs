using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A trained classifier at work.</summary>
public static class Inference
{
    // Softmax and argmax run on this many batches at once: on a hundred rows a kernel takes less time than its start.
    const int BatchesTogether = 32;

    /// <summary>Classifies every example of a split, or every position of sequences, some batches at a time in order, lazily.</summary>
    /// <param name="model">The model; its output is taken for logits.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batchSize">Examples that go through the model at a time.</param>
    /// <param name="divisor">What a pixel's byte is divided by: 255, or 1 for raw pixels.</param>
    public static IEnumerable<Prediction> Predictions(Model model, Split split, int batchSize, double divisor = Batches.Unit) =>
        Predictions(model, split, batch => batch with { Inputs = Inputs(model, batch.Inputs, divisor) }, batchSize);

    /// <summary>Inputs as a trained model takes them: ids stay as they are, and bytes of pictures, or of numbers for layers of numbers, are divided.</summary>
    internal static Tensor Inputs(Model model, Tensor inputs, double divisor)
    {
        var takesIds = model.Net.Layers.FirstOrDefault(layer => layer.Call.Kind != Layers.Flatten.Calls[0].Kind)?.Call.Kind.TakesIntegers == true;
        return inputs.is_floating_point() || inputs.dtype != ScalarType.Byte || takesIds && !Split.AreBytesOfPictures(inputs) ? inputs
            : Batches.Floats(inputs, divisor);
    }

    /// <summary>Classifies every example of a split as the objective prepares it, some batches at a time in order, lazily.</summary>
    /// <param name="model">The model; its outputs are logits.</param>
    /// <param name="split">The examples.</param>
    /// <param name="objective">The objective that the model was trained for.</param>
    /// <param name="batchSize">Examples that go through the model at a time.</param>
    public static IEnumerable<Prediction> Predictions(Model model, Split split, Objective objective, int batchSize) =>
        Predictions(model, split, objective.Prepare, batchSize);

    static IEnumerable<Prediction> Predictions(Model model, Split split, Func<Batch, Batch> prepare, int batchSize) =>
        Batches.Ranges(split.Count, batchSize).Chunk(split.Targets.ndim == 1 ? BatchesTogether : 1)
            .SelectMany(ranges => Classify(model, split, ranges, prepare));

    /// <summary>Share of the predictions that are right, in [0, 1].</summary>
    public static double Accuracy(IEnumerable<Prediction> predictions) => predictions.Average(p => p.Predicted == p.Label ? 1.0 : 0.0);

    /// <summary>Counts of (label, prediction) pairs: element [i, j] counts examples of class i that were taken for j.</summary>
    public static long[,] Confusion(IReadOnlyCollection<Prediction> predictions, int classes)
    {
        using var scope = NewDisposeScope();
        return Metrics.ConfusionMatrix(
            tensor(predictions.Select(p => p.Predicted).ToArray()), tensor(predictions.Select(p => p.Label).ToArray()), classes);
    }

    static Prediction[] Classify(Model model, Split split, Range[] ranges, Func<Batch, Batch> prepare)
    {
        using var scope = NewDisposeScope();
        // Of sequences each position is an example.
        var (start, function) = ((int)(ranges[0].Start.Value * Shapes.Count(split.Targets.shape.AsSpan(1))), model.Function());
        var outputs = ranges.Select(range => Output(function, split, range, prepare)).ToList();
        var probabilities = Activations.Softmax(cat([.. outputs.Select(output => output.Logits.flatten(0, -2))]));
        // Not max(1), which gives both but wakes libtorch's threads for so few rows, too.
        var (p, classes) = (probabilities.amax([1]).Numbers<float>(), Metrics.Predictions(probabilities).Numbers<long>());
        var labels = cat([.. outputs.Select(output => output.Labels)]).to_type(ScalarType.Int64).Numbers<long>();
        return [.. Enumerable.Range(0, p.Length).Select(i => new Prediction(start + i, labels[i], classes[i], p[i]))];
    }

    static (Tensor Logits, Tensor Labels) Output(Func<Tensor, Tensor> function, Split split, Range range, Func<Batch, Batch> prepare)
    {
        using var scope = NewDisposeScope();
        var batch = prepare(Batches.Cut(split, range));
        return (function(batch.Inputs).MoveToOuterDisposeScope(), batch.Targets.alias().MoveToOuterDisposeScope());
    }
}

/// <summary>Prediction of a network for one example.</summary>
/// <param name="Index">Place in the split, from 0; of sequences the place of the position among all of them.</param>
/// <param name="Label">What it is.</param>
/// <param name="Predicted">The predicted class.</param>
/// <param name="Confidence">The probability that the network gives to that, in [0, 1].</param>
public sealed record Prediction(int Index, long Label, long Predicted, float Confidence);

/// <summary>How many examples of one class there are, and how many of them were recognised.</summary>
/// <param name="Class">The class's name.</param>
/// <param name="Examples">How many there are.</param>
/// <param name="Correct">How many were recognised.</param>
public sealed record ClassAccuracy(string Class, long Examples, long Correct)
{
    /// <summary>Correct / Examples, in [0, 1]; NaN for a class without examples.</summary>
    public double Accuracy => (double)Correct / Examples;

    /// <summary>The rows of a confusion matrix, class by class.</summary>
    /// <param name="confusion">Element [i, j] counts examples of class i that were taken for j.</param>
    /// <param name="classes">The classes' names.</param>
    public static IReadOnlyList<ClassAccuracy> Of(long[,] confusion, IReadOnlyList<string> classes) =>
        [.. classes.Select((name, i) => new ClassAccuracy(name, Enumerable.Range(0, classes.Count).Sum(j => confusion[i, j]), confusion[i, i]))];
}

/// <summary>Where a network errs.</summary>
public static class Mistakes
{
    /// <summary>The mistakes that the network was surest of, surest first; among equals the first of the split.</summary>
    /// <param name="predictions">Predictions of the network for a split.</param>
    /// <param name="examples">The split.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<Mistake> Worst(IEnumerable<Prediction> predictions, Split examples, int count) =>
        [.. predictions.Where(p => p.Predicted != p.Label).OrderByDescending(p => p.Confidence).ThenBy(p => p.Index).Take(count)
            .Select(p => new Mistake(p, examples.ArePictures ? Pixels(examples, p.Index) : [], [.. examples.InputShape]))];

    static ImmutableArray<byte> Pixels(Split examples, int index)
    {
        using var scope = NewDisposeScope();
        var image = examples.Inputs[index];
        var bytes = image.dtype == ScalarType.Byte ? image : image.Times(Batches.Unit).Limited(0, byte.MaxValue).to_type(ScalarType.Byte);
        return [.. bytes.Numbers<byte>()];
    }
}

/// <summary>An example that a network took for something else.</summary>
/// <param name="Prediction">What the network said.</param>
/// <param name="Pixels">The image row by row, each in 0 … 255, red, green and blue one after the other; empty if examples are not images.</param>
/// <param name="Shape">The image's shape: [1, 28, 28].</param>
public sealed record Mistake(Prediction Prediction, ImmutableArray<byte> Pixels, ImmutableArray<long> Shape)
{
    /// <summary>The prediction and the shape.</summary>
    public override string ToString() => $"Mistake: {Prediction}, inputs {Shapes.Show(Shape.AsSpan())}";
}
