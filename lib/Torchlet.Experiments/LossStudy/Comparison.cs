using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The same network trained with several losses from the same weights and the same batches.</summary>
/// <remarks>
/// To be compared, test losses must be in one unit: the cross-entropy of the predicted probabilities. Those are softmax(logits) for
/// every variant, also for double_softmax, whose loss takes the softmax of that once more: its author means the softmax to be
/// the network's prediction, and the second one is nowhere to be seen. The prediction itself, the largest, is the same in all readings.
/// </remarks>
public static class Comparison
{
    /// <summary>Trains with each loss from each seed, one after the other, lazily.</summary>
    /// <param name="config">The losses, the seeds, and the options of each training.</param>
    /// <param name="data">The examples, on the device to train on.</param>
    /// <param name="stage">What each training's epochs pass through, such as the clock.</param>
    /// <param name="stop">Ends the current training and the sequence, as in <see cref="Training.Epochs"/>.</param>
    /// <param name="progress">Told after each batch how far the epoch is.</param>
    public static IEnumerable<LossEpoch> Epochs(
        CompareConfig config, Dataset data, Func<IEnumerable<Epoch>, IEnumerable<Epoch>> stage, CancellationToken stop = default,
        IProgress<TrainingProgress>? progress = null) =>
        from seed in config.EachSeed
        from loss in config.Losses
        from epoch in Training.Epochs(Recipe(config, data, loss, seed), data, stop: stop, progress: progress) | stage
        select new LossEpoch(loss, seed, epoch);

    /// <summary>The recipe of a loss and a seed. Cross-entropy is reported whatever is minimised; divergence is a result, too.</summary>
    public static Recipe Recipe(CompareConfig config, Dataset data, string loss, long seed) => config.Described(data) with
    {
        Objective = Objective.Classify(LossVariant.Named(loss).Loss, evaluation: Losses.CrossEntropy),
        Seed = seed,
        AllowNonFinite = true,
    };

    /// <summary>Warnings of <see cref="LossCheck"/> on the first batch, one sentence for each such loss.</summary>
    public static IReadOnlyList<string> Complaints(CompareConfig config, Dataset data)
    {
        using var scope = NewDisposeScope();
        var recipe = config.Described(data);
        var batch = recipe.Objective.Prepare(Batches.Cut(data.Train, ..Math.Min(config.BatchSize, data.Train.Count)));
        var logits = Training.Begin(recipe with { Seed = config.EachSeed[0] }, data).Model.Apply(batch.Inputs);
        return [.. from loss in config.Losses
                   let complaint = LossCheck.Complaint(LossVariant.Named(loss).Loss, logits, batch.Targets)
                   where complaint is not null
                   select $"{loss}: {complaint}"];
    }
}

/// <summary>An epoch of one of the trainings that a comparison holds side by side.</summary>
/// <param name="Loss">The name of the loss that was minimised.</param>
/// <param name="Seed">The seed that it started from.</param>
/// <param name="Epoch">Figures of the epoch. Its TrainLoss is the loss that was minimised; its TestLoss is cross-entropy, whatever was.</param>
public sealed record LossEpoch(string Loss, long Seed, Epoch Epoch);

/// <summary>How far a comparison has come.</summary>
/// <param name="Config">What is to be trained.</param>
public sealed record ComparisonProgress(CompareConfig Config)
{
    /// <summary>The epoch that ended last; null before the first.</summary>
    public LossEpoch? Last { get; init; }

    /// <summary>Epochs that have ended, of all trainings.</summary>
    public int Epochs { get; init; }

    /// <summary>Their total time.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The progress after one more epoch.</summary>
    public ComparisonProgress After(LossEpoch epoch) => this with { Last = epoch, Epochs = Epochs + 1, Elapsed = Elapsed + epoch.Epoch.Elapsed };

    /// <summary>Whether the last epoch was the last of its training.</summary>
    public bool IsAtEnd => Last?.Epoch.Index == Config.Epochs;

    /// <summary>Estimated time of the remaining epochs, at the speed of those that have ended.</summary>
    public TimeSpan Left => Epochs == 0 ? TimeSpan.Zero : Elapsed * ((double)Config.Trainings * Config.Epochs / Epochs - 1);

    /// <summary>One line: which training, its progress, and the remaining time.</summary>
    public string Line
    {
        get
        {
            if (Last is not { Epoch: var epoch }) return "";
            var stand = IsAtEnd ? Plural.Of(epoch.Index, "epoch") : $"epoch {epoch.Index} of {Config.Epochs}";
            var left = Left == TimeSpan.Zero ? "" : $", about {(int)Left.TotalMinutes}m {Left.Seconds:00}s left";
            return FormattableString.Invariant(
                $"{Last.Loss}, seed {Last.Seed}: {stand}, test loss {epoch.TestLoss:f3}, test acc {epoch.TestAccuracy * 100:f2}%")
                + $", {(Epochs - 1) / Config.Epochs + 1} of {Config.Trainings}{left}";
        }
    }
}
