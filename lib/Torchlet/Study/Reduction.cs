using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What the reduction of a batch's losses does to one step: their sum, or their mean.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The step of the epoch, from 1.</param>
/// <param name="Examples">Size of the batch.</param>
/// <param name="LossSum">Sum of the batch's losses, in nats.</param>
/// <param name="SgdRatio">Length of SGD's step for the sum, divided by that for the mean.</param>
/// <param name="AdamRatio">The same of Adam's.</param>
/// <param name="AdamDifference">‖Adam's step for the sum − Adam's step for the mean‖, divided by the length of the latter.</param>
public sealed record ReductionStep(long Seed, int Step, long Examples, double LossSum, double SgdRatio, double AdamRatio, double AdamDifference);

/// <summary>Sum against mean: for the number that is reported, and for the step that is taken.</summary>
public static class Reduction
{
    /// <summary>Σ sums / Σ counts: the mean over all examples, exactly.</summary>
    public static double SumOverCount(IEnumerable<(double Sum, long Count)> batches)
    {
        var (sum, count) = batches.Aggregate((Sum: 0.0, Count: 0L), (a, b) => (a.Sum + b.Sum, a.Count + b.Count));
        return sum / count;
    }

    /// <summary>
    /// The average of sumₖ / countₖ over K batches. With N examples it is off from the mean by Σₖ (1/K − countₖ/N) · meanₖ, which is
    /// zero if all batches are of one size.
    /// </summary>
    public static double AverageOfMeans(IEnumerable<(double Sum, long Count)> batches) => batches.Average(b => b.Sum / b.Count);

    /// <summary>
    /// Goes through the first epoch of each seed's training with cross_entropy, and gives SGD and Adam at every step the gradient of the
    /// batch's sum and that of its mean; Adam remembers each on its own. The network follows the sum.
    /// Lazily, until <paramref name="stop"/> is cancelled.
    /// </summary>
    public static IEnumerable<ReductionStep> Run(CompareConfig config, Dataset data, CancellationToken stop = default) =>
        from seed in config.EachSeed
        from step in FirstEpoch(config with { Seed = seed, Epochs = 1 }, data, stop).Index()
        select step.Item with { Seed = seed, Step = step.Index + 1 };

    static IEnumerable<ReductionStep> FirstEpoch(CompareConfig config, Dataset data, CancellationToken stop)
    {
        var (sgd, adam) = (Optimizers.Sgd(config.LearningRate), Optimizers.Adam(config.LearningRate));
        return TrainingWalk.Run<ReductionStep>(config, data, [adam, adam], (walker, batch) =>
        {
            var count = batch.Labels.shape[0];
            var (lossSum, ofSum) = Backpropagation.ValueAndGrad(walker.Model, batch, Losses.CrossEntropy);
            var ofMean = ofSum.Times(1.0 / count);
            var (sum, sumState) = adam.Update(ofSum, walker.Optimizers[0]);
            var (mean, meanState) = adam.Update(ofMean, walker.Optimizers[1]);
            var row = new ReductionStep(0, 0, count, lossSum.item<float>(),
                Length(SgdStep(ofSum)) / Length(SgdStep(ofMean)), Length(sum) / Length(mean), Length(sum - mean) / Length(mean));
            return (new(walker.Model with { Flat = walker.Model.Flat + sum }, [sumState, meanState]), row);
        }, stop);

        Tensor SgdStep(Tensor gradient) => sgd.Update(gradient, sgd.Init(gradient)).Update;
    }

    static double Length(Tensor x) => x.to_type(ScalarType.Float64).norm().item<double>();
}
