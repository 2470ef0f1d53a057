using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Figures of one epoch. Numbers only, so a row may be kept for any time.</summary>
/// <param name="Index">From 1.</param>
/// <param name="TrainLoss">Mean over the training examples, each taken just before the step that learned from it; in nats for cross-entropy.</param>
/// <param name="Test">The test examples after the epoch.</param>
public sealed record Epoch(int Index, double TrainLoss, Evaluation Test)
{
    /// <summary>The validation examples after the epoch; null if there are none.</summary>
    public Evaluation? Validation { get; init; }

    /// <summary>The test examples by the average of the parameters; null if none is kept.</summary>
    public Evaluation? Averaged { get; init; }

    /// <summary>The validation examples by the average of the parameters; null if there are no such examples, or no average is kept.</summary>
    public Evaluation? AveragedValidation { get; init; }

    /// <summary>The learning rate of the epoch's last step; null where it is the same all the time.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Time of the epoch, test included; zero until it is measured.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Where the training stood after the epoch; null in a row that was read from a log, or whose <see cref="Figures"/> alone were kept.</summary>
    public Snapshot? State { get; init; }

    /// <summary>The stages of a run that the row has passed.</summary>
    internal EpochStage Stages { get; init; }

    /// <summary>Mean loss of the test examples.</summary>
    public double TestLoss => Test.Loss;

    /// <summary>Share of the test examples that are classified rightly, in [0, 1]; NaN where nothing is classified.</summary>
    public double TestAccuracy => Test["accuracy"];

    /// <summary>The test examples by the weights that a run keeps: the average of the parameters if the optimizer keeps one, else the parameters.</summary>
    public Evaluation Kept => Averaged ?? Test;

    /// <summary>The figures to choose an epoch by: the validation examples if there are any, else the test examples, by the weights that a run keeps.</summary>
    public Evaluation Judged => AveragedValidation ?? Validation ?? Kept;

    /// <summary>Which of those figures chooses: <see cref="Objective.Judge"/>.</summary>
    public JudgedBy JudgedBy { get; init; } = JudgedBy.Loss;

    /// <summary>The loss of <see cref="Judged"/>.</summary>
    public double JudgedLoss => Judged.Loss;

    /// <summary>The figure to choose an epoch by, with the sign that makes less of it better: the loss, or minus the accuracy.</summary>
    public double Cost => JudgedBy.Of(Judged) * (JudgedBy.MoreIsBetter ? -1 : 1);

    /// <summary>The epoch with the lowest <see cref="Cost"/>, the first of several: the one whose weights are kept. Null where no epoch has one.</summary>
    public static Epoch? Best(IEnumerable<Epoch> epochs) => epochs.Where(e => !double.IsNaN(e.Cost)).MinBy(e => e.Cost);

    /// <summary>The row without its state, which is a thousand times as large: what to keep of many epochs.</summary>
    public Epoch Figures() => this with { State = null, Stages = EpochStage.None };

    /// <summary>Epoch 1: train loss 2.274; test loss 2.224, accuracy 25.43%.</summary>
    public override string ToString() => Invariant($"Epoch {Index}: train loss {TrainLoss:g4}; test {Test}")
        + (Validation is null ? "" : $"; validation {Validation}") + (Averaged is null ? "" : $"; averaged {Averaged}")
        + (LearningRate is { } rate ? Invariant($"; learning rate {rate:g3}") : "") + (Elapsed == default ? "" : Invariant($"; {Elapsed.TotalSeconds:f2} s"));
}

/// <summary>Loss and metrics of a model on a split: means over its examples, or figures of all of them together.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Metrics">Each metric of the objective, by its name.</param>
public sealed record Evaluation(double Loss, params ImmutableArray<(string Name, double Value)> Metrics)
{
    /// <summary>The metric of this name; NaN if there is none.</summary>
    public double this[string name] => Metrics.Where(m => m.Name == name).Select(m => m.Value).DefaultIfEmpty(double.NaN).First();

    /// <summary>Whether the numbers are the same.</summary>
    public bool Equals(Evaluation? other) => other is not null && Loss.Equals(other.Loss) && Metrics.SequenceEqual(other.Metrics);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Loss, Metrics.Length);

    /// <summary>loss 2.224, accuracy 25.43%.</summary>
    public override string ToString() => string.Join(", ", Metrics
        .Select(m => m.Name == "accuracy" ? Invariant($"{m.Name} {m.Value * 100:f2}%") : Invariant($"{m.Name} {m.Value:g4}"))
        .Prepend(Invariant($"loss {Loss:g4}")));
}

/// <summary>State of a training between two epochs, in managed memory: all that later epochs depend on, besides recipe and data.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Parameters">The model's parameters, laid out as <see cref="Model.Flat"/>.</param>
/// <param name="Layers">What its layers remember.</param>
/// <param name="Moments">What the optimizer remembers.</param>
/// <param name="Step">Steps that the optimizer has taken.</param>
/// <param name="Random">Where PyTorch's global generator would stand.</param>
public sealed record Snapshot(
    int Epoch, ImmutableArray<float> Parameters, ImmutableArray<Values> Layers, ImmutableArray<Values> Moments, long Step, TorchRandom Random)
{
    /// <summary>The recipe that was trained; null in a snapshot read from a file.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>Figures of the epochs so far, on which a schedule may depend. A snapshot read from a file has those of the run's log.</summary>
    public ImmutableArray<Epoch> Rows { get; init; } = [];

    /// <summary>
    /// The same with the weights that a run keeps and is judged by: the average of the parameters where the recipe's optimizer keeps one, else the parameters.
    /// The layers' states stay: running statistics are those of the training.
    /// </summary>
    /// <exception cref="ArgumentException">The optimizer's average has another shape than the parameters.</exception>
    public Snapshot Kept()
    {
        if (Recipe?.Optimizer.Average is not { } average) return this;
        using var scope = NewDisposeScope();
        var averaged = average([.. Moments.Select(m => Scopes.Native(m.Numbers.AsMemory(), [.. m.Shape]))]).Want("average", Parameters.Length);
        return this with { Parameters = ImmutableCollectionsMarshal.AsImmutableArray(averaged.Numbers<float>()) };
    }

    /// <summary>The snapshot that the training continued from; null if it began with the recipe's start weights.</summary>
    internal Snapshot? From { get; init; }

    /// <summary>The model as it was; the caller's scope owns it.</summary>
    /// <param name="net">What the parameters are of.</param>
    public Model Model(Net net) => net.Model(Parameters.AsMemory(), [.. Layers.Select(s => s.Numbers.AsMemory())]);

    /// <summary>Snapshot: after epoch 1, step 118, 45,360 parameters.</summary>
    public override string ToString() => Invariant($"Snapshot: after epoch {Epoch}, step {Step:n0}, {Plural.Of(Parameters.Length, "parameter")}");
}

/// <summary>A tensor's numbers in managed memory.</summary>
/// <param name="Shape">Lengths of its axes; none for a scalar.</param>
/// <param name="Numbers">The numbers, last axis fastest.</param>
public sealed record Values(ImmutableArray<long> Shape, ImmutableArray<float> Numbers)
{
    const int Most = 6;

    /// <summary>Values [50]: 0.1, 0.2, …: the first of the numbers.</summary>
    public override string ToString() => $"Values {Shapes.Show(Shape.AsSpan())}: {string.Join(", ", Numbers.Take(Most).Select(x => Invariant($"{x:g4}")))}"
        + (Numbers.Length > Most ? ", …" : "");
}
