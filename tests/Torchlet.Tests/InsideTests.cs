using System.Collections.Immutable;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Looking inside a model: outputs of its layers, its halves, and dropout alone.</summary>
public sealed class InsideTests
{
    [Fact]
    public void Taps_are_the_outputs_of_the_layers_and_of_those_inside_them()
    {
        using var scope = NewDisposeScope();
        var twice = Custom("Twice", m =>
        {
            var f = m.Layer("f", Dense(6) >> Tanh, m.Input);
            return (m.Input, Forward);

            Tensor Forward(LayerPass pass, Tensor x)
            {
                using var inner = NewDisposeScope();
                return pass.Apply(f, pass.Apply(f, x)).MoveToOuterDisposeScope();
            }
        });
        var (model, x) = (Drawn(Dense(6).As("fc1") >> Residual(Relu >> Dense(6).As("in")) >> Dropout(0.5) >> twice >> Dense(2), 4), Tensors.Normal(1, 5, 4));
        var taps = model.Taps(x);
        Assert.Equal(["fc1", "1.0", "1.in", "1", "2", "3.f.0", "3.f.1", "3.f", "3.f.0", "3.f.1", "3.f", "3", "4"], taps.Select(tap => tap.Name));
        var parameters = model.Named.ToDictionary(p => p.Name, p => p.Values);
        var hidden = Affine(x, "fc1");
        Tensors.AssertClose(hidden, taps[0].Output, 1e-6);
        Tensors.AssertClose(hidden.relu(), taps[1].Output, 1e-6);
        Tensors.AssertClose(hidden + Affine(hidden.relu(), "1.in"), taps[3].Output, 1e-6);
        Assert.Same(taps[3].Output, taps[4].Output);
        Tensors.AssertClose(Affine(taps[3].Output, "3.f.0").tanh(), taps[7].Output, 1e-6);
        Tensors.AssertClose(Affine(taps[7].Output, "3.f.0").tanh(), taps[11].Output, 1e-6);
        Tensors.AssertClose(model.Apply(x), taps[^1].Output, 0);

        Tensor Affine(Tensor x, string name) => TorchSharp.torch.nn.functional.linear(x, parameters[$"{name}.weight"], parameters[$"{name}.bias"]);
    }

    [Fact]
    public void Taps_belong_to_the_callers_scope_and_the_inputs_stay_the_callers()
    {
        using var outer = NewDisposeScope();
        var (model, x) = (Drawn(Dropout(0.5) >> BatchNorm() >> Relu, 4), Tensors.Normal(1, 5, 4));
        _ = model.Taps(x);
        var live = outer.DisposablesCount;
        IReadOnlyList<(string Name, Tensor Output)> taps;
        using (var scope = NewDisposeScope())
        {
            taps = model.Taps(x);
            Assert.Equal(taps.Count, scope.DisposablesCount);
            Assert.NotSame(x, taps[0].Output);
        }
        Assert.Equal(live, outer.DisposablesCount);
        Assert.All(taps, tap => Assert.True(tap.Output.IsInvalid));
        Assert.Equal(20, x.numel());
    }

    [Fact]
    public void The_output_can_be_differentiated_by_a_tap()
    {
        using var scope = NewDisposeScope();
        var (model, x) = (Drawn(Conv(3, 3) >> Relu >> GlobalAvgPool >> Dense(2), 1, 6, 6), Tensors.Normal(1, 4, 1, 6, 6).requires_grad_());
        var taps = model.Taps(x);
        var maps = taps.Single(tap => tap.Name == "1").Output;
        maps.retain_grad();
        taps[^1].Output.select(1, 1).sum().backward();
        var weight = model.Named.Single(p => p.Name == "3.weight").Values[1];
        Tensors.AssertClose((weight / 16).view(1, 3, 1, 1).expand(4, 3, 4, 4), maps.grad!, 1e-6);
    }

    [Fact]
    public void Taps_see_the_pass_that_they_are_asked_for()
    {
        using var scope = NewDisposeScope();
        var (model, x) = (Drawn(BatchNorm() >> Dropout(0.5), 4), Tensors.Normal(1, 9, 4) * 3);
        var trained = model.Taps(x, Pass.Training(TorchRandom.Seeded(2)));
        Tensors.AssertClose(zeros(4), trained[0].Output.mean([0]), 1e-5);
        Tensors.AssertClose(ones(4), trained[0].Output.std(0, unbiased: false), 1e-3);
        Assert.NotEqual(0, trained[1].Output.eq(0).sum().item<long>());
    }

    [Theory, InlineData(0), InlineData(2), InlineData(4), InlineData(7)]
    public void The_halves_of_a_model_compute_what_the_whole_does_with_its_states(int at)
    {
        using var scope = NewDisposeScope();
        var layer = Conv(3, 3) >> BatchNorm() >> Relu >> Residual(BatchNorm() >> Relu) >> Flatten >> BatchNorm().As("norm") >> Dense(2);
        var (drawn, x) = (Drawn(layer, 1, 5, 5), Tensors.Normal(1, 4, 1, 5, 5));
        var model = drawn with { State = [.. drawn.State.Select((s, i) => s + 0.1 * (i + 1))] };
        var (first, second) = model.Cut(at);
        Assert.Equal(layer.Text, string.Join(" >> ", new[] { first, second }.SelectMany(half => half.Net.Layers).Select(l => l.Call.Text)));
        Assert.Equal(model.Net.Count, first.Net.Count + second.Net.Count);
        Tensors.AssertClose(model.Apply(x), second.Apply(first.Apply(x)), 0);
        Tensors.AssertClose(cat([.. model.State]), cat([.. first.State, .. second.State]), 0);
        first.Flat.Dispose();
        foreach (var state in first.State.Concat(second.State)) state.Dispose();
        model.Apply(x).Dispose();
    }

    [Fact]
    public void A_model_is_cut_at_a_name_or_from_the_end()
    {
        using var scope = NewDisposeScope();
        var model = Drawn(Dense(3).As("fc1") >> Relu >> Dense(2).As("fc2"), 4);
        Assert.Equal((2, 1), Lengths(model.Cut("fc2")));
        Assert.Equal((2, 1), Lengths(model.Cut(^1)));
        Assert.Equal((1, 2), Lengths(model.Cut("1")));
        Assert.Equal("name: want one of fc1, 1, fc2, got 'fc3'. (Parameter 'name')", Assert.Throws<ArgumentException>(() => model.Cut("fc3")).Message);
        Assert.Contains("at: want a place from 0 to 3, got 4.", Assert.Throws<ArgumentException>(() => model.Cut(4)).Message);
        Assert.Contains("at: want a place from 0 to 3, got -1.", Assert.Throws<ArgumentException>(() => model.Cut(^4)).Message);

        static (int, int) Lengths((Model First, Model Second) halves) => (halves.First.Net.Layers.Length, halves.Second.Net.Layers.Length);
    }

    [Fact]
    public void In_a_pass_of_dropout_only_dropout_drops_and_batch_norm_keeps_to_its_running_statistics()
    {
        using var scope = NewDisposeScope();
        var seen = new List<bool>();
        var watch = Custom("Watch", m => (m.Input, (pass, x) => { seen.Add(pass.IsTraining); return x * 1; }));
        var (model, x) = (Drawn(BatchNorm() >> Dropout(0.5) >> watch, 40), Tensors.Normal(1, 9, 40) * 3 + 1);
        random.manual_seed(5);
        var dropout = TorchSharp.torch.nn.Dropout(0.5);
        var scaled = x / Math.Sqrt(1 + 1e-5);
        var (one, next) = model.Apply(x, Pass.DropoutOnly(TorchRandom.Seeded(5)));
        Tensors.AssertClose(dropout.call(scaled), one, 1e-5);
        Tensors.AssertClose(dropout.call(scaled), model.Apply(x, next).Output, 1e-5);
        Assert.All(seen, isTraining => Assert.False(isTraining));
        Assert.Equal((true, true, false), (Pass.Training(TorchRandom.Seeded(1)).HasDropout, next.HasDropout, Pass.Evaluation.HasDropout));

        var passed = model.Net.Forward(model.Net.Views(model.Flat), model.State, x, next);
        foreach (var (before, after) in model.State.Zip(passed.State)) Tensors.AssertClose(before, after, 0);
    }

    static Model Drawn(Layer layer, params ImmutableArray<long> input) => layer.Fit(input).Init(TorchRandom.Seeded(1)).Model;
}
