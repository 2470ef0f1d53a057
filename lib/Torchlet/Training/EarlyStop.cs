namespace Torchlet;

/// <summary>Training no longer than it helps.</summary>
public static class EarlyStop
{
    /// <summary>A stage that lets epochs pass until the figure that chooses the best one has not improved for so many of them. Then training ends.</summary>
    /// <example><c>Training.Epochs(recipe, data) | EarlyStop.After(3)</c></example>
    /// <param name="patience">How many epochs in a row may be no better; null lets all of them pass.</param>
    /// <param name="past">Earlier epochs of a resumed training: they count too, so that it ends where it would have without the break.</param>
    /// <param name="of">The figure, the lower the better; <see cref="Epoch.Cost"/> if not given.</param>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> After(int? patience, IEnumerable<Epoch>? past = null, Func<Epoch, double>? of = null) =>
        epochs =>
        {
            var passed = epochs.Select(epoch => epoch.MarkedBy(EpochStage.EarlyStop));
            return patience is { } most ? Until(passed, most, Waited.Since(past ?? [], of ?? (e => e.Cost))) : passed;
        };

    /// <summary>Whether a training of these epochs is over, as <see cref="After"/> judges by default.</summary>
    public static bool IsOver(IEnumerable<Epoch> epochs, int patience) => Waited.Since(epochs, e => e.Cost).Epochs >= patience;

    static IEnumerable<Epoch> Until(IEnumerable<Epoch> epochs, int patience, Waited waited)
    {
        if (waited.Epochs >= patience) yield break;
        foreach (var epoch in epochs)
        {
            waited = waited.And(epoch);
            yield return epoch;
            if (waited.Epochs >= patience) yield break;
        }
    }

    /// <summary>The lowest figure so far, and how many epochs ago that was.</summary>
    readonly record struct Waited(double Best, int Epochs, Func<Epoch, double> Of)
    {
        public static Waited Since(IEnumerable<Epoch> epochs, Func<Epoch, double> of) =>
            epochs.Aggregate(new Waited(double.PositiveInfinity, 0, of), (waited, epoch) => waited.And(epoch));

        public Waited And(Epoch epoch) => Of(epoch) < Best ? this with { Best = Of(epoch), Epochs = 0 } : this with { Epochs = Epochs + 1 };
    }
}
