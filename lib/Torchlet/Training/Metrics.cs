using static TorchSharp.torch;

namespace Torchlet;

/// <summary>How good predictions are.</summary>
public static class Metrics
{
    /// <summary>The class with the highest score in each row.</summary>
    /// <param name="scores">[batch, classes]: logits or probabilities.</param>
    /// <returns>[batch], int64.</returns>
    public static Tensor Predictions(Tensor scores) => scores.argmax(1);

    /// <summary>Share of the most frequent label, in [0, 1]: the accuracy of always answering that.</summary>
    /// <param name="labels">[count], integers from 0.</param>
    public static double LargestShare(Tensor labels)
    {
        using var scope = NewDisposeScope();
        return labels.bincount(null, 1).max().Number() / labels.size(0);
    }

    /// <summary>Counts of (label, prediction) pairs: element [i, j] counts examples of class i that were taken for j.</summary>
    /// <param name="predictions">[count], int64.</param>
    /// <param name="labels">[count], int64.</param>
    /// <param name="classes">Number of classes.</param>
    public static long[,] ConfusionMatrix(Tensor predictions, Tensor labels, int classes)
    {
        using var scope = NewDisposeScope();
        var pair = labels.mul(tensor((long)classes)).Plus(predictions);
        var counts = pair.bincount(null, (long)classes * classes).Numbers<long>();
        var matrix = new long[classes, classes];
        Buffer.BlockCopy(counts, 0, matrix, 0, counts.Length * sizeof(long));
        return matrix;
    }

    /// <summary>Mean loss and metrics of a model on a split, batch by batch in order; model and split are untouched.</summary>
    /// <param name="model">The model.</param>
    /// <param name="split">The examples.</param>
    /// <param name="objective">What is reported.</param>
    /// <param name="batchSize">Examples at a time.</param>
    /// <exception cref="ArgumentException">The split has no examples, or the loss or a metric returned something else than one number an example.</exception>
    public static Evaluation Evaluate(Model model, Split split, Objective objective, int batchSize)
    {
        if (split.Count == 0) throw new ArgumentException("split: want examples, got none.", nameof(split));
        using var scope = NewDisposeScope();
        var function = model.Function();
        Func<Tensor, Tensor, Tensor>[] figures =
        [
            (output, target) => (objective.Evaluation ?? objective.Loss)(output, target).WantLosses(output),
            .. objective.Metrics.Select(metric => (Func<Tensor, Tensor, Tensor>)((output, target) =>
                metric.Of(output, target).WantOneEach($"metric {metric.Name}", output))),
        ];
        var sums = figures.Select(_ => new List<Tensor>()).ToArray(); // On the device, and read from there once for each figure.
        foreach (var range in Batches.Ranges(split.Count, batchSize))
        {
            using var ofBatch = NewDisposeScope();
            var batch = objective.Prepare(Batches.Cut(split, range));
            var output = function(batch.Inputs);
            foreach (var (figure, ofFigure) in figures.Zip(sums)) ofFigure.Add(figure(output, batch.Targets).sum().MoveToOuterDisposeScope());
        }
        var means = sums.Select(ofFigure => stack(ofFigure).Numbers().Sum() / split.Count).ToArray();
        return new(means[0], [.. objective.Metrics.Zip(means.Skip(1), (metric, mean) => (metric.Name, mean))]);
    }
}
