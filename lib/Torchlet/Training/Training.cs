using System.Globalization;
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
    /// <param name="stop">Ends the sequence after the batch at hand, without a row for the epoch that it was in.</param>
    /// <param name="progress">Told after each batch how far the epoch is.</param>
    /// <exception cref="ArgumentException">Recipe and data do not fit together; thrown at once.</exception>
    /// <exception cref="DivergenceException">The loss of a batch, or of an evaluation, is NaN or infinite; the epoch has no row.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static IEnumerable<Epoch> Run(
        Recipe recipe, Dataset data, Snapshot? from = null, CancellationToken stop = default, IProgress<TrainingProgress>? progress = null)
    {
        var (steps, count) = (Steps(recipe, data, from, stop), data.Train.Count);
        return Epochs();

        IEnumerable<Epoch> Epochs()
        {
            var sum = 0.0;
            foreach (var step in steps)
            {
                sum += step.LossSum;
                progress?.Report(new(step.Epoch, step.Examples, count, sum / step.Examples));
                if (step.Examples < count) continue;
                yield return Row(recipe, data, step, sum / count);
                sum = 0;
            }
        }
    }

    /// <summary>The steps of the same training, for whoever wants to stand between two of them.</summary>
    /// <inheritdoc cref="Run"/>
    public static IEnumerable<TrainingStep> Steps(Recipe recipe, Dataset data, Snapshot? from = null, CancellationToken stop = default) =>
        Steps(recipe, data, (_, _, step) => step, from, stop);

    /// <summary>
    /// What <paramref name="look"/> makes of each step:
    /// of the state before it, of its batch, as model and loss take it, and of what it came to.
    /// </summary>
    /// <inheritdoc cref="Run"/>
    public static IEnumerable<R> Steps<R>(
        Recipe recipe, Dataset data, Func<TrainingState, Batch, TrainingStep, R> look, Snapshot? from = null, CancellationToken stop = default)
    {
        var (net, done) = (recipe.Net(data), from?.Epoch ?? 0);
        var places = from epoch in Enumerable.Range(done + 1, Math.Max(0, recipe.Epochs - done))
                     from batch in Batches.Ranges(data.Train.Count, recipe.BatchSize).Index()
                     select (Epoch: epoch, Batch: batch.Index + 1, Range: batch.Item);
        return Scan.Of(() => from is null ? Begin(recipe, net, data) : TrainingState.Of(from, net, data.Train.Inputs.device), places, (state, place) =>
        {
            stop.ThrowIfCancellationRequested();
            var (batch, before) = Next(recipe, data, state, place.Range);
            var (next, lossSum) = Step(recipe, before, batch);
            if (place.Range.End.Value == data.Train.Count) next = next with { Random = AfterEvaluation(data, next.Random), Order = null };
            Finite(recipe, lossSum, next, $"epoch {place.Epoch}, batch {place.Batch}");
            return (next, look(before, batch, new(place.Epoch, place.Batch, place.Range.End.Value, batch.Count, lossSum, next)));
        });
    }

    /// <summary>One step of gradient descent on one batch, as model and loss take it.</summary>
    /// <returns>The next state, and the sum of the batch's losses before the step; the given state is untouched.</returns>
    public static (TrainingState Next, double LossSum) Step(Recipe recipe, TrainingState state, Batch batch)
    {
        var model = state.Model;
        var (lossSum, gradient, layers, pass) = recipe.Differentiate(
            model, batch, recipe.Objective.Loss, Pass.Training(state.Random), recipe.Reduction);
        var (update, optimizer) = recipe.Optimizer.Step(gradient, ParameterVector.Of(model), state.Optimizer);
        return (
            state with { Model = model with { Flat = model.Flat + update, State = layers }, Optimizer = optimizer, Random = pass.Random! },
            lossSum.Number());
    }

    /// <summary>The state before the first step; the caller's scope owns it.</summary>
    public static TrainingState Begin(Recipe recipe, Dataset data) => Begin(recipe, recipe.Net(data), data);

    /// <summary>The batch that a step learns from, and the state before it: an epoch's first one draws the epoch's order.</summary>
    internal static (Batch Batch, TrainingState Before) Next(Recipe recipe, Dataset data, TrainingState state, Range range)
    {
        if (state.Order is null)
        {
            var (order, random) = Batches.Shuffle(state.Random, data.Train.Count);
            state = state with { Order = order.to(data.Train.Inputs.device), Random = random };
        }
        var batch = Batches.Cut(data.Train, state.Order, range);
        // A prime far apart keeps the steps' generators from being those of other seeds.
        if (recipe.Augment is { } augment) batch = augment(batch, TorchRandom.Seeded(recipe.Seed + 1_000_000_007 * (state.Optimizer.Step + 1)));
        return (recipe.Objective.Prepare(batch), state);
    }

    static TrainingState Begin(Recipe recipe, Net net, Dataset data)
    {
        var (model, random) = net.Init(TorchRandom.Seeded(recipe.Seed));
        model = model.To(data.Train.Inputs.device);
        return new(model, OptimizerState.Of(recipe.Optimizer, ParameterVector.Of(model)), random);
    }

    /// <summary>The generator after the loaders that PyTorch would evaluate with.</summary>
    static TorchRandom AfterEvaluation(Dataset data, TorchRandom random) => Batches.InOrder(data.Validation is null ? random : Batches.InOrder(random));

    static Epoch Row(Recipe recipe, Dataset data, TrainingStep step, double trainLoss)
    {
        using var scope = NewDisposeScope();
        var (model, optimizer) = (step.State.Model, recipe.Optimizer);
        return new(step.Epoch, trainLoss, Of(model, data.Test, "test set"))
        {
            Validation = data.Validation is { } validation ? Of(model, validation, "validation set") : null,
            Averaged = optimizer.Average is { } average
                ? Of(model with { Flat = average(step.State.Optimizer.Tensors) }, data.Test, "test set by averaged parameters")
                : null,
            LearningRate = optimizer.LearningRate is { IsConstant: false } rate ? rate.At(step.State.Optimizer.Step) : null,
            State = step.State.Snapshot(step.Epoch) with { Recipe = recipe },
        };

        Evaluation Of(Model model, Split split, string name)
        {
            var evaluation = Metrics.Evaluate(model, split, recipe.Objective, recipe.BatchSize);
            Finite(recipe, evaluation.Loss, step.State, $"epoch {step.Epoch}, {name}");
            return evaluation;
        }
    }

    static void Finite(Recipe recipe, double loss, TrainingState state, string place)
    {
        if (recipe.AllowNonFinite || double.IsFinite(loss)) return;
        var rate = recipe.Optimizer.LearningRate is { } schedule
            ? string.Create(CultureInfo.InvariantCulture, $" at learning rate {schedule.At(state.Optimizer.Step)}")
            : "";
        throw new DivergenceException(string.Create(CultureInfo.InvariantCulture, $"{place}: the loss is {loss}{rate}; train anew with a smaller one."));
    }
}
