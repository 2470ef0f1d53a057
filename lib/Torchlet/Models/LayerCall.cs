using System.Collections.Immutable;

namespace Torchlet;

/// <summary>A layer as its text writes it: <c>Conv(6, 5, padding: 2).As("first")</c>. Whoever computes a net in another way goes by this.</summary>
/// <param name="Kind">What it is: one of <see cref="Layers"/>, or an activation by its <see cref="Activation.LayerName"/>.</param>
/// <param name="Arguments">All its numbers by name, those that the text leaves out too: channels 6, kernel 5, stride 1, padding 2.</param>
/// <param name="Init">Its first values as <see cref="Initializer.Text"/> writes them; null where the text names none.</param>
/// <param name="Inner">The layers within it, one after the other: those of a Residual, else none.</param>
/// <param name="Name">The name that <see cref="Layer.As"/> gave it; null for its place in the row.</param>
public sealed record LayerCall(string Kind, ImmutableDictionary<string, double> Arguments, string? Init, ImmutableArray<LayerCall> Inner, string? Name);
