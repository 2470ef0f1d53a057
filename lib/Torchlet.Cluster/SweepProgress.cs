using System.Globalization;

namespace Torchlet;

/// <summary>Where a sweep stands.</summary>
/// <param name="Cells">How many it has.</param>
/// <param name="Before">How many of them were done before.</param>
sealed record SweepProgress(int Cells, int Before)
{
    /// <summary>Cells that have ended since, whatever their end.</summary>
    public int Ended { get; init; }

    /// <summary>Those of them that are not done.</summary>
    public int Failed { get; init; }

    /// <summary>Since the sweep began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How many are done or have failed.</summary>
    public int At => Before + Ended;

    /// <summary>The share of them.</summary>
    public double Share => Cells == 0 ? 1 : (double)At / Cells;

    /// <summary>How many there are, and how long the rest takes at this pace.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{At.ToString(CultureInfo.InvariantCulture).PadLeft($"{Cells}".Length)}/{Cells}")
        + (Failed > 0 ? $", {Failed} failed" : "");

    /// <summary>How long the rest takes at this pace, or the whole has taken.</summary>
    public string Time => At == Cells ? $"in {Clocked(Elapsed)}" : Ended == 0 ? "" : $"{Clocked(Elapsed / Ended * (Cells - At))} left";

    static string Clocked(TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{(time.TotalHours < 1 ? "" : $"{(int)time.TotalHours}:")}{(time.TotalHours < 1 ? $"{time.Minutes}" : $"{time.Minutes:00}")}:{time.Seconds:00}");
}
