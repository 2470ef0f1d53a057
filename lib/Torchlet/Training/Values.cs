using System.Collections.Immutable;

namespace Torchlet;

/// <summary>A tensor's numbers in managed memory.</summary>
/// <param name="Shape">Lengths of its axes; none for a scalar.</param>
/// <param name="Numbers">The numbers, last axis fastest.</param>
public sealed record Values(ImmutableArray<long> Shape, ImmutableArray<float> Numbers);
