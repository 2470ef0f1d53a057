using System.Collections.Immutable;
using CsCheck;
using static Torchlet.Tests.WeightsExamples;

namespace Torchlet.Tests;

public class WeightsLayersTests
{
    [Fact]
    public void Weights_of_shape_in_out_are_transposed_and_those_of_shape_out_in_are_not()
    {
        AssertSame(new([2, 1], new float[] { 1, 2, 3 }), LayerNames.Resolve([Of("W1", [2, 1], 1, 2), Of("b1", [1], 3)]));
        AssertSame(new([2, 3], new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }), LayerNames.Resolve([Of("b1", [3], 7, 8, 9), Of("W1", [2, 3], 1, 3, 5, 2, 4, 6)]));
        AssertSame(
            new([2, 3], new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }),
            LayerNames.Resolve([Of("out.weight", [3, 2], 1, 2, 3, 4, 5, 6), Of("out.bias", [3], 7, 8, 9)]));
    }

    [Fact]
    public void Layers_that_differ_in_a_number_are_ordered_by_it_and_not_by_letters()
    {
        var twelve = new MlpWeights([.. Enumerable.Repeat(1, 13)], Enumerable.Range(1, 24).Select(n => (float)n).ToArray());
        var arrays = WeightsExamples.Arrays(twelve);
        Assert.Equal("fc12.bias", arrays[^1].Name);
        AssertSame(twelve, LayerNames.Resolve([.. arrays.OrderBy(a => a.Name, StringComparer.Ordinal)]));
        var nested = arrays.Select(a => a with { Name = a.Name.Replace("fc", "net.layers.") });
        AssertSame(twelve, LayerNames.Resolve([.. nested.OrderBy(a => a.Name, StringComparer.Ordinal)]));
    }

    [Fact]
    public void Layers_with_another_name_among_them_are_ordered_by_their_numbers_too()
    {
        var headed = new MlpWeights([.. Enumerable.Repeat(1, 12), 2], Enumerable.Range(1, 26).Select(n => (float)n).ToArray());
        var arrays = WeightsExamples.Arrays(headed).Select(a => a with { Name = a.Name.Replace("fc12.", "head.") });
        AssertSame(headed, LayerNames.Resolve([.. arrays.OrderBy(a => a.Name, StringComparer.Ordinal)]));
        AssertSame(headed, LayerNames.Resolve([.. arrays]));
    }

    [Fact]
    public void Numbers_that_contradict_the_files_order_are_refused_with_both_orders() =>
        Assert.Equal(
            "its layers stand in the order b2.weight, b1.weight, out.weight, and their numbers say b1.weight, b2.weight, out.weight; "
            + "save them in the order in which they are applied",
            Assert.Throws<TorchletException>(() => LayerNames.Resolve([.. Layers("b2 2 2", "b1 2 2", "out 2 1")])).Message);

    [Fact]
    public void Layers_that_the_file_sorted_by_letters_are_refused_where_nothing_tells_their_order()
    {
        var names = new[] { "in_ 3 2", "second 2 2", "later 2 2", "x_out 2 1" };
        Assert.Equal([3, 2, 2, 2, 1], WeightsExamples.Sizes(LayerNames.Resolve([.. Layers(names)])));
        Assert.Equal(
            "its layers are sorted by letters, in_.weight, later.weight, second.weight, x_out.weight, "
            + "and later.weight and second.weight could change places unnoticed; "
            + "number them in the order in which they are applied, as fc1.weight, fc2.weight, …",
            Assert.Throws<TorchletException>(() => LayerNames.Resolve([.. Layers(names).OrderBy(a => a.Name, StringComparer.Ordinal)])).Message);
    }

    [Fact]
    public void Layers_that_the_file_sorted_by_letters_and_that_fit_in_no_such_order_are_told_so() =>
        Assert.Equal(
            "input.weight takes 3 inputs; wanted are 4, the outputs of hidden.weight: "
            + "its layers are sorted by letters, hidden.weight, input.weight, output.weight; "
            + "number them in the order in which they are applied, as fc1.weight, fc2.weight, …",
            Assert.Throws<TorchletException>(() =>
                LayerNames.Resolve([.. Layers("input 3 2", "hidden 2 4", "output 4 1").OrderBy(a => a.Name, StringComparer.Ordinal)])).Message);

    [Fact]
    public void An_archive_keeps_its_own_order()
    {
        var layers = Layers("in_ 3 2", "second 2 2", "later 2 2", "x_out 2 1");
        var bytes = Zip.Write([.. layers.Select(a => (a.Name + ".npy", Npy(a)))]);
        Assert.Equal(layers.Select(a => a.Name), WeightsExamples.Read(bytes).Select(a => a.Name));
    }

    [Fact]
    public void Layers_with_names_of_their_own_stay_in_the_files_order() =>
        AssertSame(new([1, 1, 1], new float[] { 1, 2, 3, 4 }), LayerNames.Resolve(
            [Of("hidden.weight", [1, 1], 1), Of("hidden.bias", [1], 2), Of("decision.weight", [1, 1], 3), Of("decision.bias", [1], 4)]));

    [Fact]
    public void Naming_and_finding_are_inverse_whatever_the_sizes() =>
        Gen.Int[1, 9].Array[2, 7].Sample(sizes =>
        {
            var count = sizes.Zip(sizes.Skip(1), (nIn, nOut) => (nIn + 1) * nOut).Sum();
            var weights = new MlpWeights([.. sizes], Enumerable.Range(0, count).Select(n => (float)n).ToArray());
            AssertSame(weights, LayerNames.Resolve(WeightsExamples.Arrays(weights)));
            AssertSame(weights, LayerNames.Resolve([.. WeightsExamples.Arrays(weights).Select(Textbook)]));
        }, iter: 500);

    [Theory]
    [InlineData("W1 (4, 3); W2 (3, 2); b2 (2,)", "b1 is missing; wanted are W1, b1, W2, b2, got W1, W2, b2")]
    [InlineData("W1 (4, 3); b1 (3,); W3 (3, 2); b3 (2,)", "W2, b2 is missing; wanted are W1, b1, W2, b2, W3, b3, got W1, b1, W3, b3")]
    [InlineData("W1 (4, 3); b1 (3,); mean (1,)", "mean is not part of a multilayer perceptron; wanted are W1, b1 and nothing else")]
    [InlineData("W1 (4, 3); b1 (4,)", "b1 has the shape (4,); wanted is (3,)")]
    [InlineData("W1 (4, 3); b1 (1, 3)", "b1 has the shape (1, 3); wanted is (3,)")]
    [InlineData("W1 (12,); b1 (3,)", "W1 has the shape (12,); wanted is a matrix")]
    [InlineData("W1 (0, 3); b1 (3,)", "W1 has the shape (0, 3); wanted is a matrix")]
    [InlineData("W1 (4, 3); b1 (3,); W2 (5, 2); b2 (2,)", "W2 takes 5 inputs; wanted are 3, the outputs of W1")]
    [InlineData("fc1.weight (3, 4); fc1.bias (3,); fc2.weight (2, 3)",
        "fc2.bias is missing; wanted are fc1.weight, fc1.bias, fc2.weight, fc2.bias, got fc1.weight, fc1.bias, fc2.weight")]
    [InlineData("fc1.weight (3, 4); fc1.bias (3,); fc2.weight (2, 4); fc2.bias (2,)", "fc2.weight takes 4 inputs; wanted are 3, the outputs of fc1.weight")]
    [InlineData("conv.weight (8, 1, 5, 5); conv.bias (8,)", "conv.weight has the shape (8, 1, 5, 5); wanted is a matrix")]
    [InlineData("weights (3, 4)", "it holds weights; wanted are W1, b1, W2, b2, … or fc1.weight, fc1.bias, fc2.weight, fc2.bias, …")]
    public void What_is_missing_extra_or_of_the_wrong_shape_is_named(string arrays, string message) =>
        Assert.Equal(message, Assert.Throws<TorchletException>(() => LayerNames.Resolve([.. arrays.Split("; ").Select(Zeros)])).Message);

    [Theory, InlineData(float.NaN, "NaN"), InlineData(float.PositiveInfinity, "infinity"), InlineData(float.NegativeInfinity, "infinity")]
    public void A_weight_that_is_no_number_is_reported_with_its_place(float value, string shown) =>
        Assert.Equal($"b1 (3,) holds {shown} at position 1; these weights cannot be used", Assert.Throws<TorchletException>(() =>
            LayerNames.Resolve([Of("W1", [1, 3], 1, 2, 3), Of("b1", [3], 0, value, value)])).Message);

    static NamedArray Of(string name, long[] shape, params float[] values) => new(name, [.. shape], values);

    /// <summary>Layers written as "name in out", each with weight and bias, as PyTorch orders them.</summary>
    static ImmutableArray<NamedArray> Layers(params string[] layers) =>
        [.. from layer in layers
            let parts = layer.Split(' ')
            from array in new[] { Zeros($"{parts[0]}.weight ({parts[2]}, {parts[1]})"), Zeros($"{parts[0]}.bias ({parts[2]},)") }
            select array];

    static ReadOnlyMemory<byte> Npy(NamedArray array)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {NamedArray.Show(array.Shape)}, }}\n";
        return (byte[])[.. Latin1("\u0093NUMPY\u0001\0"), (byte)header.Length, 0, .. Latin1(header), .. array.LittleEndian()];
    }

    static NamedArray Zeros(string shown)
    {
        var (name, lengths) = (shown[..shown.IndexOf(' ')], shown[(shown.IndexOf('(') + 1)..^1].Split(',', StringSplitOptions.RemoveEmptyEntries));
        var shape = lengths.Select(long.Parse).ToImmutableArray();
        return new(name, shape, new float[shape.Aggregate(1L, (n, length) => n * length)]);
    }

    /// <summary>fc2.weight (out, in) as W2 (in, out).</summary>
    static NamedArray Textbook(NamedArray array)
    {
        var number = array.Name[2..array.Name.IndexOf('.')];
        if (array.Shape is not [var nOut, var nIn])
            return array with { Name = $"b{number}" };
        var values = new float[nOut * nIn];
        for (var i = 0; i < values.Length; i++)
            values[i] = array.Values.Span[(int)(i % nOut * nIn + i / nOut)];
        return new($"W{number}", [nIn, nOut], values);
    }
}
