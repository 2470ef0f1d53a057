namespace Torchlet;

/// <summary>How far a training is within an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Examples">Training examples that the epoch has learned from so far.</param>
/// <param name="Of">All of them.</param>
/// <param name="TrainLoss">Reads the mean over those so far from the device, in nats; to be called before the next batch is asked for.</param>
/// <exception cref="DivergenceException">From TrainLoss: a batch's loss was no finite number.</exception>
public readonly record struct TrainingProgress(int Epoch, int Examples, int Of, Func<double> TrainLoss);
