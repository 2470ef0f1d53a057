namespace Torchlet;

/// <summary>A figure that a source gives of a training, and how it is read off ours.</summary>
/// <param name="Measure">What it is: test accuracy.</param>
/// <param name="Value">As the source writes it: 0.9465, about 0.99; empty where it gives none.</param>
/// <param name="Of">Our figure, out of the training's epochs.</param>
public sealed record Published(string Measure, string Value, Func<IReadOnlyList<Epoch>, double> Of)
{
    /// <summary>The accuracy on the test set after the last epoch, in [0, 1].</summary>
    public static Published TestAccuracy(string value) => new("test accuracy", value, epochs => epochs[^1].TestAccuracy);

    /// <summary>The highest accuracy on the test set after any epoch, in [0, 1].</summary>
    public static Published BestTestAccuracy(string value) => new("best test accuracy", value, epochs => epochs.Max(e => e.TestAccuracy));

    /// <summary>The mean loss of the test set after the last epoch.</summary>
    public static Published TestLoss(string value) => new("test loss", value, epochs => epochs[^1].TestLoss);
}
