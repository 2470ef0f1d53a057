namespace Torchlet;

/// <summary>How a loss fares in float32 on logits of one size.</summary>
/// <param name="Loss">The name of the loss.</param>
/// <param name="Scale">The logits lie in −scale … scale.</param>
/// <param name="Examples">How many examples there were.</param>
/// <param name="Infinite">For how many of them the loss is ±∞.</param>
/// <param name="NotANumber">For how many it is NaN.</param>
/// <param name="NonfiniteGradients">For how many the gradient at the logits has an element that is not finite.</param>
/// <param name="Error">Largest absolute difference to the cross-entropy in float64, in nats, of the examples whose loss is finite; NaN if none is.</param>
public sealed record StabilityRow(string Loss, double Scale, int Examples, int Infinite, int NotANumber, int NonfiniteGradients, double Error)
{
    /// <summary>Whether the loss of every example is a finite number.</summary>
    public bool IsFinite => Infinite + NotANumber == 0;

    /// <summary>What the losses turn to that are not finite.</summary>
    public string Nonfinite => (Infinite, NotANumber) switch { (_, 0) => "∞", (0, _) => "NaN", _ => "∞/NaN" };
}
