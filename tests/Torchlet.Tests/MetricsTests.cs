using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class MetricsTests
{
    [Fact]
    public void Confusion_counts_pairs_of_label_and_prediction()
    {
        using var scope = NewDisposeScope();
        var counts = Metrics.ConfusionMatrix(tensor(new long[] { 0, 1, 1, 2 }), tensor(new long[] { 0, 1, 2, 2 }), 3);
        Assert.Equal(new long[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 1, 1 } }, counts);
    }

    [Fact]
    public void Evaluation_does_not_depend_on_the_batch_size()
    {
        using var scope = NewDisposeScope();
        var data = Tensors.SmallData();
        var model = Mlp.Net([50, 8, 10], Layers.Sigmoid).Init(TorchRandom.Seeded(1)).Model;
        var whole = Metrics.Evaluate(model, data.Test, Objective.Classify(), 500);
        var parts = Metrics.Evaluate(model, data.Test, Objective.Classify(), 7);
        Assert.Equal(whole["accuracy"], parts["accuracy"]);
        Assert.Equal(whole.Loss, parts.Loss, 1e-5);
    }

    [Fact]
    public void A_split_without_examples_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = Mlp.Net([50, 8, 10], Layers.Sigmoid).Init(TorchRandom.Seeded(1)).Model;
        var e = Assert.Throws<ArgumentException>(() => Metrics.Evaluate(model, Tensors.SmallData().Test[..0], Objective.Classify(), 10));
        Assert.Equal("split: want examples, got none. (Parameter 'split')", e.Message);
    }
}
