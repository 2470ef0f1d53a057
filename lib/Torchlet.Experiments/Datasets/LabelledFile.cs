namespace Torchlet;

/// <summary>A file with one example.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">Its class, from 0.</param>
sealed record LabelledFile(string Path, int Label);
