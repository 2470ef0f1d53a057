namespace Torchlet;

/// <summary>What a network says of one example.</summary>
/// <param name="Index">Place in the split, from 0.</param>
/// <param name="Label">What it is.</param>
/// <param name="Predicted">What the network takes it for.</param>
/// <param name="Confidence">The probability that the network gives to that, in [0, 1].</param>
public sealed record Prediction(int Index, long Label, long Predicted, float Confidence);
