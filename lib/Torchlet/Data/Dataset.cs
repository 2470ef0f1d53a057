using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A training and a test split, with what a reader of a plot or a log must know of them.</summary>
/// <param name="Name">What the data are: "MNIST".</param>
/// <param name="Source">Where they came from: a folder.</param>
/// <param name="Classes">The name of each label; empty if the targets are not labels.</param>
/// <param name="Checksums">SHA-256 of each file, by its name; of data in memory a run adds one of their tensors.</param>
/// <param name="Train">Examples to learn from.</param>
/// <param name="Test">Examples to judge by.</param>
public sealed record Dataset(
    string Name, string Source, ImmutableArray<string> Classes, ImmutableSortedDictionary<string, string> Checksums, Split Train, Split Test)
{
    /// <summary>Remark for the reader of a log: how the test examples were chosen, if the data come without them; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>Examples to learn from.</summary>
    public Split Train { get; init => (field, AreOfFiles) = (value, false); } = Train;

    /// <summary>Examples to judge by.</summary>
    public Split Test { get; init => (field, AreOfFiles) = (value, false); } = Test;

    /// <summary>Examples to choose the best epoch by; null if there are none.</summary>
    public Split? Validation { get; init => (field, AreOfFiles) = (value, false); }

    /// <summary>Whether the examples are those of the files, all of them and in their order: <see cref="Checksums"/> then tell which they are.</summary>
    internal bool AreOfFiles { get; private init; } = !Checksums.IsEmpty;

    /// <summary>Number of outputs of a model: a score for each class, or without classes the numbers of a target.</summary>
    public int Outputs => Classes.IsEmpty ? (int)Shapes.Count(Train.Targets.shape.AsSpan(1)) : Classes.Length;

    /// <summary>Your own data: <c>Dataset.Of("sine", Split.Of(x, y), Split.Of(u, v))</c>.</summary>
    /// <param name="name">What they are.</param>
    /// <param name="train">Examples to learn from.</param>
    /// <param name="test">Examples to judge by.</param>
    /// <param name="classes">The name of each label, where the targets are labels.</param>
    public static Dataset Of(string name, Split train, Split test, params ImmutableArray<string> classes) =>
        new(name, "memory", classes, ImmutableSortedDictionary<string, string>.Empty, train, test);

    /// <summary>The same data with the first so many of the training examples, copied.</summary>
    /// <exception cref="ArgumentException">So many are not there.</exception>
    public Dataset First(int count)
    {
        if (count < 1 || count > Train.Count) throw new ArgumentException($"count: want 1 to {Train.Count}, got {count}.", nameof(count));
        using var part = Train.Inputs.narrow(0, 0, count);
        using var targets = Train.Targets.narrow(0, 0, count);
        return this with { Train = new(part.clone(), targets.clone()) };
    }

    /// <summary>The same data with so many of the training examples, chosen by a seed, held out for validation.</summary>
    /// <exception cref="ArgumentException">So many are not there, or none would be left.</exception>
    public Dataset Hold(int count, long seed = 0)
    {
        if (count < 1 || count >= Train.Count) throw new ArgumentException($"count: want 1 to {Train.Count - 1}, got {count}.", nameof(count));
        using var scope = NewDisposeScope();
        var order = TorchRandom.Permutation(Train.Count, seed).to(Train.Inputs.device);
        var (held, left) = (Train.At(order[..count]), Train.At(order[count..]));
        foreach (var tensor in new[] { held.Inputs, held.Targets, left.Inputs, left.Targets }) tensor.MoveToOuterDisposeScope();
        return this with { Train = left, Validation = held };
    }

    /// <summary>The same data with this share of the training examples, in 0 … 1, held out for validation.</summary>
    /// <inheritdoc cref="Hold(int, long)"/>
    public Dataset Hold(double fraction, long seed = 0) => Hold((int)Math.Round(fraction * Train.Count), seed);

    /// <summary>Frees what it holds and the other does not.</summary>
    internal void FreeBut(Dataset other)
    {
        foreach (var tensor in Tensors.Except(other.Tensors, ReferenceEqualityComparer.Instance).Cast<Tensor>()) tensor.Dispose();
    }

    internal IEnumerable<Tensor> Tensors => new[] { Train, Test, Validation }.OfType<Split>().SelectMany(split => new[] { split.Inputs, split.Targets });

    /// <summary>The same data on <paramref name="device"/>.</summary>
    public Dataset To(Device device) => this with
    {
        Train = Train.To(device),
        Test = Test.To(device),
        Validation = Validation?.To(device),
        AreOfFiles = AreOfFiles,
    };
}
