using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A pair of pure functions, as optax's GradientTransformation: Init gives the first state, Update turns a gradient into an update. A chain of
/// transforms is a transform, and an optimizer is a chain that ends in <see cref="Transforms.ScaleBy(Schedule)"/>.
/// </summary>
/// <param name="States">How many tensors it remembers.</param>
/// <param name="Init">Those before the first step: float32, of any shape.</param>
/// <param name="Update">One step.</param>
public sealed record Transform(int States, Func<ParameterVector, ImmutableArray<Tensor>> Init, Update Update)
{
    /// <summary>How it is written: <c>Adam(0.0002)</c>; "own" of somebody's own.</summary>
    public string Text { get; init; } = Initializer.Own;

    /// <summary>The learning rate of each step, where there is one.</summary>
    public Schedule? LearningRate { get; init; }

    /// <summary>Finds the averaged parameters in the state, where an average is kept; they are evaluated beside the raw ones.</summary>
    public Func<ImmutableArray<Tensor>, Tensor>? Average { get; init; }

    /// <summary>A transform of somebody's own that remembers nothing: <c>new((g, p, step) => g.sign())</c>.</summary>
    public Transform(Func<Tensor, ParameterVector, long, Tensor> update) : this(0, (g, p, t, state) => (update(g, p, t), state)) { }

    /// <summary>A transform of somebody's own that remembers so many running averages, each of the parameters' shape and zero at first.</summary>
    public Transform(int averages, Update update) : this(averages, p => [.. Enumerable.Range(0, averages).Select(_ => zeros_like(p.Flat))], update) { }

    /// <summary>The update of one step, to be added to the parameters, and the next state; nothing that is given is changed.</summary>
    /// <exception cref="ArgumentException">The transform gave an update of another shape than the parameters, or another number of states.</exception>
    public (Tensor Update, OptimizerState State) Step(Tensor gradient, ParameterVector parameters, OptimizerState state)
    {
        using var scope = NewDisposeScope();
        var (update, next) = Update(gradient, parameters, state.Step + 1, state.Tensors);
        update.Want("update", parameters.Flat.shape);
        if (next.Length != States) throw new ArgumentException($"optimizer {Text}: want {States} states back, got {next.Length}.");
        next.MoveOut(before: state.Tensors);
        return ((ReferenceEquals(update, gradient) ? update.alias() : update).MoveToOuterDisposeScope(), new(state.Step + 1, next));
    }
}
