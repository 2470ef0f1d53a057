using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The record of a recipe is computed from the parts that run.</summary>
public class NamedTests
{
    static readonly Recipe Usual = new(Dense(3), Objective.Classify(), Optimizers.Adam(1e-3));

    public static TheoryData<string, string, string> Replaced => new()
    {
        { "a loss with its number", "objective", "Focal(2)" }, { "a loss by its method", "objective", "nll" }, { "a lambda as loss", "objective", "own" },
        { "an evaluation", "evaluation", "cross_entropy" }, { "a preparation", "prepare", "own" }, { "a metric", "metrics", "accuracy, own(even)" },
        { "a gradient", "differentiate", "own" }, { "an update", "optimizer", "own" }, { "a first state", "optimizer", "own" },
        { "a schedule", "optimizer", "Adam(own)" }, { "an initializer", "model", "Dense(3, init: own)" }, { "an augmentation", "augment", "own" },
        { "a chain with a lambda", "augment", "own" }, { "another function of a metric", "metrics", "absolute_error(accuracy)" },
        { "a learning rate", "optimizer", "own" }, { "an average", "optimizer", "own" }, { "a batch size", "batch_size", "7" }, { "a seed", "seed", "3" },
        { "start weights", "start", "own" }, { "a freeze", "optimizer", "Adam(0.001) >> Freeze(own)" }, { "a reduction", "reduction", "sum" },
        { "an order", "order", "Weighted(w)" }, { "a lambda as order", "order", "own" }, { "no end at NaN", "allow_non_finite", "true" },
    };

    static Recipe With(string what) => what switch
    {
        "a loss with its number" => Usual with { Objective = Usual.Objective with { Loss = Losses.Focal(2) } },
        "a loss by its method" => Usual with { Objective = Usual.Objective with { Loss = Losses.NllOfLogSoftmax } },
        "a lambda as loss" => Usual with { Objective = Usual.Objective with { Loss = (y, t) => Losses.CrossEntropy(y, t) * 2 } },
        "an evaluation" => Usual with { Objective = Usual.Objective with { Evaluation = Losses.CrossEntropy } },
        "a preparation" => Usual with { Objective = Usual.Objective with { Prepare = batch => batch with { Inputs = 1 - Batches.Floats(batch.Inputs) } } },
        "a metric" => Usual with { Objective = Usual.Objective with { Metrics = [Metric.Accuracy, new("even", (_, t) => t % 2)] } },
        "a gradient" => Usual with
        {
            Differentiate = (model, batch, loss, pass, reduction) => Backpropagation.ValueAndGrad(model, batch, loss, pass, reduction),
        },
        "an update" => Usual with { Optimizer = Usual.Optimizer with { Update = (g, _, _, state) => (g, state) } },
        "a first state" => Usual with { Optimizer = Usual.Optimizer with { Init = p => [ones_like(p.Flat), ones_like(p.Flat)] } },
        "a schedule" => Usual with { Optimizer = Optimizers.Adam(Schedules.Cosine(1e-3, 10) with { At = t => 1.0 / t }) },
        "an initializer" => Usual with { Model = Dense(3, Initializer.He with { Weight = Initializer.Constant(1) }) },
        "another function of a metric" => Usual with { Objective = Usual.Objective with { Metrics = [Metric.Accuracy with { Of = Losses.AbsoluteError }] } },
        "a learning rate" => Usual with { Optimizer = Usual.Optimizer with { LearningRate = 0.5 } },
        "an average" => Usual with { Optimizer = Usual.Optimizer with { Average = state => state[0] } },
        "a batch size" => Usual with { BatchSize = 7 },
        "a seed" => Usual with { Seed = 3 },
        "an order" => Usual with { Order = Orders.Weighted("w") },
        "a lambda as order" => Usual with { Order = (random, split, _) => Batches.Shuffle(random, split.Count) },
        "start weights" => Usual with { Start = drawn => drawn },
        "a freeze" => Usual with { Optimizer = Transforms.Chain(Usual.Optimizer, Transforms.Freeze(slot => slot.Name == "x")) },
        "a reduction" => Usual with { Reduction = Reduction.Sum },
        "no end at NaN" => Usual with { AllowNonFinite = true },
        "an augmentation" => Usual with { Augment = (batch, _) => batch },
        _ => Usual with { Augment = Augmentation.Chain(Augmentation.Shift(1), (batch, _) => batch) },
    };

    [Theory, MemberData(nameof(Replaced))]
    public void A_replaced_part_is_recorded_as_it_runs(string what, string part, string text)
    {
        var recipe = With(what);
        if (part is not ("batch_size" or "seed" or "allow_non_finite")) Assert.Equal(text, recipe.Text[part]);
        Assert.Equal([part], recipe.Instead(Usual).Keys);
        Assert.Equal(text, recipe.Instead(Usual)[part]);
    }

    [Fact]
    public void A_smoothed_loss_that_is_also_reported_is_another_recipe_than_the_usual_one()
    {
        var usual = Usual with { Objective = Objective.Classify(Losses.Smoothed(0.1), evaluation: Losses.CrossEntropy) };
        var reported = usual with { Objective = usual.Objective with { Evaluation = null } };
        Assert.DoesNotContain("evaluation", usual.Text.Keys);
        Assert.Equal("Smoothed(0.1)", Assert.Single(reported.Instead(usual), part => part.Key == "evaluation").Value);
    }

    [Fact]
    public void A_part_that_is_as_usual_is_not_listed()
    {
        Assert.Equal(["augment", "model", "objective", "optimizer", "reduction"], Usual.Text.Keys);
        Assert.Equal("mean", Usual.Text["reduction"]);
        Assert.Equal("reconstruction", (Usual with { Objective = Objective.Reconstruct }).Text["prepare"]);
        Assert.Empty(Usual.Instead(Usual));
    }

    [Fact]
    public void A_named_function_computes_what_the_function_computes()
    {
        using var scope = NewDisposeScope();
        var (y, t) = (Tensors.Normal(1, 4, 3), Tensors.Labels(2, 4, 3));
        var p = y.softmax(1).gather(1, t.unsqueeze(1)).squeeze(1);
        Tensors.AssertClose(-(1 - p) * (1 - p) * p.log(), Losses.Focal(2)(y, t), 1e-6);
        Assert.Equal("Focal(2)", Named.TextOf(Losses.Focal(2)));
        Assert.Equal("cross_entropy", Named.TextOf((Loss)Losses.CrossEntropy));
    }

    [Theory, InlineData("own", true), InlineData("own(Swish)", true), InlineData("Dense(3) >> own()", true)]
    [InlineData("Normal(0.01)", false), InlineData("owner", false)]
    public void A_custom_function_is_found_in_a_text(string text, bool isOwn) => Assert.Equal(isOwn, Named.IsOwn(text));
}
