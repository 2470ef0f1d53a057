namespace Torchlet;

/// <summary>Predictions of nearly one confidence: how sure the network was of them, and how often it was right.</summary>
/// <param name="Low">The confidences of the bin lie above this, in the first bin also at it.</param>
/// <param name="High">The highest that it takes.</param>
/// <param name="Count">How many predictions it holds.</param>
/// <param name="Confidence">Their mean confidence; NaN if it holds none.</param>
/// <param name="Accuracy">The share of them that is right; NaN if it holds none.</param>
public sealed record ConfidenceBin(double Low, double High, int Count, double Confidence, double Accuracy);
