using System.Collections.Immutable;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A training and a test split, with what a reader of a plot or a log must know of them.</summary>
/// <param name="Name">What the data are: "MNIST".</param>
/// <param name="Source">Where they came from: a folder.</param>
/// <param name="Classes">The name of each label; empty if the targets are not labels.</param>
/// <param name="Checksums">SHA-256 of each file, by its name.</param>
/// <param name="Train">Examples to learn from.</param>
/// <param name="Test">Examples to judge by.</param>
public sealed record Dataset(
    string Name, string Source, ImmutableArray<string> Classes, ImmutableSortedDictionary<string, string> Checksums, Split Train, Split Test)
{
    /// <summary>Remark for the reader of a log: how the test examples were chosen, if the data come without them; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>Examples to choose the best epoch by; null if there are none.</summary>
    public Split? Validation { get; init; }

    /// <summary>Number of outputs of a model: a score for each class, or without classes the numbers of a target.</summary>
    public int Outputs => Classes.IsEmpty ? (int)Shapes.Count(Train.Targets.shape.AsSpan(1)) : Classes.Length;

    /// <summary>
    /// Your own data: <c>Dataset.Of("mine", Split.Of(x, y), Split.Of(u, v), "cat", "dog")</c>. Without names, the classes of integer targets, one an example,
    /// are called as the labels, "0" to the largest.
    /// </summary>
    /// <param name="name">What they are.</param>
    /// <param name="train">Examples to learn from.</param>
    /// <param name="test">Examples to judge by.</param>
    /// <param name="classes">The name of each label, where the targets are labels.</param>
    /// <exception cref="ArgumentException">
    /// A split is empty, has NaN or infinite numbers, or a label that is no class; or the examples of both splits differ in shape or type.
    /// </exception>
    public static Dataset Of(string name, Split train, Split test, params ImmutableArray<string> classes)
    {
        var data = new Dataset(name, "memory", classes, ImmutableSortedDictionary<string, string>.Empty, train, test);
        data.Check();
        data.CheckFinite();
        return data with { Classes = data.CheckedClasses() };
    }

    /// <summary>Fails for splits that do not fit together.</summary>
    /// <exception cref="ArgumentException">One is empty or has not one target for each input, or their shapes or types differ.</exception>
    internal void Check()
    {
        foreach (var (split, part) in Splits)
        {
            if (split.Inputs.ndim > 0 && split.Count == 0) throw Wrong($"want {part} examples, got none");
            split.Check();
            Same("inputs", Train.Inputs, split.Inputs, Train.Inputs.dtype == split.Inputs.dtype, part);
            Same("targets", Train.Targets, split.Targets, Train.Targets.is_floating_point() == split.Targets.is_floating_point(), part);
        }

        void Same(string what, Tensor train, Tensor other, bool isSameType, string part)
        {
            if (!isSameType || !train.shape.AsSpan(1).SequenceEqual(other.shape.AsSpan(1)))
                throw Wrong($"{part} {what}: want those of the training examples, {Shown(train)} each, got {Shown(other)}");
        }

        static string Shown(Tensor tensor) => $"{Shapes.Show(tensor.shape.AsSpan(1))} {tensor.dtype}";
    }

    void CheckFinite()
    {
        using var scope = NewDisposeScope();
        foreach (var (split, part) in Splits)
            foreach (var (what, tensor) in new[] { ("inputs", split.Inputs), ("targets", split.Targets) })
                if (tensor.is_floating_point() && tensor.isfinite().logical_not_() is var odd && odd.any().Number() > 0)
                    throw Wrong($"{part} {what}: example {odd.reshape(split.Count, -1).any(1).to_type(ScalarType.Byte).argmax().Number()} (from 0) has NaN or "
                        + "an infinite number; leave such examples out, or put numbers there");
    }

    /// <summary>The names of the classes, after a look at each label.</summary>
    ImmutableArray<string> CheckedClasses()
    {
        const int most = 100_000;
        using var scope = NewDisposeScope();
        var (targets, isLabels) = (Train.Targets, Train.Targets.ndim == 1 && Train.Targets.is_integral());
        if (!isLabels)
            return Classes.IsEmpty ? Classes : throw Wrong($"targets of named classes: want labels, [count] integers from 0, got {Split.Shown(targets)}"
                + (targets.ndim == 2 && targets.size(1) == Classes.Length ? "; call argmax(1) on one-hot ones"
                    : "; give int[] or long[], or leave the names out"));
        var (low, high) = (Splits.Min(s => s.Split.Targets.min().Number()), Splits.Max(s => s.Split.Targets.max().Number()));
        if (low < 0 || high >= most)
            throw Wrong(Invariant($"labels: want integers from 0 to {most - 1:n0} at most, got {low:n0} to {high:n0}; ")
                + "number the classes from 0, or give numbers to predict as floats");
        if (Classes.IsEmpty) return [.. Enumerable.Range(0, (int)high + 1).Select(label => $"{label}")];
        return high < Classes.Length ? Classes
            : throw Wrong(Invariant($"labels: want 0 to {Classes.Length - 1}, since {Classes.Length} classes have names, got {high}; name all, or none"));
    }

    ArgumentException Wrong(string problem) => new($"{Name}: {problem}.");

    IEnumerable<(Split Split, string Part)> Splits =>
        Validation is null ? [(Train, "training"), (Test, "test")] : [(Train, "training"), (Test, "test"), (Validation, "validation")];

    /// <summary>Dataset mine: 60,000 + 10,000 images [1, 28, 28] Byte, 10 classes (0, 1, 2, …, 9).</summary>
    public override string ToString() => Invariant(
        $"Dataset {Name}: {Train.Count:n0} + {Test.Count:n0} {Train.Kind} {Shapes.Show(Train.InputShape)} {Train.Inputs.dtype}, ")
        + (Classes.IsEmpty ? $"targets {Shapes.Show(Train.Targets.shape.AsSpan(1))} {Train.Targets.dtype}"
            : $"{Plural.Of(Classes.Length, "class", "classes")} ({Names()})")
        + (Validation is null ? "" : Invariant($", {Validation.Count:n0} for validation"));

    string Names() => Classes.Length <= 10 ? string.Join(", ", Classes) : $"{string.Join(", ", Classes[..3])}, …, {Classes[^1]}";

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

    IEnumerable<Tensor> Tensors => new[] { Train, Test, Validation }.OfType<Split>().SelectMany(split => new[] { split.Inputs, split.Targets });

    /// <summary>The same data on <paramref name="device"/>.</summary>
    public Dataset To(Device device) => this with { Train = Train.To(device), Test = Test.To(device), Validation = Validation?.To(device) };
}
