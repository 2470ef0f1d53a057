using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A layer that knows the shape of what it is given, and so the shapes of everything else. Shapes are those of one example.</summary>
/// <param name="Input">What it takes: [784], or [1, 28, 28].</param>
/// <param name="Output">What it gives.</param>
/// <param name="Parameters">What is learned.</param>
/// <param name="State">What it remembers besides: running statistics.</param>
/// <param name="Forward">What it computes.</param>
/// <param name="HasPullback">Whether Forward brings a way back; automatic differentiation finds one otherwise.</param>
public sealed record Net(
    ImmutableArray<long> Input, ImmutableArray<long> Output, ImmutableArray<Slot> Parameters, ImmutableArray<Slot> State,
    Forward Forward, bool HasPullback = false)
{
    /// <summary>Number of parameters.</summary>
    public long Count => Parameters.Sum(slot => slot.Count);

    /// <summary>Parameters and states drawn one after the other, as PyTorch draws them, parameters as one flat vector; and the next generator.</summary>
    public (Model Model, TorchRandom Next) Init(TorchRandom random)
    {
        using var scope = NewDisposeScope();
        (var parameters, random) = Draw(Parameters, random);
        (var state, random) = Draw(State, random);
        var flat = parameters.IsEmpty ? zeros(0) : cat([.. parameters.Select(p => p.flatten())]);
        return (new Model(this, flat, state).MoveToOuterDisposeScope(), random);
    }

    /// <summary>The model with these parameters, one after the other, and these states.</summary>
    /// <exception cref="ArgumentException">They are not as many as the net has.</exception>
    public Model Model(ReadOnlyMemory<float> parameters, ImmutableArray<ReadOnlyMemory<float>> state)
    {
        if (parameters.Length != Count) throw new ArgumentException($"parameters: want {Count}, got {parameters.Length}.", nameof(parameters));
        if (state.Length != State.Length) throw new ArgumentException($"state: want {State.Length} tensors, got {state.Length}.", nameof(state));
        return new(this, Scopes.Native(parameters, Count), [.. State.Zip(state, (slot, values) => Scopes.Native(values, [.. slot.Shape]))]);
    }

    /// <summary>A view of a flat vector for each parameter; the caller's scope owns them.</summary>
    /// <exception cref="ArgumentException">The vector has another length than the parameters.</exception>
    public ImmutableArray<Tensor> Views(Tensor flat)
    {
        flat.Want(nameof(flat), Count);
        if (Parameters.IsEmpty) return [];
        // One split, not a narrow for each: the gradient of a split is one concatenation.
        return [.. flat.split([.. Parameters.Select(slot => slot.Count)], 0)
            .Zip(Parameters, (part, slot) => slot.Shape.Length == 1 ? part : View(part, slot.Shape))];
    }

    static (ImmutableArray<Tensor>, TorchRandom) Draw(ImmutableArray<Slot> slots, TorchRandom random)
    {
        var values = ImmutableArray.CreateBuilder<Tensor>(slots.Length);
        foreach (var slot in slots)
        {
            (var drawn, random) = slot.Init(random);
            values.Add(drawn);
        }
        return (values.MoveToImmutable(), random);
    }

    static Tensor View(Tensor part, ImmutableArray<long> shape)
    {
        using (part) return part.view([.. shape]);
    }
}
