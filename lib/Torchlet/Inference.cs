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
    /// <summary>Classifies every example of a split, batch by batch in order, lazily.</summary>
    /// <param name="model">The network.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batchSize">Examples at a time.</param>
    /// <param name="divisor">What a pixel's byte is divided by: 255, or 1 for raw pixels.</param>
    public static IEnumerable<Prediction> Run(Mlp model, Split split, int batchSize, double divisor) =>
        Batches.Ranges(split.Count, batchSize).SelectMany(range => Classify(model, split, range, divisor));

    /// <summary>Share of the predictions that are right, in [0, 1].</summary>
    public static double Accuracy(IEnumerable<Prediction> predictions) => predictions.Average(p => p.Predicted == p.Label ? 1.0 : 0.0);

    /// <summary>Counts of (label, prediction) pairs: element [i, j] counts examples of class i that were taken for j.</summary>
    public static long[,] Confusion(IReadOnlyCollection<Prediction> predictions, int classes)
    {
        using var scope = NewDisposeScope();
        return Metrics.ConfusionMatrix(
            tensor(predictions.Select(p => p.Predicted).ToArray()), tensor(predictions.Select(p => p.Label).ToArray()), classes);
    }

    static Prediction[] Classify(Mlp model, Split split, Range range, double divisor)
    {
        using var scope = NewDisposeScope();
        var batch = Batches.Cut(split, range, divisor);
        var probabilities = batch.Images | model.Logits | Activations.Softmax;
        // Not max(1), which gives both but wakes libtorch's threads for every batch, however small.
        var (p, classes) = (Numbers<float>(probabilities.amax([1])), Numbers<long>(Metrics.Predictions(probabilities)));
        return [.. Numbers<long>(batch.Labels).Select((label, i) => new Prediction(range.Start.Value + i, label, classes[i], p[i]))];
    }

    static T[] Numbers<T>(Tensor tensor) where T : unmanaged => tensor.cpu().data<T>().ToArray();
}
