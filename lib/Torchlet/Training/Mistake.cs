using System.Collections.Immutable;

namespace Torchlet;

/// <summary>An example that a network took for something else.</summary>
/// <param name="Prediction">What the network said.</param>
/// <param name="Pixels">The image row by row, each in 0 … 255, red, green and blue one after the other; empty where examples are no images.</param>
/// <param name="Shape">The image's shape: [1, 28, 28].</param>
public sealed record Mistake(Prediction Prediction, ImmutableArray<byte> Pixels, ImmutableArray<long> Shape);
