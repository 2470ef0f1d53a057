using System.Collections.Immutable;
using TorchSharp;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Recurrent layers, embedding and attention against TorchSharp's own modules after the same seed.</summary>
public class SequenceLayersTests
{
    const int Batch = 6;

    /// <summary>A layer, the shape of an example, and the module with the function that computes the same.</summary>
    static readonly Dictionary<string, (Layer Layer, ImmutableArray<long> Input, Func<(nn.Module Module, Func<Tensor, Tensor> Same)> Make)> Cases = new()
    {
        ["rnn"] = (Recurrent(Rnn(7)), [5, 3], () => nn.RNN(3, 7, batchFirst: true) is var m ? (m, x => m.call(x, null).Item1[.., -1]) : default),
        ["rnn, both ways, all steps"] = (Recurrent(Rnn(7), sequence: true, bidirectional: true), [5, 3],
            () => nn.RNN(3, 7, batchFirst: true, bidirectional: true) is var m ? (m, x => m.call(x, null).Item1) : default),
        ["lstm"] = (Recurrent(Lstm(7)), [5, 3], () => nn.LSTM(3, 7, batchFirst: true) is var m ? (m, x => m.call(x, null).Item1[.., -1]) : default),
        ["lstm, all steps"] = (Recurrent(Lstm(7), sequence: true), [5, 3],
            () => nn.LSTM(3, 7, batchFirst: true) is var m ? (m, x => m.call(x, null).Item1) : default),
        ["lstm, both ways"] = (Recurrent(Lstm(7), bidirectional: true), [5, 3],
            () => nn.LSTM(3, 7, batchFirst: true, bidirectional: true) is var m ? (m, x => Joined(m.call(x, null).Item2)) : default),
        ["gru"] = (Recurrent(Gru(7)), [5, 3], () => nn.GRU(3, 7, batchFirst: true) is var m ? (m, x => m.call(x, null).Item1[.., -1]) : default),
        ["gru, both ways"] = (Recurrent(Gru(7), bidirectional: true), [5, 3],
            () => nn.GRU(3, 7, batchFirst: true, bidirectional: true) is var m ? (m, x => Joined(m.call(x, null).Item2)) : default),
        ["attention"] = (Attention(2), [5, 8], () => nn.MultiheadAttention(8, 2) is var m ? (m, x => Attended(m, x, null)) : default),
        ["causal attention"] = (Attention(4, causal: true), [5, 8], () => nn.MultiheadAttention(8, 4) is var m
            ? (m, x => Attended(m, x, full([5, 5], float.NegativeInfinity).triu(1))) : default),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    static Tensor Joined(Tensor states) => states.transpose(0, 1).flatten(1);

    static Tensor Attended(TorchSharp.Modules.MultiheadAttention module, Tensor x, Tensor? mask) =>
        x.transpose(0, 1) is var t ? module.call(t, t, t, null, false, mask).Item1.transpose(0, 1) : x;

    [Theory, MemberData(nameof(Names))]
    public void Draws_output_and_gradient_are_those_of_TorchSharps_module(string name)
    {
        using var scope = NewDisposeScope();
        var (layer, input, make) = Cases[name];
        random.manual_seed(3);
        var (module, same) = make();
        var next = rand(1).item<float>();
        var (model, random3) = layer.Fit(input).Init(TorchRandom.Seeded(3));
        var theirs = module.named_parameters().ToDictionary(p => $"0.{p.name}", p => p.parameter);
        Assert.Equal(theirs.Keys.Order(StringComparer.Ordinal), model.Net.Parameters.Select(slot => slot.Name).Order(StringComparer.Ordinal));
        foreach (var (parameter, values) in model.Named) Tensors.AssertClose(theirs[parameter], values, 0);
        Assert.Equal(next, random3.Uniform([1], 0, 1).Numbers.item<float>());

        var x = Tensors.Normal(1, [Batch, .. input]);
        var weights = Tensors.Normal(2, [Batch, .. model.Net.Output]);
        var leaf = x.clone().requires_grad_();
        var y = same(leaf);
        (y * weights).sum().backward();
        Tensors.AssertClose(y.detach(), model.Apply(x), 1e-6);
        var gradient = Backpropagation.ValueAndGrad(model, new(x, weights), (z, t) => (z * t).flatten(1).sum(1)).Gradient;
        foreach (var (slot, view) in model.Net.Parameters.Zip(model.Net.Views(gradient))) Tensors.AssertClose(theirs[slot.Name].grad!, view, 1e-5);
        foreach (var pass in model.Net.HasPullback ? new[] { Pass.Evaluation, Pass.Training(random3) } : [])
        {
            var result = model.Net.Forward(model.Net.Views(model.Flat), [], x, pass);
            Tensors.AssertClose(leaf.grad!, result.Pullback!(weights.clone(), model.Net.Views(empty_like(model.Flat)))(), 1e-5);
        }
    }

    [Fact]
    public void An_embedding_draws_and_looks_up_as_nn_Embedding()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        var module = nn.Embedding(11, 4);
        var (model, _) = Embedding(11, 4).Fit(2, 3).Init(TorchRandom.Seeded(3));
        var ids = Tensors.Labels(1, 30, 11).view(5, 2, 3);
        var y = module.call(ids);
        Tensors.AssertClose(y.detach(), model.Apply(ids), 0);
        Tensors.AssertClose(y.detach(), model.Apply(ids.to(int32)), 0);
        var weights = Tensors.Normal(2, y.shape);
        (y * weights).sum().backward();
        var gradient = Backpropagation.ValueAndGrad(model, new(ids, weights), (z, t) => (z * t).flatten(1).sum(1)).Gradient;
        Tensors.AssertClose(module.weight!.grad!, gradient.view(11, 4), 1e-6);

        Assert.Contains("layer 0, Embedding(11, 4): want ids from 0 to 10, got 0 to 11",
            Assert.Throws<ArgumentException>(() => model.Apply(tensor(new long[] { 0, 1, 2, 3, 4, 11 }).view(1, 2, 3))).Message);
        Assert.Contains("want ids, integers from 0 to 10, got Float32", Assert.Throws<ArgumentException>(() => model.Apply(zeros(1, 2, 3))).Message);
    }

    [Fact]
    public void A_table_of_positions_may_be_longer_than_the_text()
    {
        using var scope = NewDisposeScope();
        var (model, _) = Positional(6).Fit(4, 3).Init(TorchRandom.Seeded(3));
        random.manual_seed(3);
        var table = randn(6, 3) * 0.02;
        Assert.Equal([6, 3], model.Net.Parameters[0].Shape);
        Tensors.AssertClose(table, model.Flat.view(6, 3), 1e-9);
        var x = Tensors.Normal(1, 2, 4, 3);
        Tensors.AssertClose(x + table[..4], model.Apply(x), 1e-8);
    }

    [Fact]
    public void A_causal_token_does_not_depend_on_those_after_it()
    {
        using var scope = NewDisposeScope();
        var layer = Residual(Each(LayerNorm()) >> Attention(2, causal: true)) >> Recurrent(Lstm(3), sequence: true);
        var (model, _) = layer.Fit(5, 8).Init(TorchRandom.Seeded(3));
        var x = Tensors.Normal(1, 1, 5, 8);
        var other = x.clone();
        other[.., 3..] += 1;
        Tensors.AssertClose(model.Apply(x)[.., ..3], model.Apply(other)[.., ..3], 1e-6);
        Assert.NotEqual(0, (model.Apply(x)[.., 3] - model.Apply(other)[.., 3]).abs().max().item<float>());
    }
}
