using System.Collections.Immutable;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Layers made of layers, and those that turn, cut or join axes: against TorchSharp's own functions.</summary>
public class CombinatorsTests
{
    /// <summary>Each layer, the shape of an example, and the same by hand: of its parameters and a batch.</summary>
    static readonly Dictionary<string, (Layer Layer, ImmutableArray<long> Input, Func<ImmutableArray<Tensor>, Tensor, Tensor> Same)> Cases = new()
    {
        ["a Dense for each token"] = (Each(Dense(3)), [5, 4], (p, x) => nn.functional.linear(x, p[0], p[1])),
        ["a chain for each token"] = (Each(Dense(3) >> Sigmoid) >> Dense(2), [5, 4],
            (p, x) => nn.functional.linear(nn.functional.linear(x, p[0], p[1]).sigmoid().flatten(1), p[2], p[3])),
        ["a norm for each token"] = (Each(LayerNorm()), [5, 4], (p, x) => nn.functional.layer_norm(x, [4], p[0], p[1], 1e-5)),
        ["a Dense for each token of pairs"] = (Each(Each(Dense(3))), [2, 5, 4], (p, x) => nn.functional.linear(x, p[0], p[1])),
        ["a Dense over the numbers of each row"] = (Each(Dense(3)), [2, 5, 4], (p, x) => nn.functional.linear(x.flatten(2), p[0], p[1])),
        ["shared weights"] = (Repeat(3, Dense(4) >> Tanh), [4],
            (p, x) => Enumerable.Range(0, 3).Aggregate(x, (y, _) => nn.functional.linear(y, p[0], p[1]).tanh())),
        ["heads"] = (FanOut(Dense(3), Relu, Dense(2) >> Tanh), [4],
            (p, x) => cat([nn.functional.linear(x, p[0], p[1]), x.relu(), nn.functional.linear(x, p[2], p[3]).tanh()], 1)),
        ["heads of tokens"] = (FanOut(Each(Dense(3)), Relu), [5, 4], (p, x) => cat([nn.functional.linear(x, p[0], p[1]), x.relu()], 2)),
        ["branches of pictures"] = (FanOut(Conv(2, 1), Relu), [3, 4, 4], (p, x) => cat([nn.functional.conv2d(x, p[0], p[1]), x.relu()], 1)),
        ["a layer for each part"] = (Parallel(Dense(3), Relu), [2, 4], (p, x) => cat([nn.functional.linear(x[.., 0], p[0], p[1]), x[.., 1].relu()], 1)),
        ["patches"] = (Reshape(2, 3, 2, 3) >> Permute(0, 2, 1, 3) >> Reshape(4, 9) >> Each(Dense(2)), [1, 6, 6],
            (p, x) => nn.functional.linear(x.view(-1, 2, 3, 2, 3).transpose(2, 3).reshape(-1, 4, 9), p[0], p[1])),
        ["a matrix transposed, before a Dense"] = (Permute(1, 0) >> Dense(2), [3, 4], (p, x) => nn.functional.linear(x.transpose(1, 2).flatten(1), p[0], p[1])),
        ["a mean"] = (Mean(0) >> Dense(2), [3, 4], (p, x) => nn.functional.linear(x.mean([1]), p[0], p[1])),
        ["a sum"] = (Sum(1) >> Dense(2), [3, 4], (p, x) => nn.functional.linear(x.sum([2]), p[0], p[1])),
        ["the last one"] = (Dense(6) >> Reshape(3, 2) >> Last, [4], (p, x) => nn.functional.linear(x, p[0], p[1])[.., 4..]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Output_and_gradient_are_those_by_hand_and_the_text_gives_the_layer_again(string name)
    {
        using var scope = NewDisposeScope();
        var (layer, input, same) = Cases[name];
        var (model, _) = LayerText.Parse(layer.Text).Fit(input).Init(TorchRandom.Seeded(1));
        var x = Tensors.Normal(2, [7, .. input]);
        var targets = Tensors.Normal(3, [7, .. model.Net.Output]);
        Tensors.AssertClose(same(model.Net.Views(model.Flat), x), model.Apply(x), 1e-6);
        var want = Gradient.ValueAndGrad(flat => (same(model.Net.Views(flat), x) * targets).sum())(model.Flat);
        var got = Backpropagation.ValueAndGrad(model, new(x, targets), (y, t) => (y * t).flatten(1).sum(1));
        Tensors.AssertClose(want.Value, got.LossSum, 1e-4);
        Tensors.AssertClose(want.Gradient, got.Gradient, 1e-5);
    }

    [Fact]
    public void Layers_are_named_by_their_places() => Assert.Equal(
        ["0.0.weight", "0.0.bias", "1.0.0.weight", "1.0.0.bias", "1.1.out.weight", "1.1.out.bias"],
        (Each(Dense(3)) >> FanOut(Dense(3), Relu >> Dense(2).As("out"))).Fit(2, 4).Parameters.Select(slot => slot.Name)
            .Select(name => name.Replace("1.1.1.", "1.1.", StringComparison.Ordinal)));

    [Theory]
    [InlineData("Each(Dense(3))", "4", "want [rows, …], got [4]")]
    [InlineData("Repeat(2, Dense(3))", "4", "want an output of the input's shape, [4], got [3]")]
    [InlineData("FanOut(Dense(3), Reshape(2, 2))", "4", "want outputs that differ in their features only, got [3], [2, 2]")]
    [InlineData("FanOut(Conv(2, 1), Conv(2, 3))", "1,4,4", "want outputs that differ in their features only, got [2, 4, 4], [2, 2, 2]")]
    [InlineData("FanOut(Sum(0))", "4", "want outputs that differ in their features only, got []")]
    [InlineData("Parallel(Relu, Relu)", "3,4", "want [2, …], a part for each layer, got [3, 4]")]
    [InlineData("Reshape(2, 3)", "7", "want 6 numbers for [2, 3], got [7]")]
    [InlineData("Permute(1, 1)", "2,3", "want an input of 2 axes, each named once from 0, got [2, 3]")]
    [InlineData("Permute(1, 0)", "2,3,4", "want an input of 2 axes, each named once from 0, got [2, 3, 4]")]
    [InlineData("Mean(2)", "2,3", "want an axis 2, got [2, 3]"), InlineData("Last", "3", "want [rows, …], got [3]")]
    [InlineData("Each(Dense(9000000) >> Dense(1))", "1000,1", "want at most 268435456 numbers in a layer, got 1000 rows of 9000000")]
    [InlineData("Recurrent(Lstm(3))", "4", "want [steps, numbers] of at most 10000 steps, got [4]")]
    [InlineData("Recurrent(Dense(3))", "2,4", "want a cell, such as Lstm(64), got Dense(3)"), InlineData("Lstm(3)", "4", "want it inside Recurrent(Lstm(3))")]
    [InlineData("Recurrent(Lstm(9000000))", "9,4", "want at most 268435456 numbers in its steps, got 324000000")]
    [InlineData("Positional(length: 3)", "4,2", "want at most 3 tokens, got [4, 2]"), InlineData("Positional()", "4", "want [tokens, …], got [4]")]
    [InlineData("Attention(3)", "4,8", "want a width that 3 heads divide, got [4, 8]"), InlineData("Attention(1)", "8", "want [tokens, width], got [8]")]
    [InlineData("Attention(8)", "100000,8", "want at most 268435456 pairs of tokens over all heads, got [100000, 8]")]
    public void What_a_layer_cannot_take_is_said_in_a_line(string text, string input, string message) => Assert.Contains(message,
        Assert.Throws<ArgumentException>(() => LayerText.Parse(text).Fit([.. input.Split(',').Select(long.Parse)])).Message);

    [Theory]
    [InlineData("Repeat(1000, Repeat(1000, Repeat(1000, Repeat(1000, Relu))))", "4"), InlineData("Each(Repeat(1000, Repeat(100, Dense(100))))", "1000,100")]
    [InlineData("FanOut(Repeat(1000, Repeat(1000, Dense(1000))))", "1000"), InlineData("Repeat(1000, Recurrent(Lstm(100), sequence: true))", "10000,100")]
    [InlineData("Repeat(1000, Attention(1))", "5000,100")]
    public void A_net_that_takes_more_time_than_there_is_is_told_by_its_multiplications(string text, string input) =>
        Assert.True(LayerText.Parse(text).Fit([.. input.Split(',').Select(long.Parse)]).Products > 1e11);

    [Fact]
    public void Dropout_of_tokens_draws_what_nn_Dropout_draws_and_ranks_draw_their_rows_of_it()
    {
        using var scope = NewDisposeScope();
        var (model, _) = Each(Dropout(0.4)).Fit(5, 3).Init(TorchRandom.Seeded(0));
        var x = Tensors.Normal(1, 6, 5, 3);
        random.manual_seed(8);
        var want = nn.functional.dropout(x, 0.4, training: true);
        var pass = Pass.Training(TorchRandom.Seeded(8));
        Tensors.AssertClose(want, Backpropagation.Result(model, new(x, zeros(6)), pass).Y, 0);
        var parts = new[] { 0, 2 }.Zip([2, 4], (first, count) =>
            Backpropagation.Result(model, new(x.narrow(0, first, count), zeros(count)), pass with { Part = new(first, count, 6) }).Y);
        Tensors.AssertClose(want, cat([.. parts]), 0);
    }
}
