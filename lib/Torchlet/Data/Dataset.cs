using System.Collections.Immutable;
using static System.FormattableString;
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

    /// <summary>The columns of the table that the inputs were read from; null if they are from no table. New rows are read by them.</summary>
    public TableColumns? Table { get; init; }

    /// <summary>The tokens of a text, whose ids are the inputs and targets; null for other data.</summary>
    public Vocabulary? Vocabulary { get; init; }

    /// <summary>Whether the inputs are pictures that were resized: the middle square of each. New pictures are resized the same way.</summary>
    public bool AreResized { get; init; }

    /// <summary>Whether the examples are new ones to predict, none of which was trained on; the test split then holds the same ones.</summary>
    public bool AreNew { get; init; }

    /// <summary>Whether the targets are known. Targets of new examples without labels are −1.</summary>
    public bool AreLabelled { get; init; } = true;

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

    /// <summary>
    /// Your own data: <c>Dataset.Of("mine", Split.Of(x, y), Split.Of(u, v), "cat", "dog")</c>. Without names, the classes of integer targets, one an example,
    /// are called as the labels, "0" to the largest. With names, integer targets of [count, …] are sequences of labels.
    /// </summary>
    /// <param name="name">What they are.</param>
    /// <param name="train">Examples to learn from.</param>
    /// <param name="test">Examples to judge by.</param>
    /// <param name="classes">The name of each label, where the targets are labels.</param>
    /// <exception cref="ArgumentException">
    /// A split is empty, has NaN or infinite numbers, or a label without a class; or the examples of both splits differ in shape or type.
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
            foreach (var (name, column) in split.Columns)
                if (Train.Columns.TryGetValue(name, out var train)) Same(name, train, column, train.dtype == column.dtype, part);
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
        var targets = Train.Targets;
        // Of several integers an example, names tell that they are labels of a sequence, and not numbers; a label for each of the classes would be one-hot.
        var isLabels = targets.is_integral() && (targets.ndim == 1 || !Classes.IsEmpty && !(targets.ndim == 2 && targets.size(1) == Classes.Length));
        if (!isLabels)
            return Classes.IsEmpty ? Classes
                : throw Wrong($"targets of named classes: want labels, [count] or [count, …] integers from 0, got {Split.Shown(targets)}"
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
        using var scope = NewDisposeScope();
        return this with { Train = Train[..count].Each(part => part.clone().MoveToOuterDisposeScope()) };
    }

    /// <summary>The same data with so many of the training examples, chosen by a seed, held out for validation.</summary>
    /// <exception cref="ArgumentException">So many are not there, or none would be left.</exception>
    public Dataset Hold(int count, long seed = 0)
    {
        if (count < 1 || count >= Train.Count) throw new ArgumentException($"count: want 1 to {Train.Count - 1}, got {count}.", nameof(count));
        using var scope = NewDisposeScope();
        var order = TorchRandom.Permutation(Train.Count, seed).to(Train.Inputs.device);
        return this with { Train = Of(order[count..]), Validation = Of(order[..count]) };

        Split Of(Tensor places) => Train.At(places).Each(part => part.MoveToOuterDisposeScope());
    }

    /// <summary>The same data with this share of the training examples, in 0 … 1, held out for validation.</summary>
    /// <inheritdoc cref="Hold(int, long)"/>
    public Dataset Hold(double fraction, long seed = 0) => Hold((int)Math.Round(fraction * Train.Count), seed);

    /// <summary>
    /// The data of k-fold cross-validation: k data sets, each with another part of the training examples as its test split and the rest to learn from. The
    /// parts differ by one example in size at most; if the targets are labels, also in the examples of each class (stratified). Their own test split is in
    /// none of them.
    /// </summary>
    /// <remarks>Examples are copied, and keep their order. The columns of a table stay standardised by the whole training split.</remarks>
    /// <example><c>MeanDeviation.Of([.. data.Folds(5).Select(fold => Training.Epochs(recipe, fold).Last().TestAccuracy)])</c></example>
    /// <param name="k">How many, from 2.</param>
    /// <param name="seed">Chooses the parts.</param>
    /// <exception cref="ArgumentException">There are not k training examples, or k is below 2.</exception>
    public IReadOnlyList<Dataset> Folds(int k, long seed = 0)
    {
        if (k < 2 || k > Train.Count) throw new ArgumentException($"k: want 2 to {Train.Count}, got {k}.", nameof(k));
        using var scope = NewDisposeScope();
        return [.. HoldOut.Folds(Train.Targets, k, seed).Select((test, i) => this with
        {
            Train = Of([.. Enumerable.Range(0, Train.Count).Except(test)]),
            Test = Of(test),
            Note = $"fold {i + 1} of {k} of the training examples as the test",
        })];

        Split Of(int[] places) => Train.At(tensor(places).to_type(ScalarType.Int64).to(Train.Inputs.device)).Each(part => part.MoveToOuterDisposeScope());
    }

    /// <summary>Frees what it holds and the other does not.</summary>
    internal void FreeBut(Dataset other)
    {
        foreach (var tensor in Tensors.Except(other.Tensors, ReferenceEqualityComparer.Instance).Cast<Tensor>()) tensor.Dispose();
    }

    internal IEnumerable<Tensor> Tensors => Parts.Select(part => part.Values);

    /// <summary>Inputs, targets and side columns of each split, by name.</summary>
    internal IEnumerable<(string Name, Tensor Values)> Parts => new[] { Train, Test, Validation }.OfType<Split>().SelectMany(split => split.Parts);

    /// <summary>The same data on <paramref name="device"/>.</summary>
    public Dataset To(Device device) => this with
    {
        Train = Train.To(device),
        Test = Test.To(device),
        Validation = Validation?.To(device),
        AreOfFiles = AreOfFiles,
    };
}

/// <summary>The columns of a table that inputs were read from.</summary>
/// <param name="Names">The name of each input, in order; empty where the table names none.</param>
/// <param name="Label">The name of the column of targets; null where the table names none.</param>
/// <param name="Statistics">The statistics that the inputs were standardised by; null where they are the pixels of pictures.</param>
public sealed record TableColumns(ImmutableArray<string> Names, string? Label, Standardisation? Statistics);
