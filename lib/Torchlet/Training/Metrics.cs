using static TorchSharp.torch;

namespace Torchlet;

/// <summary>How good predictions are.</summary>
public static class Metrics
{
    /// <summary>The class with the highest score in each row.</summary>
    /// <param name="scores">[batch, classes]: logits or probabilities.</param>
    /// <returns>[batch], int64.</returns>
    public static Tensor Predictions(Tensor scores) => scores.argmax(1);

    /// <summary>Number of rows whose prediction is the label.</summary>
    public static long CorrectCount(Tensor scores, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return Predictions(scores).eq(labels).sum().item<long>();
    }

    /// <summary>Counts of (label, prediction) pairs: element [i, j] counts examples of class i that were taken for j.</summary>
    /// <param name="predictions">[count], int64.</param>
    /// <param name="labels">[count], int64.</param>
    /// <param name="classes">Number of classes.</param>
    public static long[,] ConfusionMatrix(Tensor predictions, Tensor labels, int classes)
    {
        using var scope = NewDisposeScope();
        var pair = labels.mul(tensor((long)classes)).add(predictions);
        var counts = pair.bincount(null, (long)classes * classes).cpu().data<long>().ToArray();
        var matrix = new long[classes, classes];
        Buffer.BlockCopy(counts, 0, matrix, 0, counts.Length * sizeof(long));
        return matrix;
    }

    /// <summary>Mean loss (nats an example) and accuracy (in [0, 1]) of a network on a split, batch by batch in order.</summary>
    public static (double Loss, double Accuracy) Evaluate(Mlp model, Split split, Loss loss, int batchSize)
    {
        var (sum, correct) = (0.0, 0L);
        foreach (var range in Batches.Ranges(split.Count, batchSize))
        {
            using var scope = NewDisposeScope();
            var batch = Batches.Cut(split, range);
            var logits = model.Logits(batch.Images);
            sum += loss(logits, batch.Labels).sum().item<float>();
            correct += CorrectCount(logits, batch.Labels);
        }
        return (sum / split.Count, (double)correct / split.Count);
    }
}
