namespace Torchlet;

/// <summary>What one step of a training came to.</summary>
/// <param name="Epoch">The epoch that it is of, from 1.</param>
/// <param name="Batch">Which batch of the epoch it learned from, from 1.</param>
/// <param name="Examples">Training examples that the epoch has learned from so far.</param>
/// <param name="Count">How many of them this step did.</param>
/// <param name="LossSum">The sum of the batch's losses before the step.</param>
/// <param name="State">Where the training stands after it. It lives until the next step is asked for.</param>
public sealed record TrainingStep(int Epoch, int Batch, int Examples, int Count, double LossSum, TrainingState State);
