using System.Collections.Immutable;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Mistakes in custom layers, each said in one line that names the layer; and noise, which is one process's in several.</summary>
public class LayerFaultsTests
{
    [Fact]
    public void Parts_of_another_layer_are_refused()
    {
        using var scope = NewDisposeScope();
        (LayerWeight W, LayerState S, SubLayer L) others = (null!, null!, null!);
        _ = Custom("First", m =>
        {
            others = (m.Weight("w", [3]), m.State("s", [3]), m.Layer("l", Dense(3), m.Input));
            return (m.Input, (_, x) => x);
        }).Fit(3);
        foreach (var (what, use) in new (string, Func<LayerPass, Tensor, Tensor>)[]
        {
            ("weight", (pass, x) => x * pass[others.W]), ("state", (pass, x) => x * pass[others.S]), ("sub-layer", (pass, x) => pass.Apply(others.L, x)),
            ("state", (pass, x) => pass[others.S] = x),
        })
        {
            var second = Custom("Second", m =>
            {
                (_, _, _) = (m.Weight("w", [3]), m.State("s", [3]), m.Layer("l", Dense(3), m.Input));
                return (m.Input, use);
            });
            Assert.Equal($"layer 0, own(Second): want a {what} that this layer declared, got one of another layer",
                Assert.Throws<ArgumentException>(() => Model(second, 3).Apply(ones(2, 3))).Message);
        }
    }

    [Fact]
    public void What_a_layer_does_not_return_is_said()
    {
        using var scope = NewDisposeScope();
        var batch = new Batch(ones(2, 3), zeros(2, ScalarType.Int64));
        string Error(Layer layer) => Assert.Throws<ArgumentException>(() =>
            Backpropagation.ValueAndGrad(Model(layer, 3), batch, Losses.CrossEntropy, Pass.Training(TorchRandom.Seeded(0)))).Message;
        Assert.StartsWith("layer 1, own(None): output: want [2, 3], got null", Error(Dense(3) >> Custom("None", m => (m.Input, (_, _) => null!))));
        Assert.StartsWith("layer 1, own(None): want a shape of the output and a forward function, got none", Error(Dense(3) >> Custom("None", _ => default)));
        Assert.StartsWith("layer 1, own(None): want a net, got null", Error(Dense(3) >> new Layer("None", _ => null!)));
        var forgetful = new Layer("None", input => new(input, input, [], [One], (p, s, x, pass) => new(x, default, pass)));
        Assert.StartsWith("layer 1, own(None): state: want 1 tensors, got 0", Error(Dense(3) >> forgetful));
        var lying = new Layer("Lying", input => new Net(input, input, [], [], (p, s, x, pass) => new(x, s, pass)) { HasPullback = true });
        Assert.Equal("layer 1, own(Lying): want a pullback, as HasPullback says, got none", Error(Dense(3) >> lying));
        var wide = new Layer("Wide", input =>
            new Net(input, input, [], [], (p, s, x, pass) => new(cat([x, x], 1), s, pass, (dy, _) => () => dy)) { HasPullback = true });
        Assert.StartsWith("layer 1, own(Wide): output: want [2, 3], got [2, 6]", Error(Dense(3) >> wide));
        var counted = Custom("Counted", m =>
        {
            var n = m.State("n", [1]);
            return (m.Input, (pass, x) => x + 0 * (pass[n] = pass[n].to_type(ScalarType.Int64)));
        });
        Assert.StartsWith("layer 1, own(Counted): n: want Float32, got Int64", Error(Dense(3) >> counted));
    }

    [Fact]
    public void A_state_that_is_changed_in_place_counts_in_training_alone()
    {
        using var scope = NewDisposeScope();
        var built = Custom("Built", m => m.State("n", [1]) is var n ? (m.Input, (pass, x) => x + 0 * pass[n].add_(1)) : default);
        var wired = new Layer("Wired", input => new(input, input, [], [One], (p, s, x, pass) => new(x + 0 * s[0].add_(1), s, pass)));
        foreach (var layer in new[] { built, wired })
        {
            var model = Model(layer, 3);
            _ = model.Apply(ones(2, 3));
            Assert.Equal(0, model.State[0].Number());
            var next = model.Net.Forward([], model.State, ones(2, 3), Pass.Training(TorchRandom.Seeded(0)));
            Assert.Equal((0, 1), (model.State[0].Number(), next.State[0].Number()));
        }
    }

    [Fact]
    public void Noise_of_a_wrong_number_of_rows_fails_in_one_process_too()
    {
        var data = AnyModelTests.Pictures(train: 20);
        foreach (var rows in new long[] { 1, 3, 15 })
        {
            var noisy = Custom("Noisy", m => (m.Input, (pass, x) => pass.IsTraining ? x + pass.Normal([rows, 1]).mean() : x));
            var recipe = new Recipe(Flatten >> noisy >> Dense(4), Objective.Classify(), Optimizers.Sgd(0.1)) { BatchSize = 10 };
            Assert.Equal($"layer 1, own(Noisy): want some rows for each of 10 examples, got {rows}.",
                Assert.Throws<ArgumentException>(() => Training.Epochs(recipe, data).Count()).Message);
        }
    }

    /// <summary>Dropout for each of an example's tokens, within the layer that cuts them.</summary>
    static Layer Each(Layer inner) => Custom("Each", m =>
    {
        var part = m.Layer("part", inner, m.Input[^1]);
        return (m.Input, (pass, x) => pass.Apply(part, x.view(-1, x.size(-1))).view_as(x));
    });

    public static TheoryData<string, bool> Recipes => new(
        ("dropout", false), ("dropout within Each", false), ("noise", false), ("augmentation", false), ("layer norm", false),
        ("a loss over the batch", true), ("a layer over the batch", true), ("batch norm within a custom layer", true), ("noise of libtorch", true));

    [Theory, MemberData(nameof(Recipes))]
    public void What_looks_across_the_batch_is_found_before_processes_share_it(string way, bool looksAcross)
    {
        var layer = way switch
        {
            "dropout" => Dropout(0.5),
            "dropout within Each" => Each(Dropout(0.5)),
            "noise" => Custom("Noise", m => (m.Input, (pass, x) => pass.IsTraining ? x + pass.Normal(x.shape) : x)),
            "layer norm" => LayerNorm(),
            "a layer over the batch" => (Layer)(x => x - x.mean([0], keepdim: true)),
            "batch norm within a custom layer" => Each(BatchNorm()),
            "noise of libtorch" => (Layer)(x => x + rand_like(x)),
            _ => Relu,
        };
        Loss loss = way == "a loss over the batch" ? (y, t) => Losses.CrossEntropy(y, t) / Losses.CrossEntropy(y, t).max() : Losses.CrossEntropy;
        var recipe = new Recipe(layer >> Flatten >> Dense(4), Objective.Classify(loss), Optimizers.Sgd(0.1))
        {
            BatchSize = 15, Augment = way == "augmentation" ? Augmentation.Shift(1) : null,
        };
        foreach (var count in new[] { 2, 4, 20 })
            Assert.Equal(looksAcross, DataParallel.LooksAcross(recipe, AnyModelTests.Pictures(train: 40), count));
    }

    static Slot One => new("n", [1], random => (zeros(1), random));

    static Model Model(Layer layer, params ImmutableArray<long> input) => layer.Fit(input).Init(TorchRandom.Seeded(0)).Model;
}
