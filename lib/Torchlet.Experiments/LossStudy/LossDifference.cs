namespace Torchlet;

/// <summary>How far two losses are apart on one batch, at the same network.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The step of the training, from 1.</param>
/// <param name="Precision">What both were computed in: float32 or float64.</param>
/// <param name="Loss">Largest absolute difference between the losses of one example, in nats.</param>
/// <param name="Gradient">Largest absolute difference between the gradients of the two mean losses, over all parameters.</param>
public sealed record LossDifference(long Seed, int Step, string Precision, double Loss, double Gradient);
