using System.Collections.Immutable;

namespace Torchlet;

/// <summary>The parameters of a multilayer perceptron in managed memory, under no names.</summary>
/// <param name="Sizes">Width of the input, of each hidden layer, and of the output: [784, 50, 100, 10].</param>
/// <param name="Flat">W₁ [out, in] row by row, b₁, W₂, b₂, …, as PyTorch orders a model's parameters.</param>
public sealed record MlpWeights(ImmutableArray<int> Sizes, ReadOnlyMemory<float> Flat)
{
    /// <summary>What the file said of them: activation, pixels, data, …; empty where a format has no place for it.</summary>
    public ImmutableDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;
}
