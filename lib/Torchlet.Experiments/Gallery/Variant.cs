using System.Collections.Immutable;

namespace Torchlet;

/// <summary>One of several trainings that a published result compares.</summary>
/// <param name="Name">Its name among the variants: relu. The part before a slash is the panel of the picture.</param>
/// <param name="Recipe">What is trained; seed and epochs are the script's.</param>
/// <param name="Published">The source's figures of it.</param>
public sealed record Variant(string Name, Recipe Recipe, params ImmutableArray<Published> Published);

/// <summary>An epoch of one of the trainings that a published result compares.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Seed">The seed that it started from.</param>
/// <param name="Epoch">Figures of the epoch.</param>
public sealed record VariantEpoch(string Variant, long Seed, Epoch Epoch);

/// <summary>The loss of a step of one of the trainings that a published result compares.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Seed">The seed that it started from.</param>
/// <param name="Step">Which step it is, from 1.</param>
/// <param name="Loss">Mean loss of the step's batch, before the step.</param>
public sealed record StepLoss(string Variant, long Seed, int Step, double Loss);
