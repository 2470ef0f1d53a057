using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Sum against mean: for the number that is reported, and for the step that is taken.</summary>
public static class Reductions
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
    public static IEnumerable<ReductionStep> Steps(CompareConfig config, Dataset data, CancellationToken stop = default) =>
        config.EachSeed.SelectMany(seed => FirstEpoch(config, data, seed, stop));

    /// <summary>A training on the sum of the losses, with Adam's state for the mean next to it.</summary>
    sealed record Both(TrainingState OfSum, OptimizerState OfMean) : IHolds
    {
        public IEnumerable<Tensor> Tensors => [.. OfSum.Tensors, .. OfMean.Tensors];
    }

    static IEnumerable<ReductionStep> FirstEpoch(CompareConfig config, Dataset data, long seed, CancellationToken stop)
    {
        var (sgd, adam) = (Optimizers.Sgd(config.LearningRate), Optimizers.Adam(config.LearningRate));
        var recipe = config.Described(data) with { Optimizer = adam, Seed = seed };
        return Scan.Of(Start, Training.Places(recipe, data, epoch: 1), (both, place) =>
        {
            stop.ThrowIfCancellationRequested();
            var (batch, state) = Training.Next(recipe, data, both.OfSum, place);
            var (parameters, (lossSum, ofSum, _, _)) = (ParameterVector.Of(state.Model), Backpropagation.ValueAndGrad(state.Model, batch, Losses.CrossEntropy));
            var ofMean = ofSum.Times(1.0 / batch.Count);
            var (sum, sumState) = adam.Step(ofSum, parameters, state.Optimizer);
            var (mean, meanState) = adam.Step(ofMean, parameters, both.OfMean);
            var row = new ReductionStep(seed, place.Batch, batch.Count, lossSum.Number(),
                Length(SgdStep(ofSum, parameters)) / Length(SgdStep(ofMean, parameters)), Length(sum) / Length(mean), Length(sum - mean) / Length(mean));
            return (new Both(state with { Model = state.Model with { Flat = state.Model.Flat.Plus(sum) }, Optimizer = sumState }, meanState), row);
        });

        Both Start()
        {
            var state = Training.Begin(recipe, data);
            return new(state, OptimizerState.Of(adam, ParameterVector.Of(state.Model)));
        }

        Tensor SgdStep(Tensor gradient, ParameterVector parameters) => sgd.Step(gradient, parameters, OptimizerState.Of(sgd, parameters)).Update;
    }

    // In double precision on the CPU: some devices lack it.
    static double Length(Tensor x) => x.OnHost().to_type(ScalarType.Float64).norm().Number();
}

/// <summary>The effect of the reduction of a batch's losses on one step: their sum, or their mean.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The step of the epoch, from 1.</param>
/// <param name="Examples">Size of the batch.</param>
/// <param name="LossSum">Sum of the batch's losses, in nats.</param>
/// <param name="SgdRatio">Length of SGD's step for the sum, divided by that for the mean.</param>
/// <param name="AdamRatio">The same of Adam's.</param>
/// <param name="AdamDifference">‖Adam's step for the sum − Adam's step for the mean‖, divided by the length of the latter.</param>
public sealed record ReductionStep(long Seed, int Step, long Examples, double LossSum, double SgdRatio, double AdamRatio, double AdamDifference);
