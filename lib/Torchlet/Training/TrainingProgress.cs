namespace Torchlet;

/// <summary>How far a training is within an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Examples">Training examples that the epoch has learned from so far.</param>
/// <param name="Of">All of them.</param>
/// <param name="TrainLoss">Mean over those so far, in nats.</param>
public readonly record struct TrainingProgress(int Epoch, int Examples, int Of, double TrainLoss);
