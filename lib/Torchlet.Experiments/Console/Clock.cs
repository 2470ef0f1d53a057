using System.Diagnostics;

namespace Torchlet;

/// <summary>The clock, kept out of the training fold.</summary>
public static class Clock
{
    /// <summary>The same epochs, each with the wall time that it took to come.</summary>
    public static IEnumerable<Epoch> Time(IEnumerable<Epoch> epochs)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var epoch in epochs)
        {
            yield return epoch.MarkedBy(EpochStage.Clock) with { Elapsed = Stopwatch.GetElapsedTime(start) };
            start = Stopwatch.GetTimestamp();
        }
    }
}
