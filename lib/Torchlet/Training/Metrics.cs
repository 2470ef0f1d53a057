using static TorchSharp.torch;

namespace Torchlet;

/// <summary>How good predictions are.</summary>
public static class Metrics
{
    /// <summary>The class with the highest score in each row.</summary>
    /// <param name="scores">[batch, …, classes]: logits or probabilities.</param>
    /// <returns>[batch, …], int64.</returns>
    public static Tensor Predictions(Tensor scores) => scores.argmax(-1);

    /// <summary>Share of the most frequent label, in [0, 1]: the accuracy of always answering that.</summary>
    /// <param name="labels">[count, …], integers from 0.</param>
    public static double LargestShare(Tensor labels)
    {
        using var scope = NewDisposeScope();
        return labels.flatten().bincount(null, 1).max().Number() / labels.numel();
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
        var parameters = model.Net.Views(model.Flat);
        var loss = objective.Evaluation is { } evaluation ? new OutputLoss(evaluation).Of : objective.Minimised;
        var ofEach = objective.Metrics.Where(metric => metric.Function is not Func<Tensor, Tensor, double>).ToList();
        // On the device, and read from there once for each figure.
        var (sums, outputs, targets) = (ofEach.Select(_ => new List<Tensor>()).Prepend([]).ToArray(), new List<Tensor>(), new List<Tensor>());
        var count = 0L; // A preparation may give more or fewer examples than it was given.
        foreach (var range in Batches.Ranges(split.Count, batchSize))
        {
            using var ofBatch = NewDisposeScope();
            var batch = objective.Prepare(Batches.Cut(split, range));
            count += batch.Count;
            // A loss may draw noise, the same at each evaluation.
            var pass = Pass.Evaluation with { Random = TorchRandom.Seeded(range.Start.Value) };
            var inPass = new ModelPass(model.Net, parameters, model.State, batch, pass);
            Add(sums[0], loss(inPass, batch).WantLosses(batch.Inputs));
            foreach (var (metric, ofMetric) in ofEach.Zip(sums.Skip(1)))
                Add(ofMetric, Each(metric, inPass, batch).WantOneEach($"metric {metric.Name}", batch.Inputs));
            if (ofEach.Count == objective.Metrics.Length) continue;
            outputs.Add(inPass.Output().detach().MoveToOuterDisposeScope());
            targets.Add(batch.Targets.alias().MoveToOuterDisposeScope());
        }
        var means = sums.Select(ofFigure => stack(ofFigure).Numbers().Sum() / count).ToArray();
        var (allOutputs, allTargets) = outputs.Count == 0 ? (null, null) : (cat(outputs), cat(targets));
        return new(means[0], [.. objective.Metrics.Select(metric => (metric.Name,
            metric.Function is Func<Tensor, Tensor, double> ofSplit ? ofSplit(allOutputs!, allTargets!) : means[1 + ofEach.IndexOf(metric)]))]);

        static void Add(List<Tensor> sums, Tensor each) => sums.Add(each.sum().MoveToOuterDisposeScope());

        static Tensor Each(Metric metric, ModelPass model, Batch batch) =>
            metric.Function is ModelLoss ofModel ? ofModel(model, batch)
            : metric.Of is { } of ? of(model.Output(), batch.Targets)
            : throw new ArgumentException($"metric {metric.Name}: want a function, got null.");
    }
}
