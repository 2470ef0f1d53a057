using System.Collections.Immutable;
using static System.FormattableString;

namespace Torchlet;

/// <summary>Everything a training consists of, as functions, except the data.</summary>
/// <param name="Model">What is trained.</param>
/// <param name="Objective">What for.</param>
/// <param name="Optimizer">How a gradient becomes a step.</param>
public sealed record Recipe(Layer Model, Objective Objective, Transform Optimizer)
{
    /// <summary>Passes over the training examples.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Examples a step; the last batch of an epoch holds the rest.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>The seed, as for <c>torch.manual_seed</c>.</summary>
    public long Seed { get; init; }

    /// <summary>Whether a step's gradient is of the mean of a batch's losses or of their sum.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>How a batch's losses and their gradient are found; <see cref="DataParallel.ValueAndGrad"/> finds them together with others.</summary>
    public Differentiate Differentiate { get; init; } = Backpropagation.ValueAndGrad;

    /// <summary>
    /// What is done to a training batch as it is cut, by a generator of its own for each step:
    /// the order of the examples does not depend on it. <see cref="Augmentation"/> has some.
    /// </summary>
    public Func<Batch, TorchRandom, Batch>? Augment { get; init; }

    /// <summary>Whether to continue when a loss is NaN or infinite.</summary>
    public bool AllowNonFinite { get; init; }

    /// <summary>Steps of all epochs together: what a schedule counts to.</summary>
    public long Steps(Dataset data) => (long)Epochs * Batches.Count(data.Train.Count, BatchSize);

    /// <summary>
    /// The parts as text, by name, computed from the functions that run; "own" is a custom one. What is recorded of a run is this. Parts that are
    /// nearly always the same, such as the preparation of a batch, are listed only where they are not.
    /// </summary>
    public IReadOnlyDictionary<string, string> Text
    {
        get
        {
            var text = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["model"] = Model.Text,
                ["optimizer"] = Optimizer.Text,
                ["reduction"] = Reduction == Reduction.Sum ? "sum" : "mean",
                ["augment"] = Augment is null ? None : Named.TextOf(Augment),
            };
            foreach (var (part, written) in Objective.Parts) text[part] = written;
            if (Named.TextOf(Differentiate) is var differentiate && differentiate != Backpropagation.Usual) text["differentiate"] = differentiate;
            return text;
        }
    }

    /// <summary>The parts and the numbers.</summary>
    public override string ToString() => $"Recipe: {string.Join("; ", Text.Where(part => part.Value != None).Select(part => $"{part.Key} {part.Value}"))}"
        + Invariant($"; epochs {Epochs}; batch size {BatchSize}; seed {Seed}");

    /// <summary>The parts in which it differs from <paramref name="other"/>, as text.</summary>
    public IReadOnlyDictionary<string, string> Instead(Recipe other)
    {
        var (mine, theirs) = (Text.Concat(Numbers).ToDictionary(), other.Text.Concat(other.Numbers).ToDictionary());
        return mine.Keys.Union(theirs.Keys).Where(part => mine.GetValueOrDefault(part, None) != theirs.GetValueOrDefault(part, None))
            .ToDictionary(part => part, part => mine.GetValueOrDefault(part, None));
    }

    /// <summary>The parts that <see cref="Text"/> lists only where they are not as usual.</summary>
    internal static ImmutableArray<string> OptionalParts { get; } = ["evaluation", "prepare", "metrics", "differentiate"];

    /// <summary>The numbers of the recipe that change what is trained, by name.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Numbers =>
    [
        new("batch_size", Invariant($"{BatchSize}")), new("seed", Invariant($"{Seed}")), new("allow_non_finite", AllowNonFinite ? "true" : "false"),
    ];

    /// <summary>The text of a part that there is not.</summary>
    internal const string None = "none";

    /// <summary>Model and data in a title: "784-50-100-10 on MNIST".</summary>
    public string Subject(Dataset data) => $"{Model.Title(Net(data))} on {data.Name}";

    /// <summary>The model's net for the data.</summary>
    /// <exception cref="ArgumentException">Recipe and data do not fit together; the message says what was wanted and what came.</exception>
    public Net Net(Dataset data)
    {
        if (Epochs < 1) throw new ArgumentException($"Epochs: want 1 or more, got {Epochs}.");
        if (BatchSize < 1) throw new ArgumentException($"BatchSize: want 1 or more, got {BatchSize}.");
        data.Check();
        if (Objective.IsClassification && Objective.Prepare == Objective.Brightness && !data.Train.Targets.is_integral())
            throw new ArgumentException($"{data.Name}: want labels to classify, integers from 0, got targets {Split.Shown(data.Train.Targets)}; "
                + "give int[] or long[] as targets, or train with Objective.Regress().");
        var net = Model.Fit([.. data.Train.InputShape]);
        return !Objective.IsClassification || data.Classes.IsEmpty || net.Output is [var outputs] && outputs == data.Classes.Length ? net
            : throw new ArgumentException(
                $"model: want [{data.Classes.Length}], a score for each class, got {Shapes.Show(net.Output.AsSpan())} out of {Model.Text}.");
    }
}
