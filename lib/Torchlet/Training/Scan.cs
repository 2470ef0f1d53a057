using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A lazy fold that yields every intermediate row and frees unused tensors.</summary>
public static class Scan
{
    /// <summary>
    /// Yields the row of each step, lazily. The one rule of memory: a step's temporaries are freed as it returns, and
    /// after it what the state before held and the next one does not; the last state as the sequence ends, or is left.
    /// </summary>
    /// <remarks>A row may hold the next state; that lives until the next row is asked for. A state that did not change may be handed on as it is.</remarks>
    /// <param name="start">Makes the first state.</param>
    /// <param name="inputs">One for each step.</param>
    /// <param name="step">A pure function to the next state and a row.</param>
    public static IEnumerable<R> Of<S, X, R>(Func<S> start, IEnumerable<X> inputs, Func<S, X, (S Next, R Row)> step) where S : IHolds
    {
        var state = Kept(start);
        try
        {
            foreach (var input in inputs)
            {
                (state, var row) = Advance(state, input, step);
                yield return row;
            }
        }
        finally
        {
            foreach (var tensor in state.Tensors) tensor.Dispose();
        }
    }

    static S Kept<S>(Func<S> start) where S : IHolds
    {
        using var scope = NewDisposeScope();
        var state = start();
        foreach (var tensor in state.Tensors) tensor.DetachFromDisposeScope();
        return state;
    }

    static (S, R) Advance<S, X, R>(S state, X input, Func<S, X, (S Next, R Row)> step) where S : IHolds
    {
        using var scope = NewDisposeScope();
        var (next, row) = step(state, input);
        var kept = next.Tensors.ToHashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (Tensor tensor in kept) tensor.DetachFromDisposeScope();
        foreach (var tensor in state.Tensors)
            if (!kept.Contains(tensor)) tensor.Dispose();
        return (next, row);
    }
}
