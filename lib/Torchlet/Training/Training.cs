using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Training as a lazy fold over epochs: it yields facts and never prints.</summary>
public static class Training
{
    /// <summary>What stays the same from epoch to epoch.</summary>
    sealed record Course(
        LearningConfig Config, Dataset Data, Loss Loss, Loss Evaluation, Optimizer Optimizer, bool AllowNonFinite, CancellationToken Stop, IProgress<TrainingProgress>? Progress);

    /// <summary>
    /// Trains a network as the options say and yields each epoch as it ends. With seed s the numbers are those of the notebook after
    /// <c>torch.manual_seed(s)</c>.
    /// </summary>
    /// <param name="config">Sizes, learning rate, batch size, number of epochs, seed, and the names of the parts that are not given here.</param>
    /// <param name="data">The examples, on the device to train on.</param>
    /// <param name="loss">What is minimised.</param>
    /// <param name="optimizer">In place of the one that config.Optimizer names.</param>
    /// <param name="activation">In place of the one that config.Activation names.</param>
    /// <param name="evaluation">The loss of the test set, where it is not the one that is minimised.</param>
    /// <param name="from">The state of a row of the same training, to go on with the epoch after it as if there had been no break.</param>
    /// <param name="allowNonFinite">Whether to train on when the loss is no finite number.</param>
    /// <param name="stop">Ends the sequence after the batch at hand, without a row for the epoch that it was in.</param>
    /// <param name="progress">Told after each batch how far the epoch is.</param>
    /// <exception cref="DivergenceException">The loss of a batch, or of the test set, is NaN or infinite; the epoch has no row.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static IEnumerable<Epoch> Run(
        LearningConfig config, Dataset data, Loss loss, Optimizer? optimizer = null, Func<Tensor, Tensor>? activation = null, Loss? evaluation = null,
        Snapshot? from = null, bool allowNonFinite = false, CancellationToken stop = default, IProgress<TrainingProgress>? progress = null)
    {
        optimizer ??= Optimizers.ByName[config.Optimizer](config.LearningRate);
        activation ??= Activations.ByName[config.Activation];
        var course = new Course(config, data, loss, evaluation ?? loss, optimizer, allowNonFinite, stop, progress);
        var state = from is null ? Begin(config, data, optimizer, activation) : TrainingState.Of(from, Sizes(config, data), activation, data.Train.Images.device).Keep();
        try
        {
            for (var index = (from?.Epoch ?? 0) + 1; index <= config.Epochs; index++)
            {
                (state, var row) = RunEpoch(course, state, index);
                yield return row;
            }
        }
        finally
        {
            state.Free();
        }
    }

    /// <summary>One step of gradient descent on one batch.</summary>
    /// <returns>The next state, and the sum of the batch's losses before the step; the given state is untouched.</returns>
    public static (TrainingState Next, double LossSum) Step(TrainingState state, Batch batch, Loss loss, Optimizer optimizer)
    {
        using var scope = NewDisposeScope();
        var (value, gradient) = Backpropagation.ValueAndGrad(state.Model, batch, loss);
        var (update, optimizerState) = optimizer.Update(gradient, state.Optimizer);
        var next = state with { Model = state.Model with { Flat = state.Model.Flat + update }, Optimizer = optimizerState };
        return (next.MoveToOuterDisposeScope(), value.item<float>());
    }

    /// <summary>The network as it was at the end of an epoch of a run with these options and data.</summary>
    public static Mlp Model(LearningConfig config, Dataset data, Epoch epoch)
    {
        using var scope = NewDisposeScope();
        var model = Mlp.Of(Sizes(config, data), epoch.State!.Parameters.AsMemory(), Activations.ByName[config.Activation]).To(data.Train.Images.device);
        return model with { Flat = model.Flat.MoveToOuterDisposeScope() };
    }

    /// <summary>Widths of the network's layers: pixels, hidden, classes.</summary>
    public static ImmutableArray<int> Sizes(LearningConfig config, Dataset data) =>
        [(int)data.Train.Images.shape[1], .. config.Hidden, data.Classes.Length];

    /// <summary>What is trained on what: "784-50-100-10 on MNIST".</summary>
    public static string Subject(LearningConfig config, Dataset data) => $"{string.Join('-', Sizes(config, data))} on {data.Name}";

    /// <summary>The network that a training starts from, and the generator after its draws; the caller's scope owns the network.</summary>
    internal static (Mlp Model, TorchRandom Next) Start(LearningConfig config, Dataset data, Func<Tensor, Tensor>? activation = null)
    {
        var (model, random) = Mlp.Init(TorchRandom.Seeded(config.Seed), Sizes(config, data), activation ?? Activations.ByName[config.Activation]);
        return (model.To(data.Train.Images.device), random);
    }

    static TrainingState Begin(LearningConfig config, Dataset data, Optimizer optimizer, Func<Tensor, Tensor> activation)
    {
        using var scope = NewDisposeScope();
        var (model, random) = Start(config, data, activation);
        return new TrainingState(model, optimizer.Init(model.Flat), random).Keep();
    }

    static (TrainingState Next, Epoch Row) RunEpoch(Course course, TrainingState state, int index)
    {
        using var scope = NewDisposeScope();
        var (config, data) = (course.Config, course.Data);
        var (order, random) = Batches.Shuffle(state.Random, data.Train.Count);
        order = order.to(data.Train.Images.device);
        var trainLoss = 0.0;
        try
        {
            foreach (var (batch, range) in Batches.Ranges(data.Train.Count, config.BatchSize).Index())
            {
                (state, var sum) = Advance(state, s => Step(s, Batches.Cut(data.Train, order, range), course.Loss, course.Optimizer), course.Stop);
                trainLoss += Finite(sum, batch + 1);
                course.Progress?.Report(new(index, range.End.Value, data.Train.Count, trainLoss / range.End.Value));
            }
            var (testLoss, accuracy) = Metrics.Evaluate(state.Model, data.Test, course.Evaluation, config.BatchSize);
            state = state with { Random = Batches.InOrder(random) };
            return (state, new(index, trainLoss / data.Train.Count, Finite(testLoss, batch: null), accuracy) { State = state.Snapshot(index) });
        }
        catch
        {
            state.Free();
            throw;
        }

        double Finite(double value, int? batch) => course.AllowNonFinite || double.IsFinite(value) ? value
            : throw new DivergenceException(string.Create(CultureInfo.InvariantCulture,
                $"epoch {index}, {(batch is null ? "test set" : $"batch {batch}")}: the loss is {value} at learning rate {config.LearningRate}; train anew with a smaller one."));
    }

    /// <summary>Takes a step, unless it is time to stop. Whatever comes of it, the state that it started from is freed and may not be used afterwards.</summary>
    static (TrainingState Next, double LossSum) Advance(TrainingState state, Func<TrainingState, (TrainingState, double)> step, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        try
        {
            stop.ThrowIfCancellationRequested();
            var (next, lossSum) = step(state);
            return (next.Keep(), lossSum);
        }
        finally
        {
            state.Free();
        }
    }
}
