using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// The size of the gradient where it starts: at the logits, before any layer has scaled it. An optimizer that divides by the gradient's
/// size makes up for a small one, but not for one that leaves the mistakes alone and pulls at what is right already.
/// </summary>
public static class GradientNorms
{
    /// <summary>
    /// A stage that measures each epoch's network as it passes, and that before the first epoch too. Only the figures of an epoch are handed on: the
    /// networks of a whole comparison would fill the memory.
    /// </summary>
    /// <param name="config">The options of the trainings.</param>
    /// <param name="data">Their examples.</param>
    /// <param name="stop">Ends the sequence after the current epoch.</param>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<(LossEpoch Epoch, ImmutableArray<GradientNorm> Norms)>> Beside(
        CompareConfig config, Dataset data, CancellationToken stop = default) => epochs => epochs.Select(row =>
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var recipe = Comparison.Recipe(config, data, row.Loss, row.Seed);
            var model = row.Epoch.State!.Model(recipe.Net(data)).To(data.Test.Inputs.device);
            ImmutableArray<GradientNorm> before = row.Epoch.Index == 1 ? [Measured(Training.Begin(recipe, data).Model, 0)] : [];
            return (row with { Epoch = row.Epoch.Figures() }, before.Add(Measured(model, row.Epoch.Index)));

            GradientNorm Measured(Model model, int epoch)
            {
                var (norm, ofRight, ofWrong) = Of(model, data.Test, recipe.Objective, config.BatchSize);
                return new(row.Loss, row.Seed, epoch, norm, ofRight, ofWrong);
            }
        });

    /// <summary>The means of ‖∂loss/∂logits‖₂ over a split: of all examples, of those classified rightly, and of the others.</summary>
    public static (double Norm, double OfRight, double OfWrong) Of(Model model, Split split, Objective objective, int batchSize)
    {
        var loss = objective.Loss ?? throw new ArgumentException($"objective: want a loss of outputs and targets, got {objective.Text}.", nameof(objective));
        var (right, ofRight, ofWrong) = (0.0, 0.0, 0.0);
        foreach (var range in Batches.Ranges(split.Count, batchSize))
        {
            using var scope = NewDisposeScope();
            var batch = objective.Prepare(Batches.Cut(split, range));
            var logits = model.Apply(batch.Inputs);
            var (_, gradient) = Gradient.ValueAndGrad(z => loss(z, batch.Targets).sum())(logits);
            var norms = gradient.Squared().sum(1).sqrt();
            var isRight = Metrics.Predictions(logits).eq(batch.Targets);
            right += isRight.sum().Number();
            ofRight += norms[isRight].sum().Number();
            ofWrong += norms[isRight.logical_not()].sum().Number();
        }
        return ((ofRight + ofWrong) / split.Count, ofRight / right, ofWrong / (split.Count - right));
    }
}

/// <summary>How hard a loss pulls at the logits: means over test examples of ‖∂loss/∂logits‖₂.</summary>
/// <param name="Loss">The name of the loss.</param>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Epoch">The epoch after which it was measured; 0 is before the first.</param>
/// <param name="Norm">Mean over all of them.</param>
/// <param name="OfRight">Mean over those that the network classifies rightly; NaN if there are none.</param>
/// <param name="OfWrong">Mean over the others; NaN if there are none.</param>
public sealed record GradientNorm(string Loss, long Seed, int Epoch, double Norm, double OfRight, double OfWrong)
{
    /// <summary>How hard a mistake pulls, relative to an example that is right.</summary>
    public double MistakeRatio => OfWrong / OfRight;
}
