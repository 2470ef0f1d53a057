using System.Collections.Immutable;

namespace Torchlet;

/// <summary>What a run had come to when it ended early, and a resumed one goes on from.</summary>
/// <param name="Rows">The finished epochs, without their states.</param>
/// <param name="State">Where training stood after the last of them; null if there is none.</param>
public sealed record Past(ImmutableArray<Epoch> Rows, Snapshot? State)
{
    /// <summary>That of a new run.</summary>
    public static Past None { get; } = new([], null);
}
