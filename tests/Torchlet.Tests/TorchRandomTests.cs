using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class TorchRandomTests
{
    [Theory, InlineData(0), InlineData(1)]
    public void Initial_parameters_are_those_of_nn_Linear(int seed)
    {
        using var scope = NewDisposeScope();
        var wanted = JsonDocument.Parse(File.ReadLines(Shared.Path("golden", $"mnist_seed{seed}.jsonl")).First()).RootElement.GetProperty("sum_first");
        var named = Mlp.Net([784, 50, 100, 10], Layers.Sigmoid).Init(TorchRandom.Seeded(seed)).Model.Named.ToList();
        Assert.Equal(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"], named.Select(p => p.Name));
        foreach (var (name, values) in named)
        {
            var want = wanted.GetProperty(name).EnumerateArray().Select(e => e.GetDouble()).ToArray();
            Assert.Equal(want[0], values.to_type(ScalarType.Float64).sum().item<double>(), 1e-9);
            Assert.Equal(want[1], values.flatten()[0].item<float>());
        }
    }

    [Fact]
    public void A_draw_leaves_the_generator_as_it_was()
    {
        using var scope = NewDisposeScope();
        var random = TorchRandom.Seeded(7);
        var (first, next) = random.Uniform([5], -1, 1);
        Tensors.AssertClose(first, random.Uniform([5], -1, 1).Numbers, 0);
        Assert.False(first.equal(next.Uniform([5], -1, 1).Numbers).all().item<bool>());
    }

    [Fact]
    public void Draws_are_those_of_the_global_generator()
    {
        using var scope = NewDisposeScope();
        manual_seed(42);
        var want = (empty(6).uniform_(0, 2), randint_long(long.MinValue, long.MaxValue), empty(3).uniform_(0, 1),
            empty(20).normal_(1, 2), empty(50).bernoulli_(0.3));
        var (a, afterA) = TorchRandom.Seeded(42).Uniform([6], 0, 2);
        var (b, afterB) = afterA.Int64();
        var (c, afterC) = afterB.Uniform([3], 0, 1);
        var (d, afterD) = afterC.Normal([20], 1, 2);
        var (e, _) = afterD.Bernoulli(zeros(50), 0.3);
        Tensors.AssertClose(want.Item1, a, 0);
        Assert.Equal((long)((ulong)(want.Item2 - long.MinValue) % (1UL << 63)), b);
        Tensors.AssertClose(want.Item3, c, 0);
        Tensors.AssertClose(want.Item4, d, 0);
        Tensors.AssertClose(want.Item5, e, 0);
    }

    [Fact]
    public void A_permutation_holds_every_number_once()
    {
        using var scope = NewDisposeScope();
        var order = TorchRandom.Permutation(1000, 5);
        Tensors.AssertClose(arange(1000), order.sort().Values, 0);
        Tensors.AssertClose(order, TorchRandom.Permutation(1000, 5), 0);
        Assert.False(order.equal(TorchRandom.Permutation(1000, 6)).all().item<bool>());
    }
}
