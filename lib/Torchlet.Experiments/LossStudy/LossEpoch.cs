namespace Torchlet;

/// <summary>An epoch of one of the trainings that a comparison holds side by side.</summary>
/// <param name="Loss">The name of the loss that was minimised.</param>
/// <param name="Seed">The seed that it started from.</param>
/// <param name="Epoch">What the epoch came to. Its TrainLoss is the loss that was minimised; its TestLoss is cross-entropy, whatever was.</param>
public sealed record LossEpoch(string Loss, long Seed, Epoch Epoch);
