using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A net with its numbers. The parameters are one flat vector, which an optimizer updates in a few kernels, and the layers see named views of it.
/// </summary>
/// <param name="Net">What it computes.</param>
/// <param name="Flat">The parameters one after the other, each row by row, as PyTorch orders a model's parameters: [count], float.</param>
/// <param name="State">What its layers remember: running statistics.</param>
public sealed record Model(Net Net, Tensor Flat, ImmutableArray<Tensor> State) : IHolds
{
    /// <summary>The parameters by name, as views over <see cref="Flat"/>, then the states; the caller's scope owns the views.</summary>
    public IEnumerable<(string Name, Tensor Values)> Named =>
        [.. Net.Parameters.Zip(Net.Views(Flat), (slot, view) => (slot.Name, view)), .. Net.State.Zip(State, (slot, values) => (slot.Name, values))];

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Flat, .. State];

    /// <summary>Output of the net for a batch, in evaluation: the logits of a classifier.</summary>
    /// <param name="x">[batch, …], float.</param>
    /// <returns>[batch, …].</returns>
    /// <exception cref="ArgumentException">x has another shape than the net's input.</exception>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Function()(x).MoveToOuterDisposeScope();
    }

    /// <summary>The function x ↦ <see cref="Apply"/>(x), for many x: it looks the parameters up once, and the caller's scope owns them.</summary>
    public Func<Tensor, Tensor> Function()
    {
        var parameters = Net.Views(Flat);
        return x =>
        {
            using var scope = NewDisposeScope();
            var y = Net.Forward(parameters, State, x.Want(nameof(x), [-1, .. Net.Input]), Pass.Evaluation).Y;
            return (ReferenceEquals(y, x) ? y.alias() : y).MoveToOuterDisposeScope(); // What the caller gave stays the caller's.
        };
    }

    /// <summary>The same model with its numbers on <paramref name="device"/>.</summary>
    public Model To(Device device) => this with { Flat = Flat.to(device), State = [.. State.Select(s => s.to(device))] };

    /// <summary>The table of its layers.</summary>
    public override string ToString() => $"Model: {Net.Summary}";

    internal Model MoveToOuterDisposeScope()
    {
        foreach (var tensor in Tensors) tensor.MoveToOuterDisposeScope();
        return this;
    }
}
