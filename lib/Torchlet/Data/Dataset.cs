using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Images and their labels. Images stay bytes in memory; batches become floats when they are cut.</summary>
/// <param name="Images">[count, pixels], uint8.</param>
/// <param name="Labels">[count], int64, each in 0 … 9.</param>
public sealed record Split(Tensor Images, Tensor Labels)
{
    /// <summary>Number of examples.</summary>
    public int Count => (int)Images.size(0);

    /// <summary>The same split with its tensors on <paramref name="device"/>.</summary>
    public Split To(Device device) => new(Images.to(device), Labels.to(device));
}

/// <summary>A training and a test split, with what a reader of a plot or a log must know of them.</summary>
/// <param name="Name">What the data are: "MNIST".</param>
/// <param name="Source">Where they came from: a folder.</param>
/// <param name="Classes">The name of each label.</param>
/// <param name="Checksums">SHA-256 of each file, by its name.</param>
/// <param name="Train">Examples to learn from.</param>
/// <param name="Test">Examples to judge by.</param>
public sealed record Dataset(
    string Name, string Source, ImmutableArray<string> Classes, ImmutableSortedDictionary<string, string> Checksums, Split Train, Split Test)
{
    /// <summary>The same data on <paramref name="device"/>.</summary>
    public Dataset To(Device device) => this with { Train = Train.To(device), Test = Test.To(device) };
}
