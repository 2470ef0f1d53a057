using System.Collections.Immutable;

namespace Torchlet;

/// <summary>An example that a network took for something else.</summary>
/// <param name="Prediction">What the network said.</param>
/// <param name="Pixels">The image row by row, each in 0 … 255.</param>
public sealed record Mistake(Prediction Prediction, ImmutableArray<byte> Pixels);
