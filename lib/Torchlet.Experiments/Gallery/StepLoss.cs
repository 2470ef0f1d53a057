namespace Torchlet;

/// <summary>The loss of a step of one of the trainings that a published result compares.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Seed">The seed that it started from.</param>
/// <param name="Step">Which step it is, from 1.</param>
/// <param name="Loss">Mean loss of the step's batch, before the step.</param>
public sealed record StepLoss(string Variant, long Seed, int Step, double Loss);
