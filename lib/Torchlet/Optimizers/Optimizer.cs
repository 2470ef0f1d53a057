using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What an optimizer remembers between steps.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Moments">Running averages, each shaped as the parameters; which ones is the optimizer's business.</param>
public sealed record OptimizerState(long Step, ImmutableArray<Tensor> Moments);

/// <summary>
/// A pair of pure functions, as optax's GradientTransformation: Init gives the first state, Update turns a gradient into what is
/// to be added to the parameters, and the next state.
/// </summary>
/// <param name="Moments">How many running averages it keeps.</param>
/// <param name="Transform">(gradient, step number from 1, moments) ↦ (update, next moments).</param>
public sealed record Optimizer(int Moments, Func<Tensor, long, ImmutableArray<Tensor>, (Tensor Update, ImmutableArray<Tensor> Moments)> Transform)
{
    /// <summary>The state before the first step: every moment zero.</summary>
    public OptimizerState Init(Tensor parameters) =>
        new(0, [.. Enumerable.Range(0, Moments).Select(_ => zeros_like(parameters))]);

    /// <summary>The update of one step, to be added to the parameters, and the next state; gradient and state are untouched.</summary>
    public (Tensor Update, OptimizerState State) Update(Tensor gradient, OptimizerState state)
    {
        using var scope = NewDisposeScope();
        var (update, moments) = Transform(gradient, state.Step + 1, state.Moments);
        return (update.MoveToOuterDisposeScope(), new(state.Step + 1, [.. moments.Select(m => m.MoveToOuterDisposeScope())]));
    }
}
