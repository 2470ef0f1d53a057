namespace Torchlet;

/// <summary>What the reduction of a batch's losses does to one step: their sum, or their mean.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The step of the epoch, from 1.</param>
/// <param name="Examples">Size of the batch.</param>
/// <param name="LossSum">Sum of the batch's losses, in nats.</param>
/// <param name="SgdRatio">Length of SGD's step for the sum, divided by that for the mean.</param>
/// <param name="AdamRatio">The same of Adam's.</param>
/// <param name="AdamDifference">‖Adam's step for the sum − Adam's step for the mean‖, divided by the length of the latter.</param>
public sealed record ReductionStep(long Seed, int Step, long Examples, double LossSum, double SgdRatio, double AdamRatio, double AdamDifference);
