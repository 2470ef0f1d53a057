using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class EquivalenceTests
{
    static readonly CompareConfig Config = new() { Epochs = 2, BatchSize = 64, Hidden = [20], LearningRate = 1e-2, Seeds = [3, 4] };

    [Fact]
    public void A_batch_of_another_shape_is_refused_whichever_way_the_net_is_differentiated()
    {
        using var scope = NewDisposeScope();
        foreach (var layer in new[] { Layers.Dense(3), Layers.Dense(3) >> Layers.LayerNorm() })
        {
            var (model, _) = layer.Fit([5]).Init(TorchRandom.Seeded(0));
            var batch = new Batch(zeros(2, 4), zeros(2, ScalarType.Int64));
            foreach (var differentiate in new Action[]
            {
                () => Equivalence.Difference(model, batch, Losses.CrossEntropy, Losses.NllOfLogSoftmax),
                () => Backpropagation.ValueAndGrad(model, batch, Losses.CrossEntropy),
            })
                Assert.Contains("want [any, 5], got [2, 4]", Assert.Throws<ArgumentException>(differentiate).Message);
        }
    }

    [Fact]
    public void Cross_entropy_and_nll_are_apart_by_rounding_at_every_step_of_every_seed()
    {
        var rows = Equivalence.Differences(Config, Tensors.SmallData()).ToList();
        Assert.Equal(
            from seed in new long[] { 3, 4 }
            from step in Enumerable.Range(1, 64)
            from precision in new[] { "float32", "float64" }
            select (seed, step, precision),
            rows.Select(r => (r.Seed, r.Step, r.Precision)));
        Assert.All(rows, r => Assert.InRange(Math.Max(r.Loss, r.Gradient), 0, r.Precision == "float32" ? 1e-5 : 1e-14));
        Assert.True(rows.Max(r => r.Loss) > 0);
    }

    [Fact]
    public void Losses_that_are_not_one_function_are_seen_in_either_precision()
    {
        using var scope = NewDisposeScope();
        var (model, batch) = (Tensors.SmallMlp(), new Batch(Tensors.Normal(1, 9, 6), Tensors.Labels(2, 9, 3)));
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            var (network, examples) = (model with { Flat = model.Flat.to_type(type) }, batch with { Inputs = batch.Inputs.to_type(type) });
            var apart = Equivalence.Difference(network, examples, Losses.CrossEntropy, Losses.CrossEntropyOfSoftmax);
            Assert.True(apart.Loss > 0.01 && apart.Gradient > 0.01, $"{type}: {apart}");
        }
    }

    [Fact]
    public void It_walks_the_way_of_the_training_itself()
    {
        using var scope = NewDisposeScope();
        var data = Tensors.SmallData();
        var recipe = Config.Described(data) with { Seed = 3 };
        var snapshot = Training.Epochs(recipe, data).First().State!; // The second epoch begins there.
        var (state, order) = (TrainingState.Of(snapshot, recipe.Net(data), CPU), Batches.Shuffle(snapshot.Random, data.Train.Count).Order);
        var way = new List<(double Loss, double Gradient)>();
        foreach (var range in Batches.Ranges(data.Train.Count, recipe.BatchSize))
        {
            var batch = recipe.Objective.Prepare(Batches.Cut(data.Train, order, range));
            way.Add(Equivalence.Difference(state.Model, batch, Losses.CrossEntropy, Losses.NllOfLogSoftmax));
            state = Training.Step(recipe, state, batch);
        }

        var rows = Equivalence.Differences(Config with { Seeds = [3] }, data).Where(r => r is { Step: > 32, Precision: "float32" });

        Assert.Equal(way, rows.Select(r => (r.Loss, r.Gradient)));
    }

    [Fact]
    public void Ended_early_or_stopped_it_leaves_no_tensor_behind()
    {
        var data = Tensors.SmallData();
        var before = Tensors.Live;
        _ = Equivalence.Differences(Config, data).First();
        Assert.Equal(before, Tensors.Live);
        Assert.Throws<OperationCanceledException>(() => Reductions.Steps(Config, data, new CancellationToken(canceled: true)).ToList());
        Assert.Equal(before, Tensors.Live);
    }
}
