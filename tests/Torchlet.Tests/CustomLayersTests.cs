using System.Collections.Immutable;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class CustomLayersTests
{
    /// <summary>x + f(x), as Residual computes it, by the builder.</summary>
    static Layer Plus(Layer inner) => Custom("Plus", m =>
    {
        var f = m.Layer("f", inner, m.Input);
        return (f.Output, (pass, x) => x + pass.Apply(f, x));
    });

    /// <summary>x·w + noise in training, and a count of the training batches.</summary>
    static Layer Noisy() => Custom("Noisy", m =>
    {
        var (w, batches) = (m.Weight("w", m.Input), m.State("batches", [1]));
        return (m.Input, (pass, x) =>
        {
            if (pass.IsTraining) pass[batches] = pass[batches] + 1;
            return pass.IsTraining ? x * pass[w] + pass.Normal(x.shape) : x * pass[w];
        }
        );
    });

    [Fact]
    public void A_built_layer_computes_what_the_wired_one_computes()
    {
        using var scope = NewDisposeScope();
        var inner = BatchNorm() >> Sigmoid >> Dropout(0.5);
        var (built, wired) = ((Dense(4) >> Plus(inner) >> Dense(2)).Fit(3), (Dense(4) >> Residual(inner) >> Dense(2)).Fit(3));
        Assert.Equal(["0.weight", "0.bias", "1.f.0.weight", "1.f.0.bias", "2.weight", "2.bias"], built.Parameters.Select(s => s.Name));
        Assert.Equal(["1.f.0.running_mean", "1.f.0.running_var"], built.State.Select(s => s.Name));
        var ((model, next), batch) = (built.Init(TorchRandom.Seeded(1)), new Batch(Tensors.Normal(2, 6, 3), Tensors.Labels(3, 6, 2)));
        var (mine, other) = (Grad(model), Grad(model with { Net = wired }));
        Tensors.AssertClose(other.LossSum, mine.LossSum, 1e-6);
        Tensors.AssertClose(other.Gradient, mine.Gradient, 1e-6);
        Assert.Equal(other.Pass.Random, mine.Pass.Random);
        foreach (var (a, b) in other.State.Zip(mine.State)) Tensors.AssertClose(a, b, 1e-6);

        LossAndGradient Grad(Model of) => Backpropagation.ValueAndGrad(of, batch, Losses.CrossEntropy, Pass.Training(next));
    }

    [Fact]
    public void Weights_states_and_noise_go_on_from_step_to_step()
    {
        using var scope = NewDisposeScope();
        var (train, test) = (new Split(Tensors.Normal(1, 20, 3), Tensors.Labels(2, 20, 2)), new Split(Tensors.Normal(3, 4, 3), Tensors.Labels(4, 4, 2)));
        var data = Dataset.Of("noise", train, test, "a", "b");
        var recipe = new Recipe(Noisy() >> Dense(2), Objective.Classify(), Optimizers.Sgd(0.1)) { Epochs = 2, BatchSize = 5 };
        var state = Training.Begin(recipe, data);
        var (first, second) = (Forward(state.Random), Forward(Forward(state.Random).Pass.Random!));
        Assert.False(allclose(first.Y, second.Y)); // The generator is handed on.
        Assert.Equal(8, Last(recipe).Layers[0].Numbers[0]); // Two epochs of four batches.

        LayerResult Forward(TorchRandom random) =>
            state.Model.Net.Forward(state.Model.Net.Views(state.Model.Flat), state.Model.State, data.Train.Inputs, Pass.Training(random));
        Snapshot Last(Recipe of) => Training.Epochs(of, data).Last().State!;
    }

    [Theory]
    [InlineData(2), InlineData(3)]
    public void Processes_that_share_a_batch_draw_the_noise_of_one(int count)
    {
        using var scope = NewDisposeScope();
        // Each example has two rows, as a layer over tokens sees them.
        var rows = Custom("Rows", m =>
        {
            var drop = m.Layer("drop", Dropout(0.5), 2);
            return (m.Input, (pass, x) => pass.Apply(drop, x.view(-1, 2)).view_as(x) + pass.Uniform([2 * x.size(0), 2]).view_as(x));
        });
        var (model, random) = rows.Fit(4).Init(TorchRandom.Seeded(0));
        var x = Tensors.Normal(1, 7, 4);
        var whole = model.Net.Forward([], [], x, Pass.Training(random)).Y;
        for (var rank = 0; rank < count; rank++)
        {
            var (first, last) = (7 * rank / count, 7 * (rank + 1) / count);
            var pass = Pass.Training(random) with { Part = new(first, last - first, 7) };
            Tensors.AssertClose(whole.narrow(0, first, last - first), model.Net.Forward([], [], x.narrow(0, first, last - first), pass).Y, 0);
        }
    }

    [Fact]
    public void A_layer_that_computes_another_shape_than_it_declares_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        var wide = Custom("Wide", m => ([10], (_, x) => cat([x, x], 1)));
        var (model, _) = (Dense(4) >> wide).Fit(3).Init(TorchRandom.Seeded(0));
        Assert.Equal("layer 1, own(Wide): output: want [2, 10], got [2, 8]. (Parameter 'output')",
            Assert.Throws<ArgumentException>(() => model.Apply(ones(2, 3))).Message);
        var scrambled = new Layer("Scrambled", input => Dense(5).Fit(input) is var net ? net with
        {
            Parameters = [net.Parameters[0] with { Shape = [3, 5] }, net.Parameters[1]],
        } : net);
        Assert.Contains("want [3, 5], got [5, 3]", Assert.Throws<ArgumentException>(() => scrambled.Fit(3).Init(TorchRandom.Seeded(0))).Message);
        var forgetful = new Layer("Forgetful", input => Noisy().Fit(input) is var net ? net with { Forward = (p, s, x, pass) => new(x, [], pass) } : net);
        Assert.Contains("want 1 tensors, got 0",
            Assert.Throws<ArgumentException>(() => forgetful.Fit(3).Init(TorchRandom.Seeded(0)).Model.Apply(ones(1, 3))).Message);
    }

    [Fact]
    public void An_error_in_a_layer_names_it_in_one_line()
    {
        using var scope = NewDisposeScope();
        var broken = Custom("Broken", m => (m.Input, (pass, x) => pass.IsTraining ? x : x.add(ones(3, 3))));
        var (model, _) = (Dense(4) >> broken).Fit(3).Init(TorchRandom.Seeded(0));
        var message = Assert.Throws<ArgumentException>(() => model.Apply(ones(2, 3))).Message;
        Assert.StartsWith("layer 1, own(Broken): The size of tensor a (4) must match", message);
        Assert.DoesNotContain('\n', message);
        var mixed = Custom("Mixed", m =>
        {
            var f = m.Layer("f", Function(x => x.transpose(0, 1)), m.Input);
            return (f.Output, (pass, x) => pass.Apply(f, x));
        });
        Assert.Contains("layer 0, own(Mixed): layer 0, own(): want a function that keeps the first axis, of length 2",
            Assert.Throws<ArgumentException>(() => mixed.Fit(4)).Message);
    }

    [Fact]
    public void Replacing_the_forward_pass_drops_the_old_derivative()
    {
        using var scope = NewDisposeScope();
        Layer Times(double k) => new("Times", input => Dense(3).Fit(input) is var net && k == 1 ? net : net with
        {
            Forward = (p, state, x, pass) => net.Forward(p, state, x, pass) is var result ? result with { Y = result.Y * k } : default,
        });
        var batch = new Batch(Tensors.Normal(1, 5, 4), Tensors.Normal(2, 5, 3));
        // The loss is the sum of the outputs, so twice the output has twice the gradient.
        Tensor Sum(Tensor y, Tensor _) => y.sum([1]);
        var (once, twice) = (Times(1).Fit(4), Times(2).Fit(4));
        Assert.Equal((true, false), (once.HasPullback, twice.HasPullback));
        var (model, _) = once.Init(TorchRandom.Seeded(0));
        Tensors.AssertClose(2 * Backpropagation.ValueAndGrad(model, batch, Sum).Gradient,
            Backpropagation.ValueAndGrad(model with { Net = twice }, batch, Sum).Gradient, 1e-5);
    }

    [Fact]
    public void A_custom_layer_is_recorded_as_own_whatever_its_name()
    {
        Assert.Equal("Dense(3) >> own(Tanh) >> Dense(2)", (Dense(3) >> new Layer("Tanh", input => Tanh.Fit(input)) >> Dense(2)).Text);
        Assert.Throws<ArgumentException>(() => LayerText.Parse("own(Tanh)"));
    }

    [Fact]
    public void A_state_may_depend_on_the_weights()
    {
        var moving = Custom("Moving", m =>
        {
            var (f, mean) = (m.Layer("f", Dense(4), m.Input), m.State("mean", [4]));
            return (f.Output, (pass, x) =>
            {
                var y = pass.Apply(f, x);
                if (pass.IsTraining) pass[mean] = pass[mean] * 0.9f + y.mean([0]) * 0.1f;
                return y - pass[mean];
            }
            );
        });
        var split = new Split(Tensors.Normal(1, 12, 3), Tensors.Labels(2, 12, 4));
        var recipe = new Recipe(moving, Objective.Classify(), Optimizers.Sgd(0.1)) { Epochs = 2, BatchSize = 4 };
        var rows = Training.Epochs(recipe, Dataset.Of("few", split, split, "a", "b", "c", "d")).ToList();
        Assert.True(rows[1].TrainLoss < rows[0].TrainLoss);
    }

    [Fact]
    public void A_weight_may_be_a_scalar_and_names_are_those_that_a_file_can_hold()
    {
        var scaled = Custom("Scaled", m => m.Weight("k", []) is var k ? (m.Input, (pass, x) => x * pass[k]) : default);
        Assert.Equal(1, scaled.Fit(3).Count);
        Assert.Contains("want at most 100 letters, digits, _, - and ., got 'my layer'",
            Assert.Throws<ArgumentException>(() => Dense(3).As("my layer")).Message);
        foreach (var wrong in new Action<LayerBuilder>[] { m => m.Weight("a b", [1]), m => m.State("a b", [1]), m => m.Layer("a b", Dense(1), 1) })
        {
            var layer = Custom("Wrong", m =>
            {
                wrong(m);
                return (m.Input, (_, x) => x);
            });
            Assert.Contains("got 'a b'", Assert.Throws<ArgumentException>(() => layer.Fit(1)).Message);
        }
    }
}
