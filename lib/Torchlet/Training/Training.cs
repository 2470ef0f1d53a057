using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Training as a lazy scan over batches, whose steps fold into epochs: it yields facts and never prints.</summary>
public static class Training
{
    /// <summary>
    /// Trains a model as a recipe says and yields each epoch as it ends. With seed s the numbers are those of the ordinary PyTorch program
    /// after <c>torch.manual_seed(s)</c>.
    /// </summary>
    /// <param name="recipe">What is trained, what for and how.</param>
    /// <param name="data">The examples, on the device to train on.</param>
    /// <param name="from">The state of a row of the same training, to go on with the epoch after it as if there had been no break.</param>
    /// <param name="stop">Ends the sequence after the current batch, without a row for its epoch.</param>
    /// <param name="progress">Told after each batch how far the epoch is.</param>
    /// <exception cref="ArgumentException">Recipe, data and <paramref name="from"/> do not fit together; thrown at once.</exception>
    /// <exception cref="TorchletException">The smallest batch of an epoch has too few examples for a batch norm; thrown at once.</exception>
    /// <exception cref="DivergenceException">The loss of a batch, or of an evaluation, is NaN or infinite; the epoch has no row.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static IEnumerable<Epoch> Epochs(
        Recipe recipe, Dataset data, Snapshot? from = null, CancellationToken stop = default, IProgress<TrainingProgress>? progress = null)
    {
        var steps = Walk(recipe, data, from, stop, (_, _, place, state) => (place, state), evaluates: true, (place, state) =>
            progress?.Report(new(place.Epoch, place.Range.End.Value, place.Of, () => TrainLoss(recipe, data, place.Epoch, state))));
        return Rows();

        IEnumerable<Epoch> Rows()
        {
            foreach (var (place, state) in steps)
                if (place.IsLast) yield return state.Rows[^1] with { State = state.Snapshot(place.Epoch) with { Recipe = recipe, From = from } };
        }
    }

    /// <summary>The steps of the same training, to look between two of them.</summary>
    /// <remarks>Each reads its loss back from the device, and ends the training if it is NaN or infinite.</remarks>
    /// <inheritdoc cref="Epochs"/>
    public static IEnumerable<TrainingStep> Steps(Recipe recipe, Dataset data, Snapshot? from = null, CancellationToken stop = default) =>
        Steps(recipe, data, (_, _, step) => step, from, stop);

    /// <summary>
    /// The result of <paramref name="look"/> for each step:
    /// of the state before it, of its batch, as model and loss take it, and of its result.
    /// </summary>
    /// <inheritdoc cref="Steps(Recipe, Dataset, Snapshot?, CancellationToken)"/>
    public static IEnumerable<R> Steps<R>(
        Recipe recipe, Dataset data, Func<TrainingState, Batch, TrainingStep, R> look, Snapshot? from = null, CancellationToken stop = default) =>
        Walk(recipe, data, from, stop, (before, batch, place, next) =>
        {
            var lossSum = next.Losses![-1].Number();
            Finite(recipe, lossSum, next.Optimizer.Step, $"epoch {place.Epoch}, batch {place.Batch}", data.Train);
            return look(before, batch, new(place.Epoch, place.Batch, next.Seen, batch.Count, lossSum, next));
        });

    /// <summary>One step of gradient descent on one batch, as model and loss take it.</summary>
    /// <returns>The next state, the last of whose losses is the sum of the batch's before the step; the given state is untouched.</returns>
    public static TrainingState Step(Recipe recipe, TrainingState state, Batch batch)
    {
        var (model, random, moments) = (state.Model, state.Random, ImmutableArray.CreateBuilder<Tensor>(state.Optimizer.Tensors.Length));
        Tensor? sum = null;
        foreach (var (turn, before) in recipe.Turns(model.Net, state.Optimizer))
        {
            var at = recipe.Objective.AtOnce ? model with { Flat = state.Model.Flat } : model;
            var (lossSum, gradient, layers, pass) = recipe.Differentiate(at, batch, turn.Loss, Pass.Training(random), recipe.Reduction);
            var (update, next) = turn.Optimizer.After(state.Rows).Step(gradient, ParameterVector.Of(at), before);
            moments.AddRange(next.Tensors);
            (model, random, sum) = (model with { Flat = model.Flat.Plus(update), State = layers }, pass.Random!, sum is null ? lossSum : sum.Plus(lossSum));
        }
        return state with
        {
            Model = model,
            Optimizer = new(state.Optimizer.Step + 1, moments.DrainToImmutable()),
            Random = random,
            Losses = state.Losses is { } losses ? cat([losses, sum!.view(1)]) : sum!.view(1),
            Seen = state.Seen + batch.Count,
        };
    }

    /// <summary>The state before the first step; the caller's scope owns it.</summary>
    public static TrainingState Begin(Recipe recipe, Dataset data) => Begin(recipe, recipe.Net(data), data);

    /// <summary>The batch that a step learns from, and the state before it: an epoch's first one draws the epoch's order.</summary>
    internal static (Batch Batch, TrainingState Before) Next(Recipe recipe, Dataset data, TrainingState state, Place place)
    {
        if (state.Order is null)
        {
            var (order, random) = recipe.Order.Draw(state.Random, data.Train, place.Epoch);
            if (order.size(0) != place.Of)
                throw new ArgumentException($"Order: want as many places with all draws, {place.Of} in epoch {place.Epoch}, got {order.size(0)}.");
            state = state with { Order = order, Random = random, Losses = null, Seen = 0 };
        }
        var batch = Batches.Cut(data.Train, state.Order, place.Range);
        // A prime far apart keeps the steps' generators from being those of other seeds.
        if (recipe.Augment is { } augment) batch = augment(batch, TorchRandom.Seeded(recipe.Seed + 1_000_000_007 * (state.Optimizer.Step + 1)));
        batch = recipe.Objective.Prepare(batch);
        batch.Columns.Check(batch.Inputs);
        return (batch, state);
    }

    /// <summary>The batches of an epoch, in order.</summary>
    internal static IEnumerable<Place> Places(Recipe recipe, Dataset data, int epoch)
    {
        var of = recipe.Order.Length(data.Train, epoch);
        return Batches.Ranges(of, recipe.BatchSize).Select((range, i) => new Place(epoch, i + 1, range, of));
    }

    static TrainingState Begin(Recipe recipe, Net net, Dataset data)
    {
        var (model, random) = net.Init(TorchRandom.Seeded(recipe.Seed));
        model = Started(recipe, model).To(data.Train.Inputs.device);
        return new(model, recipe.OptimizerState(model), random);
    }

    /// <summary>The model with the start weights of the recipe, copied: a step frees what it does not keep.</summary>
    static Model Started(Recipe recipe, Model drawn)
    {
        if (recipe.Start is not { } start) return drawn;
        var given = start(drawn);
        if (given.State.Length != drawn.State.Length) throw new ArgumentException($"Start: want {drawn.State.Length} states, got {given.State.Length}.");
        return drawn with
        {
            Flat = given.Flat.Want("Start: parameters", drawn.Net.Count).Want("Start: parameters", ScalarType.Float32).clone(),
            State = [.. given.State.Zip(drawn.Net.State, (values, slot) => values.Want($"Start: {slot.Name}", slot.Shape.AsSpan()).clone())],
        };
    }

    /// <summary>The generator after the loaders that PyTorch would evaluate with.</summary>
    static TorchRandom AfterEvaluation(Dataset data, TorchRandom random) => Batches.InOrder(data.Validation is null ? random : Batches.InOrder(random));

    /// <summary>
    /// The only loop over the batches of all epochs: yields the result of <paramref name="look"/> for each step. It reads nothing back from the device but
    /// the row at an epoch's end, where rows are wanted or the steps of the next epoch depend on them.
    /// </summary>
    static IEnumerable<R> Walk<R>(
        Recipe recipe, Dataset data, Snapshot? from, CancellationToken stop, Func<TrainingState, Batch, Place, TrainingState, R> look,
        bool evaluates = false, Action<Place, TrainingState>? told = null)
    {
        var (net, done) = (recipe.Net(data), from?.Epoch ?? 0);
        if (from is not null) CheckFrom(from, recipe, net);
        recipe.CheckSmallestBatch(data, net);
        var places = Enumerable.Range(done + 1, Math.Max(0, recipe.Epochs - done)).SelectMany(epoch => Places(recipe, data, epoch));
        return Scan.Of(() => from is null ? Begin(recipe, net, data) : TrainingState.Of(from, net, data.Train.Inputs.device), places, (state, place) =>
        {
            stop.ThrowIfCancellationRequested();
            var (batch, before) = Next(recipe, data, state, place);
            var next = Step(recipe, before, batch);
            told?.Invoke(place, next); // Before the evaluation, which takes its time.
            if (place.IsLast) next = next with { Random = AfterEvaluation(data, next.Random), Order = null };
            if (place.IsLast && (evaluates || recipe.DependsOnRows)) next = next with { Rows = next.Rows.Add(Row(recipe, data, place.Epoch, next)) };
            return (next, look(before, batch, place, next));
        });
    }

    /// <summary>Fails for a snapshot of another training: its numbers would mean something else here.</summary>
    static void CheckFrom(Snapshot from, Recipe recipe, Net net)
    {
        var was = from.Recipe ?? recipe; // A file says itself what it is of.
        Want("model", recipe.Model.Text, was.Model.Text);
        Want("optimizer", recipe.Optimizer.Text, was.Optimizer.Text);
        Want("number of parameters", $"{net.Count}", $"{from.Parameters.Length}");
        Want("states of layers", Shown(net.State.Select(slot => slot.Shape)), Shown(from.Layers.Select(values => values.Shape)));
        Want("number of the optimizer's states", $"{recipe.Turns(net).Sum(turn => turn.Optimizer.States)}", $"{from.Moments.Length}");

        if (recipe.DependsOnRows) Want("number of rows, on which the learning rate depends,", $"{from.Epoch}", $"{from.Rows.Length}");

        static string Shown(IEnumerable<ImmutableArray<long>> shapes) => string.Join(", ", shapes.Select(shape => Shapes.Show(shape.AsSpan())));

        static void Want(string what, string want, string got)
        {
            if (want != got)
                throw new ArgumentException($"from: want a snapshot of this training, with the {what} {want}, got {got}; to start from other weights, set "
                    + "recipe.Start.", nameof(from));
        }
    }

    /// <summary>The mean loss over the epoch's examples so far, in one read.</summary>
    static double TrainLoss(Recipe recipe, Dataset data, int epoch, TrainingState state)
    {
        var sums = state.Losses!.Numbers();
        if (Array.FindIndex(sums, sum => !double.IsFinite(sum)) is >= 0 and var i)
            Finite(recipe, sums[i], state.Optimizer.Step - sums.Length + i + 1, $"epoch {epoch}, batch {i + 1}", data.Train);
        return sums.Sum() / state.Seen;
    }

    static Epoch Row(Recipe recipe, Dataset data, int epoch, TrainingState state)
    {
        var optimizer = recipe.Optimizer.After(state.Rows);
        recipe = recipe with { Optimizer = optimizer };
        var trainLoss = TrainLoss(recipe, data, epoch, state);
        using var scope = NewDisposeScope();
        var model = state.Model;
        var averaged = optimizer.Average is { } average ? model with { Flat = average(state.Optimizer.Tensors) } : null;
        return new(epoch, trainLoss, Of(model, data.Test, "test set"))
        {
            Validation = data.Validation is { } validation ? Of(model, validation, "validation set") : null,
            Averaged = averaged is not null ? Of(averaged, data.Test, "test set by averaged parameters") : null,
            AveragedValidation = averaged is not null && data.Validation is { } held ? Of(averaged, held, "validation set by averaged parameters") : null,
            LearningRate = optimizer.LearningRate is { IsConstant: false } rate ? rate.At(state.Optimizer.Step) : null,
            JudgedBy = recipe.Objective.JudgedBy,
        };

        Evaluation Of(Model model, Split split, string name)
        {
            var evaluation = Metrics.Evaluate(model, split, recipe.Objective, recipe.BatchSize);
            Finite(recipe, evaluation.Loss, state.Optimizer.Step, $"epoch {epoch}, {name}", split);
            return evaluation;
        }
    }

    static void Finite(Recipe recipe, double loss, long step, string place, Split split)
    {
        if (recipe.AllowNonFinite || double.IsFinite(loss)) return;
        foreach (var (name, numbers) in split.Parts)
            if (!AreFinite(numbers))
                throw new DivergenceException(string.Create(CultureInfo.InvariantCulture,
                    $"{place}: the loss is {loss}, since the {name} hold NaN or infinity; fill in or take out those examples."));
        var rate = recipe.Optimizer.LearningRate is { } schedule
            ? string.Create(CultureInfo.InvariantCulture, $" at learning rate {schedule.At(step)}")
            : "";
        throw new DivergenceException(string.Create(CultureInfo.InvariantCulture, $"{place}: the loss is {loss}{rate}; train again with a smaller one."));

        static bool AreFinite(Tensor numbers)
        {
            using var scope = NewDisposeScope();
            return numbers.isfinite().all().item<bool>();
        }
    }
}

/// <summary>Everything that training carries from one step to the next.</summary>
/// <param name="Model">The model.</param>
/// <param name="Optimizer">What the optimizer remembers.</param>
/// <param name="Random">Where PyTorch's global generator would stand.</param>
/// <param name="Order">The order of the epoch's examples; null between two epochs.</param>
/// <param name="Losses">The sum of each batch's losses before its step, of the epoch's batches so far, [batches]; null before the first.</param>
public sealed record TrainingState(Model Model, OptimizerState Optimizer, TorchRandom Random, Tensor? Order = null, Tensor? Losses = null) : IHolds
{
    /// <summary>Examples that the epoch has learned from so far: an augmentation may give more or fewer than it was given.</summary>
    public int Seen { get; init; }

    /// <summary>Figures of the epochs so far: <see cref="Training.Epochs"/> adds one as each ends.</summary>
    public ImmutableArray<Epoch> Rows { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [.. Model.Tensors, .. Optimizer.Tensors, .. new[] { Order, Losses }.OfType<Tensor>()];

    /// <summary>The state in managed memory, after so many epochs.</summary>
    public Snapshot Snapshot(int epoch) =>
        new(epoch, Values(Model.Flat).Numbers, [.. Model.State.Select(Values)], [.. Optimizer.Tensors.Select(Values)], Optimizer.Step, Random)
        {
            Rows = Rows,
        };

    /// <summary>The state that a snapshot was taken of; the caller's scope owns it.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="net">What the parameters are of.</param>
    /// <param name="device">Where its tensors are to live.</param>
    public static TrainingState Of(Snapshot snapshot, Net net, Device device) => new(snapshot.Model(net).To(device),
        new(snapshot.Step, [.. snapshot.Moments.Select(m => Scopes.Native(m.Numbers.AsMemory(), [.. m.Shape]).to(device))]), snapshot.Random)
    {
        Rows = snapshot.Rows,
    };

    /// <summary>TrainingState: step 118, 45,360 parameters.</summary>
    public override string ToString() => Invariant($"TrainingState: step {Optimizer.Step:n0}, {Plural.Of(Model.Net.Count, "parameter")}");

    static Values Values(Tensor tensor) =>
        new([.. tensor.Want("state", ScalarType.Float32).shape], ImmutableCollectionsMarshal.AsImmutableArray(tensor.Numbers<float>()));
}

/// <summary>A batch of an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Batch">From 1.</param>
/// <param name="Range">Its range of the epoch's order.</param>
/// <param name="Of">Length of that order.</param>
readonly record struct Place(int Epoch, int Batch, Range Range, int Of)
{
    /// <summary>Whether it is the epoch's last one.</summary>
    public bool IsLast => Range.End.Value == Of;
}

/// <summary>Result of one training step.</summary>
/// <param name="Epoch">The epoch that it is of, from 1.</param>
/// <param name="Batch">Which batch of the epoch it learned from, from 1.</param>
/// <param name="Examples">Training examples that the epoch has learned from so far, counted after augmentation.</param>
/// <param name="Count">How many of them this step did.</param>
/// <param name="LossSum">The sum of the batch's losses before the step.</param>
/// <param name="State">The state after it. It lives until the next step is asked for.</param>
public sealed record TrainingStep(int Epoch, int Batch, int Examples, int Count, double LossSum, TrainingState State);

/// <summary>How far a training is within an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Examples">Examples of the epoch's order that the epoch has learned from so far, before augmentation.</param>
/// <param name="Of">Length of the epoch's order: all of the examples, unless the recipe's order takes more or fewer.</param>
/// <param name="TrainLoss">Reads the mean over those so far from the device, in nats; to be called before the next batch is asked for.</param>
/// <exception cref="DivergenceException">From TrainLoss: a batch's loss was no finite number.</exception>
public readonly record struct TrainingProgress(int Epoch, int Examples, int Of, Func<double> TrainLoss);

/// <summary>The loss of a training is NaN or infinite, so training cannot continue.</summary>
public sealed class DivergenceException : TorchletException
{
    /// <summary>With a message that says where it happened and what to do.</summary>
    public DivergenceException(string message) : base(message) { }

    /// <summary>The same with more to say.</summary>
    public DivergenceException(string message, DivergenceException inner) : base(message, inner) { }
}
