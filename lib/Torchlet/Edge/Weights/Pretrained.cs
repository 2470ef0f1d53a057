namespace Torchlet;

/// <summary>A trained network, and how to feed it.</summary>
/// <param name="Model">The network.</param>
/// <param name="Layer">What it is.</param>
/// <param name="Divisor">What a pixel's byte is divided by.</param>
/// <param name="Source">Where the weights came from: a path.</param>
public sealed record Pretrained(Model Model, Layer Layer, double Divisor, string Source);
