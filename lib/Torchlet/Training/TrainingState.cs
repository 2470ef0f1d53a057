using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Everything that training carries from one step to the next.</summary>
/// <param name="Model">The network.</param>
/// <param name="Optimizer">What the optimizer remembers.</param>
/// <param name="Random">Where PyTorch's global generator would stand.</param>
public sealed record TrainingState(Mlp Model, OptimizerState Optimizer, TorchRandom Random)
{
    IEnumerable<Tensor> Tensors => [Model.Flat, .. Optimizer.Moments];

    /// <summary>The state in managed memory, after so many epochs.</summary>
    public Snapshot Snapshot(int epoch) => new(epoch, Numbers(Model.Flat), [.. Optimizer.Moments.Select(Numbers)], Optimizer.Step, Random);

    /// <summary>The state that a snapshot was taken of.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="sizes">The widths of the network's layers.</param>
    /// <param name="activation">The function between two layers.</param>
    /// <param name="device">Where its tensors are to live.</param>
    public static TrainingState Of(Snapshot snapshot, ImmutableArray<int> sizes, Func<Tensor, Tensor> activation, Device device)
    {
        using var scope = NewDisposeScope();
        var model = Mlp.Of(sizes, snapshot.Parameters.AsMemory(), activation).To(device);
        var moments = snapshot.Moments.Select(m => tensor(m.ToArray()).to(device));
        return new TrainingState(model, new(snapshot.Step, [.. moments]), snapshot.Random).MoveToOuterDisposeScope();
    }

    /// <summary>Takes the state's tensors out of the current dispose scope, so that it outlives the scope; gives the state back.</summary>
    internal TrainingState Keep()
    {
        foreach (var tensor in Tensors) tensor.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Moves the state's tensors to the scope around the current one; gives the state back.</summary>
    internal TrainingState MoveToOuterDisposeScope()
    {
        foreach (var tensor in Tensors) tensor.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Frees the state's tensors; it may not be used afterwards.</summary>
    internal void Free()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }

    static ImmutableArray<float> Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return ImmutableCollectionsMarshal.AsImmutableArray(tensor.cpu().data<float>().ToArray());
    }
}
