namespace Torchlet;

/// <summary>An epoch of one of the trainings that a published result compares.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Seed">The seed that it started from.</param>
/// <param name="Epoch">What the epoch came to.</param>
public sealed record VariantEpoch(string Variant, long Seed, Epoch Epoch);
