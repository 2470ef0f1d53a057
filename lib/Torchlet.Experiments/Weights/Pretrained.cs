using System.Collections.Immutable;

namespace Torchlet;

/// <summary>A trained network, and how to feed it.</summary>
/// <param name="Model">The network.</param>
/// <param name="Layer">What it is.</param>
/// <param name="Divisor">What a pixel's byte is divided by.</param>
/// <param name="Source">Where the weights came from: a path.</param>
public sealed record Pretrained(Model Model, Layer Layer, double Divisor, string Source)
{
    /// <summary>What its outputs stand for.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Its weights by name, with metadata that say what it is, what its outputs stand for and how it is fed here.</summary>
    public required WeightsFile File { get; init; }

    /// <summary>The side of the square grey images that it takes.</summary>
    /// <exception cref="InvalidOperationException">It takes something else.</exception>
    public int Side => Drawing.SideOf(Model.Net.Input) ?? throw new InvalidOperationException($"It takes [{string.Join(", ", Model.Net.Input)}].");
}
