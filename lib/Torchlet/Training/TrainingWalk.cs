using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a study carries along the steps of a training: the network, and what each of its optimizers remembers.</summary>
sealed record Walker(Mlp Model, ImmutableArray<OptimizerState> Optimizers)
{
    public IEnumerable<Tensor> Tensors => [Model.Flat, .. Optimizers.SelectMany(o => o.Moments)];
}

/// <summary>A training step by step, for studies that look at every step and not, as <see cref="Training"/>, at every epoch.</summary>
static class TrainingWalk
{
    /// <summary>Yields what <paramref name="step"/> makes of each batch of the training that config describes, in PyTorch's order.</summary>
    /// <param name="config">Sizes, seed, batch size and number of epochs.</param>
    /// <param name="data">The examples.</param>
    /// <param name="optimizers">Optimizers to make the first states of; a step may update each with gradients of its own.</param>
    /// <param name="step">A pure function to the next network and states, all of them new tensors, and a row.</param>
    /// <param name="stop">Ends the sequence after the batch at hand.</param>
    public static IEnumerable<R> Run<R>(
        LearningConfig config, Dataset data, ImmutableArray<Optimizer> optimizers, Func<Walker, Batch, (Walker Next, R Row)> step, CancellationToken stop)
    {
        var (walker, random) = Begin(config, data, optimizers);
        Tensor? order = null;
        try
        {
            for (var epoch = 1; epoch <= config.Epochs; epoch++)
            {
                order?.Dispose();
                (order, random) = Order(random, data);
                foreach (var range in Batches.Ranges(data.Train.Count, config.BatchSize))
                {
                    stop.ThrowIfCancellationRequested();
                    (walker, var row) = Advance(walker, w => step(w, Batches.Cut(data.Train, order, range)));
                    yield return row;
                }
            }
        }
        finally
        {
            order?.Dispose();
            foreach (var tensor in walker.Tensors) tensor.Dispose();
        }
    }

    static (Walker, TorchRandom) Begin(LearningConfig config, Dataset data, ImmutableArray<Optimizer> optimizers)
    {
        using var scope = NewDisposeScope();
        var (model, random) = Training.Start(config, data);
        return (Keep(new(model, [.. optimizers.Select(o => o.Init(model.Flat))])), random);
    }

    /// <summary>The order of an epoch, and the generator at the beginning of the next one.</summary>
    static (Tensor Order, TorchRandom Next) Order(TorchRandom random, Dataset data)
    {
        using var scope = NewDisposeScope();
        var (order, next) = Batches.Shuffle(random, data.Train.Count);
        return (order.to(data.Train.Images.device).DetachFromDisposeScope(), Batches.InOrder(next));
    }

    /// <summary>Takes a step and frees where it started from.</summary>
    static (Walker, R) Advance<R>(Walker walker, Func<Walker, (Walker Next, R Row)> step)
    {
        using var scope = NewDisposeScope();
        var (next, row) = step(walker);
        Keep(next);
        foreach (var tensor in walker.Tensors) tensor.Dispose();
        return (next, row);
    }

    static Walker Keep(Walker walker)
    {
        foreach (var tensor in walker.Tensors) tensor.DetachFromDisposeScope();
        return walker;
    }
}
