using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Everything that training carries from one step to the next.</summary>
/// <param name="Model">The model.</param>
/// <param name="Optimizer">What the optimizer remembers.</param>
/// <param name="Random">Where PyTorch's global generator would stand.</param>
/// <param name="Order">The order of the epoch's examples; null between two epochs.</param>
/// <param name="Losses">The sum of each batch's losses before its step, of the epoch's batches so far, [batches]; null before the first.</param>
public sealed record TrainingState(Model Model, OptimizerState Optimizer, TorchRandom Random, Tensor? Order = null, Tensor? Losses = null) : IHolds
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [.. Model.Tensors, .. Optimizer.Tensors, .. new[] { Order, Losses }.OfType<Tensor>()];

    /// <summary>The state in managed memory, after so many epochs.</summary>
    public Snapshot Snapshot(int epoch) =>
        new(epoch, Values(Model.Flat).Numbers, [.. Model.State.Select(Values)], [.. Optimizer.Tensors.Select(Values)], Optimizer.Step, Random);

    /// <summary>The state that a snapshot was taken of; the caller's scope owns it.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="net">What the parameters are of.</param>
    /// <param name="device">Where its tensors are to live.</param>
    public static TrainingState Of(Snapshot snapshot, Net net, Device device) => new(snapshot.Model(net).To(device),
        new(snapshot.Step, [.. snapshot.Moments.Select(m => Scopes.Native(m.Numbers.AsMemory(), [.. m.Shape]).to(device))]), snapshot.Random);

    static Values Values(Tensor tensor) =>
        new([.. tensor.Want("state", ScalarType.Float32).shape], ImmutableCollectionsMarshal.AsImmutableArray(tensor.Numbers<float>()));
}
