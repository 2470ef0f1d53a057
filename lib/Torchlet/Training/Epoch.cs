namespace Torchlet;

/// <summary>What one epoch came to. Numbers only, so a row can be kept as long as anyone likes.</summary>
/// <param name="Index">From 1.</param>
/// <param name="TrainLoss">Mean over the training examples, in nats, each taken just before the step that learned from it.</param>
/// <param name="TestLoss">Mean over the test examples after the epoch, in nats.</param>
/// <param name="TestAccuracy">In [0, 1].</param>
public sealed record Epoch(int Index, double TrainLoss, double TestLoss, double TestAccuracy)
{
    /// <summary>How long the epoch took, test included; zero until <see cref="Clock"/> has measured it.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Where the training stood after the epoch; null in a row that was read from a log, or whose <see cref="Figures"/> alone were kept.</summary>
    public Snapshot? State { get; init; }

    /// <summary>The row without its state, which is a thousand times as large: what to keep of many epochs.</summary>
    public Epoch Figures() => this with { State = null };
}
