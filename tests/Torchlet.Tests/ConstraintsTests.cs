using static Torchlet.Constraints;
using static Torchlet.Layers;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Constraints on the parameters, at the end of a chain.</summary>
public class ConstraintsTests
{
    [Fact]
    public void A_projection_replaces_the_next_parameters_by_name_and_leaves_the_others()
    {
        using var scope = NewDisposeScope();
        var (model, g) = Small();
        var next = Next(model, g, Project(slot => slot.Name == "2.weight", w => w * 0 + 7));
        foreach (var ((slot, free), got) in model.Net.Parameters.Zip(model.Net.Views(model.Flat + g)).Zip(model.Net.Views(next)))
            Tensors.AssertClose(slot.Name == "2.weight" ? full([3, 4], 7) : free, got, slot.Name == "2.weight" ? 1e-6 : 0);
        Tensors.AssertClose(model.Flat + g, Next(model, g, Project(null, (slot, w) => slot.Name == "none" ? w * 0 : w)), 1e-7);
        Tensors.AssertClose(model.Flat + g, Next(model, g, Project(_ => false, w => w * 0)), 0);
    }

    [Fact]
    public void A_unit_has_at_most_the_norm_that_libtorchs_renorm_gives_it()
    {
        using var scope = NewDisposeScope();
        var (model, g) = Small();
        var next = Next(model, g, MaxNorm(0.8));
        foreach (var ((slot, free), got) in model.Net.Parameters.Zip(model.Net.Views(model.Flat + g)).Zip(model.Net.Views(next)))
        {
            Tensors.AssertClose(Slot.IsWeight(slot) ? free.renorm(2, 0, 0.8f) : free, got, 1e-6);
            if (!Slot.IsWeight(slot)) continue;
            Assert.True(free.norm(1, false, 2).max().item<float>() > 0.8); // The limit has an effect.
            Assert.True(got.norm(1, false, 2).max().item<float>() < 0.800001);
        }
    }

    [Fact]
    public void No_parameter_is_negative_after_a_hundred_steps_and_some_would_have_been()
    {
        var data = Tensors.SmallData(200, 50);
        var free = new Recipe(Dense(10), Objective.Classify(), Optimizers.Adam(1e-2)) { Epochs = 2, BatchSize = 20 };
        var bound = free with { Optimizer = Chain(free.Optimizer, NonNegative()) };
        Assert.Contains(Training.Epochs(free, data).Last().State!.Parameters, p => p < 0);
        Assert.DoesNotContain(Training.Epochs(bound, data).Last().State!.Parameters, p => p < 0);
        Assert.Contains(Training.Epochs(bound, data).Last().State!.Parameters, p => p > 0);
    }

    [Fact]
    public void Weights_that_begin_at_0_stay_there_and_a_resumed_training_has_the_mask()
    {
        var data = Tensors.SmallData(200, 50);
        var recipe = new Recipe(Dense(16) >> Relu >> Dense(10), Objective.Classify(),
            Chain(ClipByGlobalNorm(1), Optimizers.AdamW(1e-2), KeepZeros()))
        {
            Epochs = 3, BatchSize = 50, Start = drawn => drawn with { Flat = drawn.Flat.where(drawn.Flat.abs() > 0.05, zeros_like(drawn.Flat)) },
        };
        var net = recipe.Net(data);
        var epochs = Training.Epochs(recipe, data).ToList();
        using var scope = NewDisposeScope();
        var start = Training.Begin(recipe, data).Model;
        foreach (var ((slot, before), after) in net.Parameters.Zip(start.Net.Views(start.Flat)).Zip(net.Views(epochs[^1].State!.Model(net).Flat)))
        {
            Assert.True(before.eq(0).any().item<bool>());
            if (Slot.IsWeight(slot)) Tensors.AssertClose(before.eq(0), after.eq(0), 0);
            else Assert.False(after.eq(0).any().item<bool>());
        }
        Assert.Equal(epochs[^1].State!.Parameters, Training.Epochs(recipe, data, epochs[0].State).Last().State!.Parameters);
    }

    [Fact]
    public void The_text_names_what_has_a_name_and_calls_a_function_own()
    {
        Assert.Equal("Adam(0.001) >> Only(Slot.IsWeight, MaxNorm(3))", Chain(Optimizers.Adam(1e-3), MaxNorm(3)).Text);
        Assert.Equal("NonNegative()", NonNegative().Text);
        Assert.Equal("Only(Slot.IsWeight, KeepZeros())", KeepZeros().Text);
        Assert.Equal("Project(own)", Project(null, w => w).Text);
        Assert.True(Named.IsOwn(Chain(Optimizers.Adam(1e-3), Project(Slot.IsWeight, w => w)).Text));
    }

    [Fact]
    public void A_constraint_before_the_learning_rate_and_a_wrong_shape_are_errors()
    {
        Assert.Equal("Chain: want a constraint behind the learning rate, got NonNegative() >> Sgd(0.1); put it at the end.",
            Assert.Throws<ArgumentException>(() => Chain(NonNegative(), Optimizers.Sgd(0.1))).Message);
        Assert.Contains("put it at the end",
            Assert.Throws<ArgumentException>(() => Chain(ScaleByAdam(), MaxNorm(1), Scale(2), ScaleByLearningRate(1))).Message);
        using var scope = NewDisposeScope();
        var (model, g) = Small();
        Assert.Contains("0.weight: want [4, 5], got [5]",
            Assert.Throws<ArgumentException>(() => Next(model, g, Project(Slot.IsWeight, w => w.sum([0])))).Message);
    }

    static (Model Model, Tensor G) Small()
    {
        var model = (Dense(4) >> Relu >> Dense(3)).Fit(5).Init(TorchRandom.Seeded(1)).Model;
        return (model, Tensors.Normal(3, (int)model.Net.Count) * 0.5);
    }

    static Tensor Next(Model model, Tensor g, Transform transform)
    {
        var p = ParameterVector.Of(model);
        return model.Flat + transform.Step(g, p, OptimizerState.Of(transform, p)).Update;
    }
}
