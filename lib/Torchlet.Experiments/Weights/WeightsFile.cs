using System.Collections.Immutable;

namespace Torchlet;

/// <summary>What a weights file holds.</summary>
/// <param name="Arrays">The arrays, in the file's order.</param>
/// <param name="Metadata">What the file says about itself; only safetensors files say anything.</param>
public sealed record WeightsFile(ImmutableArray<NamedArray> Arrays, ImmutableDictionary<string, string> Metadata);
