using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class EquivalenceTests
{
    static readonly CompareConfig Config = new() { Epochs = 2, BatchSize = 64, Hidden = [20], LearningRate = 1e-2, Seeds = [3, 4] };

    [Fact]
    public void Cross_entropy_and_nll_are_apart_by_rounding_at_every_step_of_every_seed()
    {
        var rows = Equivalence.Run(Config, Tensors.SmallData()).ToList();
        Assert.Equal(from seed in new long[] { 3, 4 } from step in Enumerable.Range(1, 64) from precision in new[] { "float32", "float64" } select (seed, step, precision),
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
            var row = Equivalence.Difference(model with { Flat = model.Flat.to_type(type) }, batch with { Images = batch.Images.to_type(type) }, Losses.CrossEntropy, Losses.CrossEntropyOfSoftmax);
            Assert.Equal(type == ScalarType.Float32 ? "float32" : "float64", row.Precision);
            Assert.True(row.Loss > 0.01 && row.Gradient > 0.01, $"{row}");
        }
    }

    [Fact]
    public void It_walks_the_way_of_the_training_itself()
    {
        var data = Tensors.SmallData();
        var config = Config with { Seed = 3, Epochs = 2 };
        var optimizer = Optimizers.ByName[config.Optimizer](config.LearningRate);
        float[] last = [];
        _ = TrainingWalk.Run<int>(config, data, [optimizer], (walker, batch) =>
        {
            var (update, state) = optimizer.Update(Backpropagation.ValueAndGrad(walker.Model, batch, Losses.CrossEntropy).Gradient, walker.Optimizers[0]);
            var next = walker.Model with { Flat = walker.Model.Flat + update };
            last = next.Flat.data<float>().ToArray();
            return (new(next, [state]), 0);
        }, default).Count();
        Assert.Equal(Training.Run(config, data, Losses.CrossEntropy).Last().State!.Parameters.ToArray(), last);
    }

    [Fact]
    public void Ended_early_or_stopped_it_leaves_no_tensor_behind()
    {
        var data = Tensors.SmallData();
        var before = Tensors.Live;
        _ = Equivalence.Run(Config, data).First();
        Assert.Equal(before, Tensors.Live);
        Assert.Throws<OperationCanceledException>(() => Reduction.Run(Config, data, new CancellationToken(canceled: true)).ToList());
        Assert.Equal(before, Tensors.Live);
    }
}
