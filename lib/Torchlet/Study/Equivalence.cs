using static TorchSharp.torch;

namespace Torchlet;

/// <summary>How far two losses are apart on one batch, at the same network.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The step of the training, from 1.</param>
/// <param name="Precision">What both were computed in: float32 or float64.</param>
/// <param name="Loss">Largest absolute difference between the losses of one example, in nats.</param>
/// <param name="Gradient">Largest absolute difference between the gradients of the two mean losses, over all parameters.</param>
public sealed record LossDifference(long Seed, int Step, string Precision, double Loss, double Gradient);

/// <summary>
/// Whether cross_entropy of logits and nll of log_softmax are one function: if so, only rounding parts them, and double precision
/// shrinks it.
/// </summary>
public static class Equivalence
{
    /// <summary>
    /// Goes through each seed's training with cross_entropy and measures, before each step, how far nll is from it at the same
    /// network: two rows a step, float32 and float64. Lazily, until <paramref name="stop"/> is cancelled.
    /// </summary>
    public static IEnumerable<LossDifference> Run(CompareConfig config, Dataset data, CancellationToken stop = default) =>
        from seed in config.EachSeed
        from step in Steps(config with { Seed = seed }, data, stop).Index()
        from row in step.Item
        select row with { Seed = seed, Step = step.Index + 1 };

    /// <summary>The largest absolute difference of two losses on one batch, and of the gradients of their means.</summary>
    public static LossDifference Difference(Mlp model, Batch batch, Loss a, Loss b)
    {
        using var scope = NewDisposeScope();
        var logits = model.Logits(batch.Images);
        var gradients = Backpropagation.ValueAndGrad(model, batch, a).Gradient - Backpropagation.ValueAndGrad(model, batch, b).Gradient;
        return new(0, 0, logits.dtype == ScalarType.Float64 ? "float64" : "float32",
            Largest(a(logits, batch.Labels) - b(logits, batch.Labels)), Largest(gradients) / batch.Labels.shape[0]);
    }

    static IEnumerable<LossDifference[]> Steps(CompareConfig config, Dataset data, CancellationToken stop)
    {
        var optimizer = Optimizers.ByName[config.Optimizer](config.LearningRate);
        return TrainingWalk.Run<LossDifference[]>(config, data, [optimizer], (walker, batch) =>
        {
            var (model, inDouble) = (walker.Model, walker.Model with { Flat = Double(walker.Model.Flat) });
            var rows = new[] { Of(model, batch), Of(inDouble, batch with { Images = Double(batch.Images) }) };
            var (update, state) = optimizer.Update(Backpropagation.ValueAndGrad(model, batch, Losses.CrossEntropy).Gradient, walker.Optimizers[0]);
            return (new(model with { Flat = model.Flat + update }, [state]), rows);
        }, stop);

        static LossDifference Of(Mlp model, Batch batch) => Difference(model, batch, Losses.CrossEntropy, Losses.NllOfLogSoftmax);
    }

    static Tensor Double(Tensor x) => x.to_type(ScalarType.Float64);

    static double Largest(Tensor difference) => difference.abs().max().cpu().to_type(ScalarType.Float64).item<double>();
}
