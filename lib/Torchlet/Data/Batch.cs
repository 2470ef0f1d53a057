using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Some examples, cut from a split.</summary>
/// <param name="Inputs">[batch, …].</param>
/// <param name="Targets">[batch, …].</param>
public sealed record Batch(Tensor Inputs, Tensor Targets)
{
    /// <summary>Number of examples.</summary>
    public int Count => (int)Inputs.size(0);
}
