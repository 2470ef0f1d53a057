using System.Collections.Immutable;

namespace Torchlet;

/// <summary>A tuple.</summary>
public sealed record PickleTuple(ImmutableArray<object?> Items);
