using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a named model is made of, as far as it has a use for it.</summary>
/// <param name="Outputs">How many numbers come out.</param>
/// <param name="Activation">What stands between its layers.</param>
public sealed record ModelParts(int Outputs, Func<Tensor, Tensor> Activation)
{
    /// <summary>Widths of the hidden layers.</summary>
    public ImmutableArray<int> Hidden { get; init; } = [];

    /// <summary>The probability of a hidden number to be dropped; null for the model's own.</summary>
    public double? Dropout { get; init; }

    /// <summary>First values; PyTorch's own if not given.</summary>
    public Initializer? Init { get; init; }
}
