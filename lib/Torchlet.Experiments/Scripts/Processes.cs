namespace Torchlet;

/// <summary>Several processes that run the same script to train together.</summary>
/// <param name="Count">How many.</param>
/// <param name="Shared">A training of which this one does its share.</param>
sealed record Processes(int Count, Func<Recipe, Dataset, Recipe> Shared);
