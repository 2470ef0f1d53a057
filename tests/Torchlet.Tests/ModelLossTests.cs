using System.Collections.Immutable;
using TorchSharp;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Losses that see the model: applied many times, in parts, differentiated by its inputs, and of several players.</summary>
public class ModelLossTests
{
    static Dataset Data => Tensors.SmallData(96, 40);

    static Recipe Recipe { get; } = new(Dense(12) >> BatchNorm() >> Tanh >> Dropout(0.25) >> Dense(10), Objective.Classify(), Optimizers.Adam(1e-2))
    {
        Epochs = 2, BatchSize = 32,
    };

    static ModelLoss CrossEntropy => (model, batch) => Losses.CrossEntropy(model.Apply(batch.Inputs), batch.Targets);

    [Fact]
    public void A_function_of_the_model_trains_as_the_loss_of_its_output()
    {
        using var scope = NewDisposeScope();
        var wanted = Training.Epochs(Recipe, Data).Last();
        var got = Training.Epochs(Recipe with { Objective = Objective.Of(CrossEntropy, Metric.Accuracy) }, Data).Last();
        Assert.Equal(wanted.State!.Parameters, got.State!.Parameters);
        Assert.Equal(wanted.State.Layers.SelectMany(l => l.Numbers), got.State.Layers.SelectMany(l => l.Numbers));
        Assert.Equal((wanted.TrainLoss, wanted.Test), (got.TrainLoss, got.Test));
    }

    /// <summary>The states and random numbers of the second call follow those of the first: nn.Module's, called twice, are the truth.</summary>
    [Fact]
    public void Called_twice_states_and_draws_continue_as_those_of_a_module()
    {
        using var scope = NewDisposeScope();
        var layers = Dense(6) >> BatchNorm() >> Dropout(0.5) >> Dense(3);
        var (x, labels) = (Tensors.Normal(1, 8, 5), Tensors.Labels(2, 8, 3));
        var (model, random) = layers.Fit(5).Init(TorchRandom.Seeded(3));
        var result = Backpropagation.ValueAndGrad(model, new(x, labels), (seen, batch) =>
            Losses.CrossEntropy(seen.Apply(batch.Inputs) + seen.Apply(batch.Inputs * 2), batch.Targets), Pass.Training(random));

        torch.random.manual_seed(3);
        using var module = nn.Sequential(("0", nn.Linear(5, 6)), ("1", nn.BatchNorm1d(6)), ("2", nn.Dropout(0.5)), ("3", nn.Linear(6, 3)));
        module.train();
        var loss = nn.functional.cross_entropy(module.call(x) + module.call(x * 2), labels, reduction: nn.Reduction.Sum);
        loss.backward();
        Tensors.AssertClose(loss.detach(), result.LossSum, 1e-5);
        Tensors.AssertClose(cat([.. module.parameters().Select(p => p.grad!.flatten())]), result.Gradient, 1e-5);
        var states = module.state_dict();
        Tensors.AssertClose(states["1.running_mean"], result.State[0], 1e-6);
        Tensors.AssertClose(states["1.running_var"], result.State[1], 1e-6);
    }

    /// <summary>Of f(x) = a·tanh(b·x), the penalty (∂f/∂x)² and its gradient have a formula.</summary>
    [Fact]
    public void A_gradient_penalty_has_the_gradient_of_its_formula()
    {
        using var scope = NewDisposeScope();
        var net = Custom("f", m =>
        {
            var (a, b) = (m.Weight("a", [1, 1]), m.Weight("b", [1, 1]));
            return ([1], (pass, x) => pass[a] * (pass[b] * x).tanh());
        }).Fit(1);
        var model = net.Model(new float[] { 1.5f, 0.7f }, []);
        var x = tensor(new[] { 0.3f, -1.1f, 2f }).unsqueeze(1);
        var result = Backpropagation.ValueAndGrad(model, new(x, x), (seen, batch) =>
        {
            var inputs = batch.Inputs.detach().requires_grad_();
            return Gradient.Of(seen.Apply(inputs).sum(), inputs).square().squeeze(1);
        });
        double A = 1.5, B = 0.7;
        double[] xs = [0.3, -1.1, 2];
        double Penalty(double a, double b) => xs.Sum(v => Math.Pow(a * b * (1 - Math.Pow(Math.Tanh(b * v), 2)), 2));
        Assert.Equal(Penalty(A, B), result.LossSum.item<float>(), 1e-5);
        Assert.Equal((Penalty(A + 1e-6, B) - Penalty(A - 1e-6, B)) / 2e-6, result.Gradient[0].item<float>(), 1e-4);
        Assert.Equal((Penalty(A, B + 1e-6) - Penalty(A, B - 1e-6)) / 2e-6, result.Gradient[1].item<float>(), 1e-4);
    }

    [Fact]
    public void Gradient_of_refuses_what_would_end_the_process()
    {
        using var scope = NewDisposeScope();
        var x = ones(3).requires_grad_();
        Assert.StartsWith("x: want a tensor that requires a gradient", Assert.Throws<ArgumentException>(() => Gradient.Of(x.sum(), ones(3))).Message);
        Assert.StartsWith("y: want a scalar that depends on x, got [3]", Assert.Throws<ArgumentException>(() => Gradient.Of(x * 2, x)).Message);
        Assert.StartsWith("y: want a scalar that depends on x", Assert.Throws<ArgumentException>(() => Gradient.Of(ones(1).sum(), x)).Message);
        Assert.StartsWith("y: want a scalar that depends on x",
            Assert.Throws<ArgumentException>(() => Gradient.Of(ones(2).requires_grad_().sum(), x)).Message);
        Tensors.AssertClose(ones(3) * 2, Gradient.Of((x * 2).sum(), x), 0);
    }

    [Fact]
    public void A_penalty_with_batch_norm_trains_and_keeps_no_tensor()
    {
        var data = Data;
        var recipe = Recipe with
        {
            Objective = Objective.Sum(("fit", CrossEntropy), ("penalty", (model, batch) =>
            {
                var x = batch.Inputs.detach().requires_grad_();
                return Gradient.Of(Losses.CrossEntropy(model.Apply(x), batch.Targets).sum(), x).square().sum(1);
            }
            )),
        };
        var row = Training.Epochs(recipe, data).First();
        var before = Tensors.Live;
        row = Training.Epochs(recipe, data).Last();
        Assert.Equal(before, Tensors.Live);
        Assert.Equal(row.TestLoss, row.Test["fit"] + row.Test["penalty"], 1e-5);
        Assert.InRange(row.Test["penalty"], 1e-9, 10);
    }

    static Layer Gan { get; } = Custom("Gan", m =>
    {
        m.Layer("generator", Dense(8) >> BatchNorm() >> Relu >> Dense(50), 4);
        var critic = m.Layer("critic", Dense(8) >> LeakyRelu >> Dense(1), m.Input);
        return (critic.Output, (pass, x) => pass.Apply(critic, x));
    });

    static Tensor Softplus(Tensor x) => nn.functional.softplus(x).squeeze(1);

    static Tensor Fake(ModelPass model, Batch batch) => model.Apply(model.Part("generator"), TorchRandom.Seeded(batch.Count).Normal([batch.Count, 4]).Numbers);

    static Player Critic { get; } = new("critic", (model, batch) =>
        Softplus(-model.Apply(batch.Inputs)) + Softplus(model.Apply(model.Part("critic"), Fake(model, batch).detach())))
    { Optimizer = Optimizers.Adam(3e-3) };

    static Player Generator { get; } = new("generator", (model, batch) => Softplus(-model.Apply(model.Part("critic"), Fake(model, batch))));

    /// <summary>Two modules and two optimizers, as every PyTorch tutorial trains them.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Two_players_learn_as_two_modules_with_two_optimizers(bool atOnce)
    {
        using var scope = NewDisposeScope();
        var data = Data;
        var recipe = new Recipe(Gan, Objective.Play(Critic, Generator) with { AtOnce = atOnce }, Optimizers.Sgd(0.05)) { BatchSize = 32 };
        var state = Training.Begin(recipe, data);
        torch.random.manual_seed(0);
        using var generator = nn.Sequential(("0", nn.Linear(4, 8)), ("1", nn.BatchNorm1d(8)), ("2", nn.ReLU()), ("3", nn.Linear(8, 50)));
        using var critic = nn.Sequential(("0", nn.Linear(50, 8)), ("1", nn.LeakyReLU(0.01)), ("2", nn.Linear(8, 1)));
        using var ofCritic = optim.Adam(critic.parameters(), 3e-3);
        using var ofGenerator = optim.SGD(generator.parameters(), 0.05);
        foreach (var range in new[] { 0..32, 32..64, 64..96 })
        {
            var batch = Batches.Cut(data.Train, range);
            state = Training.Step(recipe, state, batch);
            Tensor Noise() => TorchRandom.Seeded(batch.Count).Normal([batch.Count, 4]).Numbers;
            critic.zero_grad();
            (Softplus(-critic.call(batch.Inputs)) + Softplus(critic.call(generator.call(Noise()).detach()))).mean().backward();
            var gradients = critic.parameters().Select(p => p.grad!.clone()).ToList();
            if (!atOnce) ofCritic.step();
            critic.zero_grad();
            generator.zero_grad();
            Softplus(-critic.call(generator.call(Noise()))).mean().backward();
            ofGenerator.step();
            if (!atOnce) continue;
            foreach (var (p, g) in critic.parameters().Zip(gradients)) p.grad = g;
            ofCritic.step();
        }
        Tensors.AssertClose(cat([.. generator.parameters().Concat(critic.parameters()).Select(p => p.detach().flatten())]), state.Model.Flat, 1e-5);
        Tensors.AssertClose(generator.state_dict()["1.running_mean"], state.Model.State[0], 1e-6);
    }

    [Fact]
    public void Players_resume_to_the_bit_and_are_in_the_record()
    {
        var data = Data;
        var recipe = new Recipe(Gan, Objective.Play(Critic, Generator), Optimizers.Adam(1e-3)) { BatchSize = 32, Epochs = 3 };
        var whole = Training.Epochs(recipe, data).ToList();
        var half = Training.Epochs(recipe with { Epochs = 1 }, data).Single().State;
        var resumed = Training.Epochs(recipe, data, half).ToList();
        Assert.Equal(whole[2].State!.Parameters, resumed[^1].State!.Parameters);
        Assert.Equal(whole[2].Test, resumed[^1].Test);
        Assert.Equal(whole[2].TestLoss, whole[2].Test["critic"] + whole[2].Test["generator"], 1e-5);
        Assert.Equal($"critic: own, {Optimizers.Adam(3e-3).Text}; generator: own", recipe.Text["players"]);
    }

    [Fact]
    public void A_player_without_a_part_is_refused_at_once() =>
        Assert.Contains("part: want one of 0, 0.generator, 0.generator.0",
            Assert.Throws<ArgumentException>(() => Training.Epochs(new(Gan, Objective.Play(Critic with { Name = "judge" }), Optimizers.Sgd(1)), Data)).Message);

    [Fact]
    public void A_part_is_a_model_of_its_own()
    {
        using var scope = NewDisposeScope();
        var model = Gan.Fit(50).Init(TorchRandom.Seeded(1)).Model;
        var (z, part) = (Tensors.Normal(4, 3, 4), model.Part("generator"));
        Assert.Equal([3, 50], part.Apply(z).shape);
        Tensors.AssertClose(model.Part("critic.2").Apply(Tensors.Normal(5, 2, 8)),
            nn.functional.linear(Tensors.Normal(5, 2, 8), model.Part("critic.2").Flat[..8].view(1, 8), model.Flat.narrow(0, model.Net.Count - 1, 1)), 1e-6);
    }
}
