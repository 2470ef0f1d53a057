using static TorchSharp.torch;

namespace Torchlet;

/// <summary>An epoch of one of the trainings that a comparison holds side by side.</summary>
/// <param name="Loss">The name of the loss that was minimised.</param>
/// <param name="Seed">The seed that it started from.</param>
/// <param name="Epoch">What the epoch came to.</param>
public sealed record LossEpoch(string Loss, long Seed, Epoch Epoch);

/// <summary>How far two losses are apart, at the network that one epoch ended with.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Loss">Largest absolute difference between the losses of one example, in nats.</param>
/// <param name="Gradient">Largest absolute difference between the gradients of the two mean losses, over all parameters.</param>
public sealed record LossDifference(long Seed, int Epoch, double Loss, double Gradient);

/// <summary>The same network trained with several losses from the same weights and the same batches.</summary>
public static class Comparison
{
    /// <summary>Trains with each loss from each seed, one after the other, lazily.</summary>
    /// <param name="config">The losses, the seeds, and the options of each training.</param>
    /// <param name="data">The examples, on the device to train on.</param>
    /// <param name="stage">What each training's epochs pass through, such as the clock.</param>
    /// <param name="stop">Ends the training at hand and the sequence, as in <see cref="Training.Run"/>.</param>
    /// <param name="progress">Told after each batch how far the epoch is.</param>
    public static IEnumerable<LossEpoch> Run(
        CompareConfig config, Dataset data, Func<IEnumerable<Epoch>, IEnumerable<Epoch>> stage, CancellationToken stop = default,
        IProgress<TrainingProgress>? progress = null) =>
        from seed in config.Seeds.IsEmpty ? [config.Seed] : config.Seeds
        from loss in config.Losses
        from epoch in Training.Run(config with { Seed = seed }, data, Losses.ByName[loss], stop: stop, progress: progress) | stage
        select new LossEpoch(loss, seed, epoch);

    /// <summary>
    /// How far <paramref name="a"/> and <paramref name="b"/> are apart on the test set, at the networks that the training with the
    /// comparison's first loss went through. Both losses see the same network, so nothing but rounding can part them.
    /// </summary>
    public static IEnumerable<LossDifference> Differences(CompareConfig config, Dataset data, IEnumerable<LossEpoch> epochs, Loss a, Loss b)
    {
        return epochs.Where(e => e.Loss == config.Losses[0]).Select(Measure);

        LossDifference Measure(LossEpoch row)
        {
            using var scope = NewDisposeScope();
            var (loss, gradient) = Difference(Training.Model(config, data, row.Epoch), Batches.Cut(data.Test, ..), a, b);
            return new(row.Seed, row.Epoch.Index, loss, gradient);
        }
    }

    /// <summary>The largest absolute difference of two losses on one batch, and of the gradients of their means.</summary>
    public static (double Loss, double Gradient) Difference(Mlp model, Batch batch, Loss a, Loss b)
    {
        using var scope = NewDisposeScope();
        var logits = model.Logits(batch.Images);
        return (Largest(a(logits, batch.Labels) - b(logits, batch.Labels)), Largest(GradientOf(a) - GradientOf(b)));

        Tensor GradientOf(Loss loss) => Gradient.ValueAndGrad(m => loss(m.Logits(batch.Images), batch.Labels).mean())(model).Gradient;
    }

    static double Largest(Tensor difference) => difference.abs().max().cpu().to_type(ScalarType.Float64).item<double>();
}
