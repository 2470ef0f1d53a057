using System.Collections.Immutable;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A pair of pure functions, as optax's GradientTransformation: Init gives the first state, Update turns a gradient into an update. A chain of
/// transforms is a transform, and an optimizer is a chain that ends in <see cref="Transforms.ScaleByLearningRate(Schedule)"/>.
/// </summary>
public sealed record Transform
{
    /// <summary>A custom transform.</summary>
    /// <param name="states">Number of tensors in its state.</param>
    /// <param name="init">The state before the first step: float32, of any shape.</param>
    /// <param name="update">One step.</param>
    public Transform(int states, Func<ParameterVector, ImmutableArray<Tensor>> init, Update update) => (States, Init, Update) = (states, init, update);

    /// <summary>A custom transform without state: <c>new((g, p, step) => g.sign())</c>.</summary>
    public Transform(Func<Tensor, ParameterVector, long, Tensor> update) : this(0, (g, p, t, state) => (update(g, p, t), state)) { }

    /// <summary>A custom transform whose state is so many running averages, each of the parameters' shape and zero at first.</summary>
    public Transform(int averages, Update update) : this(averages, p => [.. Enumerable.Range(0, averages).Select(_ => zeros_like(p.Flat))], update) { }

    /// <summary>The transform as code: <c>Adam(0.0002)</c>; "own" for a custom one.</summary>
    public string Text { get; internal init; } = Named.Own;

    /// <summary>Number of tensors in its state.</summary>
    public int States { get; init; }

    /// <summary>The state before the first step. Another function, set by <c>with</c>, makes it a custom transform.</summary>
    public Func<ParameterVector, ImmutableArray<Tensor>> Init { get; init => (field, Text) = (value, Named.Own); }

    /// <summary>One step. Another function, set by <c>with</c>, makes it a custom transform.</summary>
    public Update Update { get; init => (field, Text, Frozen, ByRows) = (value, Named.Own, null, null); }

    /// <summary>The parameters that it keeps as they are, whose gradient counts for nothing in any part of a chain; null if there are none.</summary>
    internal Func<Slot, bool>? Frozen { get; init; }

    /// <summary>The transform of the steps after these epochs, where it depends on their figures; null where it does not. The state stays the same.</summary>
    internal Func<IReadOnlyList<Epoch>, Transform>? ByRows { get; init; }

    /// <summary>The transform of the steps after these epochs.</summary>
    internal Transform After(IReadOnlyList<Epoch> rows) => ByRows?.Invoke(rows) ?? this;

    /// <summary>Whether it makes the next parameters, p + g, what a constraint allows: no part that scales g may follow.</summary>
    internal bool Constrains { get; init; }

    /// <summary>The learning rate of each step, if there is one. Another one, set by <c>with</c>, makes it a custom transform.</summary>
    public Schedule? LearningRate { get; init => (field, Text) = (value, Named.Own); }

    /// <summary>
    /// Finds the averaged parameters, [count], in the state, where an average is kept. They are evaluated next to the raw ones, and a run keeps and is
    /// judged by them.
    /// </summary>
    public Func<ImmutableArray<Tensor>, Tensor>? Average { get; init => (field, Text) = (value, Named.Own); }

    /// <summary>Its text.</summary>
    public override string ToString() => Text;

    /// <summary>The update of one step, to be added to the parameters, and the next state; nothing that is given is changed.</summary>
    /// <exception cref="ArgumentException">
    /// The transform returned an update of another shape than the parameters, or states of another number or type than it began with.
    /// </exception>
    public (Tensor Update, OptimizerState State) Step(Tensor gradient, ParameterVector parameters, OptimizerState state)
    {
        using var scope = NewDisposeScope();
        var (update, next) = Update(Frozen is null ? gradient : WithoutFrozen(gradient, parameters), parameters, state.Step + 1, state.Tensors);
        update.Want("update", parameters.Flat.shape);
        _ = Checked(next);
        next.MoveOut(before: state.Tensors);
        return ((ReferenceEquals(update, gradient) ? update.alias() : update).MoveToOuterDisposeScope(), new(state.Step + 1, next));
    }

    /// <summary>The states, if they are as many as declared, and float32.</summary>
    internal ImmutableArray<Tensor> Checked(ImmutableArray<Tensor> states)
    {
        if (states.Length != States) throw new ArgumentException($"optimizer {Text}: want {States} states back, got {states.Length}.");
        foreach (var state in states) _ = state.Want($"optimizer {Text}: state", ScalarType.Float32);
        return states;
    }

    Tensor WithoutFrozen(Tensor gradient, ParameterVector parameters)
    {
        var left = gradient.clone();
        foreach (var (start, length) in parameters.Stretches(Frozen!)) _ = left.narrow(0, start, length).zero_();
        return left;
    }
}

/// <summary>
/// One step from the gradient to the update, which is added to the parameters: (gradient, parameters, step from 1, state) ↦ (update, next state).
/// The arguments are untouched; a state that did not change may be returned as it is.
/// </summary>
public delegate (Tensor Update, ImmutableArray<Tensor> State) Update(Tensor gradient, ParameterVector parameters, long step, ImmutableArray<Tensor> state);

/// <summary>State of an optimizer between steps.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Tensors">Running averages and the like, as the transform defines them.</param>
public sealed record OptimizerState(long Step, ImmutableArray<Tensor> Tensors)
{
    /// <summary>The state before the first step.</summary>
    /// <exception cref="ArgumentException">The transform declares another number of states than it makes, or one is not float32.</exception>
    public static OptimizerState Of(Transform transform, ParameterVector parameters) => new(0, transform.Checked(transform.Init(parameters)));

    /// <summary>OptimizerState: step 118, 2 tensors.</summary>
    public override string ToString() => Invariant($"OptimizerState: step {Step:n0}, {Plural.Of(Tensors.Length, "tensor")}");
}

/// <summary>The parameters, and the place of each of them, for a transform that depends on them.</summary>
/// <param name="Flat">The parameters: [count], float.</param>
/// <param name="Slots">Their names and shapes, one after the other.</param>
public sealed record ParameterVector(Tensor Flat, ImmutableArray<Slot> Slots)
{
    /// <summary>The parameters of a model.</summary>
    public static ParameterVector Of(Model model) => new(model.Flat, model.Net.Parameters);

    /// <summary>ParameterVector: fc1.weight [50, 784], fc1.bias [50].</summary>
    public override string ToString() => $"ParameterVector: {string.Join(", ", Slots)}";

    /// <summary>The places in the flat vector of the parameters that <paramref name="only"/> chooses; neighbours are one stretch.</summary>
    public IReadOnlyList<(long Start, long Length)> Stretches(Func<Slot, bool> only)
    {
        var stretches = new List<(long Start, long Length)>();
        var at = 0L;
        foreach (var slot in Slots)
        {
            if (only(slot))
                if (stretches is [.., var last] && last.Start + last.Length == at) stretches[^1] = (last.Start, last.Length + slot.Count);
                else stretches.Add((at, slot.Count));
            at += slot.Count;
        }
        return stretches;
    }
}
