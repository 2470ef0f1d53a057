using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Where a training stands between two epochs, as numbers in managed memory: all that the epochs to come depend on, besides recipe and data.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Parameters">The model's parameters, laid out as <see cref="Model.Flat"/>.</param>
/// <param name="Layers">What its layers remember.</param>
/// <param name="Moments">What the optimizer remembers.</param>
/// <param name="Step">Steps that the optimizer has taken.</param>
/// <param name="Random">Where PyTorch's global generator would stand.</param>
public sealed record Snapshot(
    int Epoch, ImmutableArray<float> Parameters, ImmutableArray<Values> Layers, ImmutableArray<Values> Moments, long Step, TorchRandom Random)
{
    /// <summary>What was trained; null in a snapshot out of a file.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>The model as it was; the caller's scope owns it.</summary>
    /// <param name="net">What the parameters are of.</param>
    public Model Model(Net net) => net.Model(Parameters.AsMemory(), [.. Layers.Select(s => s.Numbers.AsMemory())]);
}
