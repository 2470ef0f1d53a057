namespace Torchlet;

/// <summary>What came of drawing a run's pictures anew.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Pictures">The names of its pictures.</param>
/// <param name="Error">Why they could not be drawn; null if they were.</param>
public sealed record Redrawn(RunFolder Run, IReadOnlyList<string> Pictures, TorchletException? Error)
{
    /// <summary>Whether its pictures are those of a training, which can be drawn over one another.</summary>
    public bool IsTraining { get; init; } = true;
}
