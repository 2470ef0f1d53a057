using System.Collections.Immutable;

namespace Torchlet;

/// <summary>One of several trainings that a published result compares.</summary>
/// <param name="Name">What tells it from the others: relu. What stands before a slash names the panel of the picture that it is drawn in.</param>
/// <param name="Recipe">What is trained; seed and epochs are the script's.</param>
/// <param name="Published">The source's figures of it.</param>
public sealed record Variant(string Name, Recipe Recipe, params ImmutableArray<Published> Published);
