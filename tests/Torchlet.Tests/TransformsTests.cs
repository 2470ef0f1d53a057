using System.Collections.Immutable;
using TorchSharp;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Every transform against libtorch's optimizers, or its formula in float64, and on two functions whose minimum is known.</summary>
public class TransformsTests
{
    const double Rate = 1e-2;

    delegate optim.Optimizer Reference(TorchSharp.Modules.Parameter parameter);

    static readonly Dictionary<string, (Transform Ours, Reference Theirs)> Peers = new()
    {
        ["sgd"] = (Optimizers.Sgd(Rate), p => optim.SGD([p], Rate)),
        ["momentum"] = (Optimizers.WithMomentum(Rate), p => optim.SGD([p], Rate, momentum: 0.9)),
        ["nesterov"] = (Optimizers.WithMomentum(Rate, nesterov: true), p => optim.SGD([p], Rate, momentum: 0.9, nesterov: true)),
        ["weight decay as L2"] = (Chain(AddDecayedWeights(0.1), Momentum(0.9), ScaleByLearningRate(Rate)),
            p => optim.SGD([p], Rate, momentum: 0.9, weight_decay: 0.1)),
        ["adam"] = (Optimizers.Adam(Rate), p => optim.Adam([p], Rate)),
        ["adam with a large epsilon"] = (Optimizers.Adam(Rate, epsilon: 0.5), p => optim.Adam([p], Rate, eps: 0.5)),
        ["adam with other numbers"] = (Optimizers.Adam(Rate, 0.8, 0.99, 1e-4), p => optim.Adam([p], Rate, 0.8, 0.99, 1e-4)),
        ["adamw"] = (Optimizers.AdamW(Rate, decay: 0.1), p => optim.AdamW([p], Rate, weight_decay: 0.1)),
        ["rmsprop"] = (Optimizers.RmsProp(Rate), p => optim.RMSProp([p], Rate)),
        ["adagrad"] = (Optimizers.Adagrad(Rate), p => optim.Adagrad([p], Rate)),
        ["nadam"] = (Optimizers.NAdam(Rate), p => optim.NAdam([p], Rate)),
        ["nadam with other numbers"] = (Optimizers.NAdam(Rate, 0.8, 0.99, 1e-4, 0.1), p => optim.NAdam([p], Rate, 0.8, 0.99, 1e-4, momentum_decay: 0.1)),
        ["adadelta"] = (Optimizers.Adadelta(1.0), p => optim.Adadelta([p], 1.0)),
    };

    public static TheoryData<string> PeerNames => [.. Peers.Keys];

    [Theory, MemberData(nameof(PeerNames))]
    public void Two_hundred_steps_end_where_libtorchs_optimizer_ends(string name)
    {
        using var scope = NewDisposeScope();
        var ((transform, theirs), start) = (Peers[name], Tensors.Normal(2, 200));
        var parameter = new TorchSharp.Modules.Parameter(start.clone());
        using var reference = theirs(parameter);
        var end = Walk(transform, start, Wavy, steps: 200, () =>
        {
            reference.zero_grad();
            Wavy(parameter).backward();
            reference.step();
        });
        Assert.True((end - start).abs().max().item<float>() > 0.01);
        Tensors.AssertClose(parameter.detach(), end, 2e-5);
    }

    public static TheoryData<string> Names => [.. Optimizers.All.Select(o => o.Name)];

    // The learning rates with which each gets down a bowl and a bent valley.
    static double Steep(string name) => name switch { "adadelta" => 300, "adagrad" => 1, "lion" => 0.02, "rmsprop" => 0.02, _ => 0.1 };

    [Theory, MemberData(nameof(Names))]
    public void It_finds_the_bottom_of_a_parabola(string name)
    {
        using var scope = NewDisposeScope();
        var rate = Schedules.Cosine(Steep(name), 1000);
        var end = Walk(Optimizers.Named(name)(rate), tensor(new[] { 5f, -3f }), x => x.square().sum(), steps: 1000);
        Tensors.AssertClose(zeros(2), end, 1e-2);
    }

    [Theory, MemberData(nameof(Names))]
    public void It_gets_down_Rosenbrocks_valley(string name)
    {
        using var scope = NewDisposeScope();
        static Tensor Rosenbrock(Tensor x) => (x[1] - x[0].square()).square() * 100 + (x[0] - 1).square();
        var rate = name switch
        {
            "adadelta" => 5,
            "adagrad" => 1,
            "sgd" => 1e-3,
            "momentum" or "nesterov" => 2e-4,
            "lion" or "rmsprop" => 0.01,
            "radam" => 4e-3,
            _ => 0.02,
        };
        var start = tensor(new[] { -1f, 1f });
        var end = Walk(Optimizers.Named(name)(Schedules.Cosine(rate, 3000)), start, Rosenbrock, steps: 3000);
        Assert.True(Rosenbrock(end).item<float>() < 0.05 * Rosenbrock(start).item<float>(), $"{name}: {Rosenbrock(end).item<float>()}");
    }

    [Theory, MemberData(nameof(Names))]
    public void A_step_leaves_gradient_parameters_and_state_as_they_were(string name)
    {
        using var scope = NewDisposeScope();
        var transform = Chain(ClipByGlobalNorm(1), AddDecayedWeights(0.1), Optimizers.Named(name)(0.1), AverageParameters());
        Untouched(Optimizers.Named(name)(0.1));
        Untouched(transform);
        Untouched(Lookahead(transform, steps: 2));
        Untouched(Accumulate(2, transform));

        static void Untouched(Transform transform)
        {
            var p = Some(Tensors.Normal(2, 20));
            var gradient = Tensors.Normal(1, 20);
            var (_, state) = transform.Step(gradient, p, OptimizerState.Of(transform, p));
            Tensor[] given = [gradient, p.Flat, .. state.Tensors];
            var before = given.Select(t => t.clone()).ToList();
            transform.Step(gradient, p, state);
            foreach (var (want, got) in before.Zip(given)) Tensors.AssertClose(want, got, 0);
        }
    }

    [Fact]
    public void Lion_is_its_formula()
    {
        using var scope = NewDisposeScope();
        var (m, p64) = (zeros(20, ScalarType.Float64), Tensors.Normal(2, 20).to_type(ScalarType.Float64));
        for (var step = 0; step < 50; step++)
        {
            var g = (p64 - 1) * 2;
            p64 = p64 - ((m * 0.9 + g * 0.1).sign() + p64 * 0.1) * 0.01;
            m = m * 0.99 + g * 0.01;
        }
        var end = Walk(Optimizers.Lion(0.01, decay: 0.1), Tensors.Normal(2, 20), x => (x - 1).square().sum(), steps: 50);
        Tensors.AssertClose(p64, end, 1e-5);
    }

    // TorchSharp's RAdam gives other numbers than PyTorch's; the golden run is PyTorch's.
    [Theory, InlineData(0.9, 0.999, 1e-8), InlineData(0.8, 0.99, 1e-4)]
    public void RAdam_is_its_formula(double beta1, double beta2, double epsilon)
    {
        using var scope = NewDisposeScope();
        var (m, v, p64) = (zeros(20, ScalarType.Float64), zeros(20, ScalarType.Float64), Tensors.Normal(2, 20).to_type(ScalarType.Float64));
        var most = 2 / (1 - beta2) - 1;
        for (var t = 1; t <= 50; t++)
        {
            var g = (p64 - 1) * 2;
            (m, v) = (m * beta1 + g * (1 - beta1), v * beta2 + g * g * (1 - beta2));
            var (c1, c2) = (1 - Math.Pow(beta1, t), 1 - Math.Pow(beta2, t));
            var length = most - 2 * t * Math.Pow(beta2, t) / c2;
            var r = length > 5 ? Math.Sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)) : 0;
            p64 = p64 - (length > 5 ? m / c1 * r / (v.sqrt() + epsilon) * Math.Sqrt(c2) : m / c1) * 0.01;
        }
        var end = Walk(Optimizers.RAdam(0.01, beta1, beta2, epsilon), Tensors.Normal(2, 20), x => (x - 1).square().sum(), steps: 50);
        Tensors.AssertClose(p64, end, 1e-5);
    }

    [Fact]
    public void Chaining_is_associative_and_an_empty_chain_changes_nothing()
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (ClipByValue(0.5), ScaleByAdam(), ScaleByLearningRate(0.1));
        var start = Tensors.Normal(2, 20);
        Tensors.AssertClose(Walk(Chain(Chain(a, b), c), start, Wavy, 20), Walk(Chain(a, Chain(b, c)), start, Wavy, 20), 0);
        Tensors.AssertClose(Walk(Chain(a, b, c), start, Wavy, 20), Walk(Chain(Chain(), a, b, c), start, Wavy, 20), 0);
        var g = Tensors.Normal(1, 20);
        Tensors.AssertClose(g, Chain().Step(g, Some(g), new(0, [])).Update, 0);
    }

    [Fact]
    public void Clipping_by_the_global_norm_is_libtorchs()
    {
        using var scope = NewDisposeScope();
        foreach (var size in new[] { 0.01f, 10f })
        {
            var g = Tensors.Normal(1, 20) * size;
            var parameter = new TorchSharp.Modules.Parameter(zeros(20));
            parameter.grad = g.clone();
            nn.utils.clip_grad_norm_([parameter], 1);
            Tensors.AssertClose(parameter.grad, One(ClipByGlobalNorm(1), g), 1e-6);
        }
        Tensors.AssertClose(tensor(new[] { -0.5f, 0.25f, 0.5f }), One(ClipByValue(0.5), tensor(new[] { -3f, 0.25f, 2f })), 0);
    }

    [Fact]
    public void Only_the_parameters_chosen_are_touched()
    {
        using var scope = NewDisposeScope();
        var (model, _) = Mlp.Net([3, 2, 2], Layers.Relu).Init(TorchRandom.Seeded(1));
        var p = ParameterVector.Of(model);
        var g = zeros_like(p.Flat);
        var decayed = AddDecayedWeights(0.5, only: Slot.IsWeight).Step(g, p, new(0, [])).Update;
        foreach (var ((slot, got), (_, value)) in model.Net.Parameters.Zip(model.Net.Views(decayed)).Zip(model.Named))
            Tensors.AssertClose(Slot.IsWeight(slot) ? value * 0.5 : zeros_like(value), got, 1e-7);

        var update = One(Only(s => s.Name.StartsWith("fc2"), Chain(Momentum(0.9), Scale(3))), ones_like(p.Flat), p);
        Tensors.AssertClose(cat([ones(8), ones(6) * 3]), update, 0);
        Tensors.AssertClose(cat([zeros(8), ones(6)]), One(Freeze(s => s.Name.StartsWith("fc1")), ones_like(p.Flat), p), 0);
        Tensors.AssertClose(ones_like(p.Flat), One(Only(_ => false, Scale(3)), ones_like(p.Flat), p), 0);
    }

    [Fact]
    public void Accumulated_steps_are_one_step_on_their_mean()
    {
        using var scope = NewDisposeScope();
        var transform = Accumulate(3, Optimizers.Adam(0.1));
        var p = Some(Tensors.Normal(2, 20));
        var state = OptimizerState.Of(transform, p);
        var gradients = Enumerable.Range(0, 6).Select(i => Tensors.Normal(i, 20)).ToList();
        var want = Optimizers.Adam(0.1);
        var wantState = OptimizerState.Of(want, p);
        foreach (var (i, g) in gradients.Index())
        {
            (var update, state) = transform.Step(g, p, state);
            if (i % 3 != 2)
            {
                Tensors.AssertClose(zeros(20), update, 0);
                continue;
            }
            (var wanted, wantState) = want.Step((gradients[i - 2] + gradients[i - 1] + g) / 3, p, wantState);
            Tensors.AssertClose(wanted, update, 1e-6);
        }
    }

    [Fact]
    public void Lookahead_goes_half_way_back_to_where_it_was_every_few_steps()
    {
        using var scope = NewDisposeScope();
        var start = Tensors.Normal(2, 20);
        var fast = Walk(Optimizers.Sgd(0.1), start, Wavy, steps: 5);
        Tensors.AssertClose(start + (fast - start) * 0.5, Walk(Lookahead(Optimizers.Sgd(0.1)), start, Wavy, steps: 5), 1e-6);
        Tensors.AssertClose(Walk(Optimizers.Sgd(0.1), start, Wavy, 4), Walk(Lookahead(Optimizers.Sgd(0.1)), start, Wavy, steps: 4), 1e-6);
    }

    [Fact]
    public void An_average_follows_the_parameters()
    {
        using var scope = NewDisposeScope();
        var transform = Chain(Optimizers.Sgd(0.1), AverageParameters(0.9));
        var p = Tensors.Normal(2, 20);
        var (state, want) = (OptimizerState.Of(transform, Some(p)), p.clone());
        for (var step = 0; step < 10; step++)
        {
            (var update, state) = transform.Step(Gradient.ValueAndGrad(Wavy)(p).Gradient, Some(p), state);
            p = p + update;
            want = want * 0.9 + p * 0.1;
        }
        Tensors.AssertClose(want, transform.Average!(state.Tensors), 1e-5);
        Assert.Same(state.Tensors[0], Lookahead(transform).Average!([p, .. state.Tensors]));
    }

    [Theory, InlineData(1, 0), InlineData(3, 0), InlineData(2, 5)]
    public void The_mean_of_the_parameters_is_that_of_every_few_steps(int every, int after)
    {
        using var scope = NewDisposeScope();
        var transform = Chain(Optimizers.Sgd(0.1), MeanOfParameters(every, after));
        var (p, seen) = (Tensors.Normal(2, 20), new List<Tensor>());
        var state = OptimizerState.Of(transform, Some(p));
        for (var step = 1; step <= 12; step++)
        {
            (var update, state) = transform.Step(Gradient.ValueAndGrad(Wavy)(p).Gradient, Some(p), state);
            p = p + update;
            if (step > after && (step - after) % every == 0) seen.Add(p.to_type(ScalarType.Float64));
            Tensors.AssertClose(seen.Count == 0 ? p : stack(seen).mean([0]), transform.Average!(state.Tensors), 1e-6);
        }
        Assert.Equal($"Sgd(0.1) >> MeanOfParameters({every}, {after})", transform.Text);
    }

    [Fact]
    public void A_state_that_is_given_back_as_it_is_lives_on()
    {
        // Every second step alone changes the state: what a gradient that is accumulated, or a slow average, does.
        var sometimes = new Transform(1, (g, _, t, m) => t % 2 == 0 ? (g, [m[0] + g]) : (g, m));
        var recipe = new Recipe(Layers.Dense(10), Objective.Classify(), Chain(sometimes, ScaleByLearningRate(1e-3))) { Epochs = 2, BatchSize = 100 };
        var data = Tensors.SmallData();
        var before = Tensors.Live;
        Assert.Equal(2, Training.Epochs(recipe, data).Count());
        Assert.Equal(before, Tensors.Live);
    }

    [Fact]
    public void What_a_transform_gives_back_wrongly_is_said()
    {
        using var scope = NewDisposeScope();
        var p = Some(ones(3));
        string Message(Transform t) => Assert.Throws<ArgumentException>(() => t.Step(ones(3), p, OptimizerState.Of(t, p))).Message;
        Assert.Contains("update: want [3], got [1]", Message(new((_, _, _) => ones(1))));
        Assert.Contains("want 2 states back, got 1", Message(new(2, (g, _, _, m) => (g, m[..1]))));
        Assert.Contains("want adam, sgd", Assert.Throws<ArgumentException>(() => Optimizers.Named("Adam")).Message);
    }

    static Tensor Wavy(Tensor p) => ((p - 0.5).square() * p.cos()).sum();

    static ParameterVector Some(Tensor flat) => new(flat, [new("p", [flat.size(0)], null!)]);

    static Tensor One(Transform transform, Tensor gradient, ParameterVector? p = null) =>
        transform.Step(gradient, p ?? Some(zeros_like(gradient)), OptimizerState.Of(transform, p ?? Some(zeros_like(gradient)))).Update;

    static Tensor Walk(Transform transform, Tensor start, Func<Tensor, Tensor> f, int steps, Action? beside = null)
    {
        using var scope = NewDisposeScope();
        var (p, state) = (start, OptimizerState.Of(transform, Some(start)));
        for (var step = 0; step < steps; step++)
        {
            (var update, state) = transform.Step(Gradient.ValueAndGrad(f)(p).Gradient, Some(p), state);
            p = p + update;
            beside?.Invoke();
        }
        return p.MoveToOuterDisposeScope();
    }
}
