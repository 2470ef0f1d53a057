namespace Torchlet;

/// <summary>How hard a loss pulls at the logits: means over test examples of ‖∂loss/∂logits‖₂.</summary>
/// <param name="Loss">The name of the loss.</param>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Epoch">The epoch after which it was measured; 0 is before the first.</param>
/// <param name="Norm">Mean over all of them.</param>
/// <param name="OfRight">Mean over those that the network classifies rightly; NaN if there are none.</param>
/// <param name="OfWrong">Mean over the others; NaN if there are none.</param>
public sealed record GradientNorm(string Loss, long Seed, int Epoch, double Norm, double OfRight, double OfWrong)
{
    /// <summary>How hard a mistake pulls, relative to an example that is right.</summary>
    public double MistakeRatio => OfWrong / OfRight;
}
