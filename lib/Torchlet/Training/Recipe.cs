using System.Collections.Immutable;
using System.Globalization;
using static System.FormattableString;
using static TorchSharp.torch;

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

    /// <summary>The order of an epoch's training examples, of any length: <see cref="Orders"/> has some.</summary>
    public Order Order { get; init; } = Orders.Shuffle;

    /// <summary>
    /// The augmentation of a training batch, with a random generator for each step:
    /// the order of the examples does not depend on it. <see cref="Augmentation"/> has some.
    /// </summary>
    public Func<Batch, TorchRandom, Batch>? Augment { get; init; }

    /// <summary>
    /// Start weights: a function of the model with its drawn weights to one with others, such as those of a weights file, which are copied. Null keeps the
    /// drawn ones. The record of a run has a custom function as <c>own</c>; those of <see cref="Torchlet.Start"/> carry their text.
    /// </summary>
    /// <example><c>recipe with { Start = drawn => drawn with { Flat = pretrained.Flat } }</c></example>
    public Func<Model, Model>? Start { get; init; }

    /// <summary>Whether to continue when a loss is NaN or infinite.</summary>
    public bool AllowNonFinite { get; init; }

    /// <summary>Steps of all epochs together: what a schedule counts to.</summary>
    public long Steps(Dataset data) => Order.Steps(data.Train, Epochs, BatchSize);

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
            if (Order != Orders.Shuffle) text["order"] = Named.TextOf(Order);
            if (Start is not null) text["start"] = Named.TextOf(Start);
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
    internal static ImmutableArray<string> OptionalParts { get; } =
        ["evaluation", "prepare", "metrics", "players", JudgedBy.Part, "differentiate", "order", "start"];

    /// <summary>The turns of a step: one of each player, or without players one of the objective's loss.</summary>
    internal ImmutableArray<Turn> Turns(Net net) => Objective.Players.IsEmpty
        ? [new(Objective.Minimised, Optimizer)]
        : [.. Objective.Players.Select(player => player.Turn(net, Optimizer))];

    /// <summary>The optimizers' state before the first step, of all turns one after the other.</summary>
    internal OptimizerState OptimizerState(Model model) =>
        new(0, [.. Turns(model.Net).SelectMany(turn => Torchlet.OptimizerState.Of(turn.Optimizer, ParameterVector.Of(model)).Tensors)]);

    /// <summary>Each turn with its part of the optimizers' state.</summary>
    internal IEnumerable<(Turn Turn, OptimizerState State)> Turns(Net net, OptimizerState state)
    {
        var at = 0;
        foreach (var turn in Turns(net))
        {
            yield return (turn, state with { Tensors = state.Tensors.Slice(at, turn.Optimizer.States) });
            at += turn.Optimizer.States;
        }
    }

    /// <summary>Whether a step depends on the figures of the epochs before it.</summary>
    internal bool DependsOnRows => Optimizer.ByRows is not null || Objective.Players.Any(player => player.Optimizer?.ByRows is not null);

    /// <summary>The numbers of the recipe that change what is trained, by name.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Numbers =>
    [
        new("batch_size", Invariant($"{BatchSize}")), new("seed", Invariant($"{Seed}")), new("allow_non_finite", AllowNonFinite ? "true" : "false"),
    ];

    /// <summary>The text of a part that there is not.</summary>
    internal const string None = "none";

    /// <summary>Model and data in a title: "784-50-100-10 on MNIST".</summary>
    public string Subject(Dataset data) => $"{Model.Title(Net(data))} on {data.Name}";

    /// <summary>Fails where an epoch's last batch, or a process's share of it, is one example from which a layer cannot learn: BatchNorm after Dense.</summary>
    /// <remarks>Only for so small a batch, by a forward pass of one example: each layer checks whether it takes one.</remarks>
    /// <param name="data">What it is trained on.</param>
    /// <param name="net">Its net for them.</param>
    /// <param name="sharedBy">How many processes share a batch; as many as the recipe says if not given.</param>
    /// <exception cref="TorchletException">There is such a layer; the message names it.</exception>
    internal void CheckSmallestBatch(Dataset data, Net net, int? sharedBy = null)
    {
        var processes = sharedBy ?? (Differentiate.Target as DataParallel)?.Count ?? 1;
        var (last, count, size) = Order.Lengths(data.Train, Epochs).Select(epoch =>
        {
            var size = Math.Min(BatchSize, epoch.Length);
            return (Last: epoch.Length % size is > 0 and var rest ? rest : size, epoch.Length, size);
        }).MinBy(epoch => epoch.Last);
        if (last / processes > 1 || Refusal(1) is not { } refusal || Refusal(2) is not null) return;
        throw new TorchletException($"{data.Name}: {count:n0} training examples in batches of {size:n0} leave a batch of {last}"
            + $"{(processes > 1 ? $" for {processes} processes" : "")}, from which a layer cannot learn ({refusal.TrimEnd('.')}); choose another batch size.");

        string? Refusal(int rows)
        {
            using var scope = NewDisposeScope();
            var (model, random) = net.Init(TorchRandom.Seeded(Seed));
            var example = Batches.Cut(data.Train[..1].To(CPU), ..);
            var batch = Objective.Prepare(example.Each(part => cat([.. Enumerable.Repeat(part, rows)])));
            try
            {
                _ = Backpropagation.Result(model, batch, Pass.Training(random));
                return null;
            }
            catch (ArgumentException e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>Fails for an error of numbers, where the targets are labels that stand for other numbers, or for none.</summary>
    void CheckTargets(Dataset data)
    {
        if (!Objective.ComparesNumbers) return;
        if (data.Classes.Index().All(c => double.TryParse(c.Item, CultureInfo.InvariantCulture, out var number) && number == c.Index)) return;
        using var scope = NewDisposeScope();
        var batch = Batches.Cut(data.Train, ..Math.Min(100, data.Train.Count));
        var targets = Objective.Prepare(batch).Targets; // It may make others of them, such as the inputs.
        if (targets.numel() != batch.Count || !targets.flatten().eq(batch.Targets.flatten()).all().item<bool>()) return;
        throw new TorchletException($"{data.Name}: {Objective.Text} compares numbers, and the targets are labels: 0 to {data.Classes.Length - 1} stand for "
            + $"{string.Join(", ", data.Classes.Take(5))}{(data.Classes.Length > 5 ? ", …" : "")}; give the numbers themselves with Dataset.Of, or classify.");
    }

    /// <summary>The model's net for the data.</summary>
    /// <exception cref="ArgumentException">Recipe and data do not fit together; the message says what was wanted and what came.</exception>
    /// <exception cref="TorchletException">The objective compares numbers, and the data have labels that stand for something else.</exception>
    public Net Net(Dataset data)
    {
        if (Epochs < 1) throw new ArgumentException($"Epochs: want 1 or more, got {Epochs}.");
        if (BatchSize < 1) throw new ArgumentException($"BatchSize: want 1 or more, got {BatchSize}.");
        data.Check();
        if (Objective.IsClassification && Objective.Prepare == Objective.Brightness && !data.Train.Targets.is_integral())
            throw new ArgumentException($"{data.Name}: want labels to classify, integers from 0, got targets {Split.Shown(data.Train.Targets)}; "
                + "give int[] or long[] as targets, or train with Objective.Regress().");
        CheckTargets(data);
        var net = Model.Fit([.. data.Train.InputShape]);
        _ = (Objective.JudgedBy, Turns(net)); // A judge without a figure, or a player without a part, is an error before the training.
        if (!Objective.IsClassification || data.Classes.IsEmpty) return net;
        ImmutableArray<long> wanted = [.. data.Train.Targets.shape[1..], data.Classes.Length];
        // A preparation may give the targets another shape.
        var fits = net.Output.AsSpan().SequenceEqual(wanted.AsSpan())
            || Objective.Prepare != Objective.Brightness && net.Output is [.., var outputs] && outputs == data.Classes.Length;
        return fits ? net : throw new ArgumentException(
            $"model: want {Shapes.Show(wanted.AsSpan())}, a score for each class{(wanted.Length == 1 ? "" : " at each position")}, "
            + $"got {Shapes.Show(net.Output.AsSpan())} out of {Model.Text}.");
    }
}
