using static TorchSharp.torch;

namespace Torchlet;

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

/// <summary>
/// The size of the gradient where it starts: at the logits, before any layer has scaled it. An optimizer that divides by the gradient's
/// size makes up for a small one, but not for one that leaves the mistakes alone and pulls at what is right already.
/// </summary>
public static class GradientNorms
{
    /// <summary>One row before each training and one for each of its epochs, lazily.</summary>
    /// <param name="config">The options of the trainings.</param>
    /// <param name="data">Their examples.</param>
    /// <param name="epochs">The trainings, one after the other.</param>
    /// <param name="stop">Ends the sequence after the row at hand.</param>
    public static IEnumerable<GradientNorm> Run(CompareConfig config, Dataset data, IEnumerable<LossEpoch> epochs, CancellationToken stop = default) =>
        epochs.SelectMany(row => (int[])(row.Epoch.Index == 1 ? [0, 1] : [row.Epoch.Index]), (row, epoch) =>
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var model = epoch == 0 ? Training.Start(config with { Seed = row.Seed }, data).Model : Training.Model(config, data, row.Epoch);
            return Of(model, data.Test, Losses.ByName[row.Loss], config.BatchSize) with { Loss = row.Loss, Seed = row.Seed, Epoch = epoch };
        });

    /// <summary>The means over a split; the row's names are left for the caller to fill in.</summary>
    public static GradientNorm Of(Mlp model, Split split, Loss loss, int batchSize)
    {
        var (right, ofRight, ofWrong) = (0L, 0.0, 0.0);
        foreach (var range in Batches.Ranges(split.Count, batchSize))
        {
            using var scope = NewDisposeScope();
            var batch = Batches.Cut(split, range);
            var logits = model.Logits(batch.Images);
            var (_, gradient) = Gradient.ValueAndGrad((Tensor z) => loss(z, batch.Labels).sum())(logits);
            var norms = gradient.square().sum(1).sqrt();
            var isRight = Metrics.Predictions(logits).eq(batch.Labels);
            right += isRight.sum().item<long>();
            ofRight += norms[isRight].sum().item<float>();
            ofWrong += norms[isRight.logical_not()].sum().item<float>();
        }
        return new("", 0, 0, (ofRight + ofWrong) / split.Count, ofRight / right, ofWrong / (split.Count - right));
    }
}
