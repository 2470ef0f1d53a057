using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Where a training stands between two epochs, as numbers in managed memory: all that the epochs to come depend on, besides options and data.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Parameters">The network's parameters, laid out as <see cref="Mlp.Flat"/>.</param>
/// <param name="Moments">The optimizer's running averages, each laid out as the parameters.</param>
/// <param name="Step">Steps that the optimizer has taken.</param>
/// <param name="Random">Where PyTorch's global generator would stand.</param>
public sealed record Snapshot(int Epoch, ImmutableArray<float> Parameters, ImmutableArray<ImmutableArray<float>> Moments, long Step, TorchRandom Random);
