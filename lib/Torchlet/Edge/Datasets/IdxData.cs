using System.Collections.Immutable;

namespace Torchlet;

/// <summary>What a folder's four IDX files hold.</summary>
/// <param name="Train">Examples to learn from.</param>
/// <param name="Test">Examples to judge by.</param>
/// <param name="Checksums">SHA-256 of each file as it lies on disk, by its name.</param>
/// <param name="Contents">SHA-256 of each file as it is unpacked, in the order of <see cref="IdxFolder.Names"/>: what the data set is.</param>
sealed record IdxData(Split Train, Split Test, ImmutableSortedDictionary<string, string> Checksums, ImmutableArray<string> Contents);
