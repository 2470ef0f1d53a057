using TorchSharp.Modules;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Frozen parameters take no part in a training, wherever <c>Freeze</c> is in the chain; PyTorch is the truth.</summary>
public class FrozenTests
{
    static bool First(Slot slot) => slot.Name.StartsWith("fc1");

    public static TheoryData<string> Chains => ["clip first", "freeze first", "accumulated", "in between"];

    [Theory, MemberData(nameof(Chains))]
    public void A_norm_leaves_frozen_parameters_out_as_in_PyTorch(string way)
    {
        using var scope = NewDisposeScope();
        var (model, _) = Mlp.Net([3, 2, 2], Layers.Relu).Init(TorchRandom.Seeded(1));
        var p = ParameterVector.Of(model);
        var g = Tensors.Normal(3, p.Flat.numel()) * 10;
        Transform[] parts = way switch
        {
            "freeze first" => [Freeze(First), ClipByGlobalNorm(1), Momentum(), ScaleByLearningRate(0.1)],
            "in between" => [ClipByGlobalNorm(1), Freeze(First), Momentum(), ScaleByLearningRate(0.1)],
            _ => [ClipByGlobalNorm(1), Momentum(), ScaleByLearningRate(0.1), Freeze(First)],
        };
        var chain = way == "accumulated" ? Accumulate(1, Chain([.. parts])) : Chain([.. parts]);
        var (frozen, trained) = (new Parameter(p.Flat[..8].clone(), requires_grad: false), new Parameter(p.Flat[8..].clone()));
        var (optimizer, state) = (optim.SGD([trained], 0.1, momentum: 0.9), OptimizerState.Of(chain, p));
        foreach (var _ in Enumerable.Range(0, 3))
        {
            trained.grad = g[8..].clone();
            nn.utils.clip_grad_norm_([frozen, trained], 1);
            optimizer.step();
            (var update, state) = chain.Step(g, p, state);
            p = p with { Flat = p.Flat + update };
            Tensors.AssertClose(cat([frozen, trained]), p.Flat, 1e-6);
        }
        Tensors.AssertClose(model.Flat[..8], p.Flat[..8], 0);
    }

    [Fact]
    public void The_gradient_that_is_given_stays_and_another_update_drops_the_freeze()
    {
        using var scope = NewDisposeScope();
        var p = ParameterVector.Of(Mlp.Net([3, 2, 2], Layers.Relu).Init(TorchRandom.Seeded(1)).Model);
        var (g, chain) = (ones_like(p.Flat), Chain(Scale(2), Freeze(First)));
        Tensors.AssertClose(cat([zeros(8), ones(6) * 2]), chain.Step(g, p, new(0, [])).Update, 0);
        Tensors.AssertClose(ones_like(p.Flat), g, 0);
        Tensors.AssertClose(ones_like(p.Flat), (chain with { Update = (x, _, _, s) => (x, s) }).Step(g, p, new(0, [])).Update, 0);
        Assert.Equal("Scale(2) >> Freeze(own)", chain.Text);
        // Only parameters that both choose are frozen.
        Tensors.AssertClose(cat([zeros(8), ones(6)]), Only(First, Freeze(_ => true)).Step(g, p, new(0, [])).Update, 0);
    }

    [Fact]
    public void States_that_no_checkpoint_can_hold_are_refused_before_the_first_step()
    {
        var data = Tensors.SmallData(60, 20);
        Exception Error(Transform optimizer) => Assert.ThrowsAny<ArgumentException>(() =>
            Training.Epochs(new(Layers.Dense(10), Objective.Classify(), optimizer) { BatchSize = 20 }, data, progress: new Fails()).Count());
        var counter = new Transform(1, _ => [zeros(1, ScalarType.Int64)], (g, _, _, state) => (g.neg(), [state[0] + 1]));
        Assert.StartsWith("optimizer own: state: want Float32, got Int64.", Error(counter).Message);
        Assert.StartsWith("optimizer own: want 2 states back, got 1.", Error(counter with { States = 2 }).Message);
        Assert.Contains("want a transform without an average", Assert.Throws<ArgumentException>(() => Only(Slot.IsWeight, AverageParameters(0.9))).Message);
    }

    /// <summary>No batch is to be trained.</summary>
    sealed class Fails : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => Assert.Fail("a batch was trained");
    }
}
