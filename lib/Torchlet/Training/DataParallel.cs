using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// One of several that learn from the same batches, each from its rows of them. A batch's losses add up, and so do their gradients: with the sums of all,
/// each makes the step that one alone would make. Source: Li et al. 2020, arXiv:2006.15704; PyTorch: DistributedDataParallel.
/// </summary>
/// <param name="Rank">Which one, from 0.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Sum">The sums over all of a vector [n], float32; all ask at the same time, with vectors of one length.</param>
public sealed record DataParallel(int Rank, int Count, Func<Tensor, Tensor> Sum) : INamed
{
    // The numbers are those of one process, and so is the record of a run.
    string INamed.Text => Backpropagation.Usual;

    /// <summary>Its rows of a batch, shares of one size or one more; none where a batch has fewer than there are shares.</summary>
    public Range Rows(int batch) => Share(batch, Rank, Count);

    static Range Share(int batch, int rank, int count) => (int)((long)batch * rank / count)..(int)((long)batch * (rank + 1) / count);

    /// <summary>Rows of a batch, with their side columns.</summary>
    internal static Batch Slice(Batch batch, int first, int count) => batch.Each(part => part.narrow(0, first, count));

    /// <summary>Whether the losses of a batch are not those of its shares: a layer, or the loss, looks across the batch or draws its own numbers.</summary>
    /// <param name="recipe">The recipe, to be shared by so many.</param>
    /// <param name="data">What it is trained on; its first batch is tried.</param>
    /// <param name="count">How many share a batch.</param>
    internal static bool LooksAcross(Recipe recipe, Dataset data, int count)
    {
        using var scope = NewDisposeScope();
        var start = Training.Begin(recipe, data);
        var (model, pass) = (start.Model, Pass.Training(start.Random));
        var batch = recipe.Objective.Prepare(Batches.Cut(data.Train, ..Math.Min(recipe.BatchSize, data.Train.Count)));
        var shares = Enumerable.Range(0, count).Select(rank => Share(batch.Count, rank, count))
            .Where(rows => !rows.Start.Equals(rows.End));
        var (whole, parts) = (Losses(..batch.Count), cat([.. shares.Select(Losses)]));
        return !whole.allclose(parts, rtol: 1e-3, atol: 1e-5, equal_nan: true);

        Tensor Losses(Range range)
        {
            var (first, rows) = range.GetOffsetAndLength(batch.Count);
            var share = Slice(batch, first, rows);
            var inPass = new ModelPass(model.Net, model.Net.Views(model.Flat), model.State, share, pass with { Part = new(first, rows, batch.Count) });
            return recipe.Objective.Minimised(inPass, share).WantLosses(share.Inputs);
        }
    }

    /// <summary>
    /// Loss and gradient of the whole batch, as <see cref="Backpropagation"/> computes them, by one sum over all shares. Random numbers are
    /// drawn for the whole batch, and each takes its rows. A layer that looks at a batch's statistics sees its share's; what it remembers of them is
    /// the mean over the examples.
    /// </summary>
    /// <inheritdoc cref="Differentiate"/>
    public LossAndGradient ValueAndGrad(Model model, Batch batch, ModelLoss loss, Pass pass = default, Reduction reduction = Reduction.Sum)
    {
        using var scope = NewDisposeScope();
        var (first, count) = Rows(batch.Count).GetOffsetAndLength(batch.Count);
        first = Math.Min(first, batch.Count - 1); // Without a row of its own it takes another's, for its draws, and counts it for nothing.
        var rows = Slice(batch, first, Math.Max(1, count));
        var mine = Backpropagation.ValueAndGrad(model, rows, loss, pass with { Part = new(first, rows.Count, batch.Count) }, Reduction.Sum);
        var vector = cat([mine.Gradient, mine.LossSum.view(1), .. mine.State.Select(s => s.flatten().Times(count))]);
        var summed = Sum(count > 0 ? vector : zeros_like(vector));
        var parts = summed.split([mine.Gradient.numel(), 1, .. mine.State.Select(s => s.numel())]);
        var gradient = reduction == Reduction.Mean ? parts[0].Over_(batch.Count) : parts[0];
        ImmutableArray<Tensor> state = [.. mine.State.Zip(parts.Skip(2), (s, part) => part.Over_(batch.Count).view_as(s).MoveToOuterDisposeScope())];
        return new(parts[1].squeeze(0).MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope(), state, mine.Pass with { Part = pass.Part });
    }
}
