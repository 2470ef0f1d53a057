namespace Torchlet;

/// <summary>Training no longer than it helps.</summary>
public static class EarlyStop
{
    /// <summary>A stage that lets epochs pass until the loss has not been lower for so many of them. Nothing is trained after that.</summary>
    /// <param name="patience">How many epochs in a row may be no better.</param>
    /// <param name="of">The figure, the lower the better; <see cref="Epoch.JudgedLoss"/> if not given.</param>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> After(int patience, Func<Epoch, double>? of = null) =>
        epochs => Until(epochs, patience, of ?? (e => e.JudgedLoss));

    static IEnumerable<Epoch> Until(IEnumerable<Epoch> epochs, int patience, Func<Epoch, double> of)
    {
        var (best, since) = (double.PositiveInfinity, 0);
        foreach (var epoch in epochs)
        {
            (best, since) = of(epoch) < best ? (of(epoch), 0) : (best, since + 1);
            yield return epoch;
            if (since >= patience) yield break;
        }
    }
}
