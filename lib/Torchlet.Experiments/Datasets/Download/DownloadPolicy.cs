namespace Torchlet;

/// <summary>How long to wait for mirrors, and how often to ask them again.</summary>
public sealed record DownloadPolicy
{
    /// <summary>How long a mirror may take to answer at all.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a mirror may go without sending a byte.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long one attempt may take; the next one goes on where it ended.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often every mirror is asked.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>The pause after the first round; it doubles from round to round.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long all attempts together may go without <see cref="Step"/> more bytes; null for as long as they take.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>How many bytes buy another <see cref="Patience"/>.</summary>
    public int Step { get; init; } = 1 << 16;
}
