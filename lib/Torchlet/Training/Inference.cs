using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a network says of one example.</summary>
/// <param name="Index">Place in the split, from 0.</param>
/// <param name="Label">What it is.</param>
/// <param name="Predicted">What the network takes it for.</param>
/// <param name="Confidence">The probability that the network gives to that, in [0, 1].</param>
public sealed record Prediction(int Index, long Label, long Predicted, float Confidence);

/// <summary>A trained network at work.</summary>
public static class Inference
{
    // What follows the logits is done for so many batches together: on a hundred rows a kernel takes less time than its start.
    const int BatchesTogether = 32;

    /// <summary>Classifies every example of a split, some batches at a time in order, lazily.</summary>
    /// <param name="model">The network.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batchSize">Examples that go through the network at a time.</param>
    /// <param name="divisor">What a pixel's byte is divided by: 255, or 1 for raw pixels.</param>
    public static IEnumerable<Prediction> Run(Mlp model, Split split, int batchSize, double divisor) =>
        Batches.Ranges(split.Count, batchSize).Chunk(BatchesTogether).SelectMany(ranges => Classify(model, split, ranges, divisor));

    /// <summary>Share of the predictions that are right, in [0, 1].</summary>
    public static double Accuracy(IEnumerable<Prediction> predictions) => predictions.Average(p => p.Predicted == p.Label ? 1.0 : 0.0);

    /// <summary>Counts of (label, prediction) pairs: element [i, j] counts examples of class i that were taken for j.</summary>
    public static long[,] Confusion(IReadOnlyCollection<Prediction> predictions, int classes)
    {
        using var scope = NewDisposeScope();
        return Metrics.ConfusionMatrix(
            tensor(predictions.Select(p => p.Predicted).ToArray()), tensor(predictions.Select(p => p.Label).ToArray()), classes);
    }

    static Prediction[] Classify(Mlp model, Split split, Range[] ranges, double divisor)
    {
        using var scope = NewDisposeScope();
        var (start, forward) = (ranges[0].Start.Value, model.Forward());
        var probabilities = Activations.Softmax(cat([.. ranges.Select(range => Logits(forward, split, range, divisor))]));
        // Not max(1), which gives both but wakes libtorch's threads for so few rows, too.
        var (p, classes) = (Numbers<float>(probabilities.amax([1])), Numbers<long>(Metrics.Predictions(probabilities)));
        var labels = Numbers<long>(split.Labels.narrow(0, start, p.Length));
        return [.. Enumerable.Range(0, p.Length).Select(i => new Prediction(start + i, labels[i], classes[i], p[i]))];
    }

    static Tensor Logits(Func<Tensor, Tensor> forward, Split split, Range range, double divisor)
    {
        using var scope = NewDisposeScope();
        return forward(Batches.Cut(split, range, divisor).Images).MoveToOuterDisposeScope();
    }

    static T[] Numbers<T>(Tensor tensor) where T : unmanaged => tensor.cpu().data<T>().ToArray();
}
