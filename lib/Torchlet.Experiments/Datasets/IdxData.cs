using System.Collections.Immutable;

namespace Torchlet;

/// <summary>What a folder's four IDX files hold.</summary>
/// <param name="Train">Examples to learn from.</param>
/// <param name="Test">Examples to judge by.</param>
/// <param name="Files">SHA-256 of the four files as they lie on disk, each with its file's name, in the order of <see cref="IdxFolder.Names"/>.</param>
sealed record IdxData(Split Train, Split Test, ImmutableArray<(string File, string Sha256)> Files);
