using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class MlpTests
{
    [Fact]
    public void Layers_are_views_over_the_flat_vector_in_PyTorchs_order()
    {
        using var scope = NewDisposeScope();
        var flat = arange(13, ScalarType.Float32);
        var named = new Model(Mlp.Net([2, 3, 1], Layers.Sigmoid), flat, []).Named.ToList();
        Assert.Equal(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"], named.Select(p => p.Name));
        Tensors.AssertClose(tensor(new[,] { { 0f, 1 }, { 2, 3 }, { 4, 5 } }), named[0].Values, 0);
        Tensors.AssertClose(tensor(new[] { 6f, 7, 8 }), named[1].Values, 0);
        Tensors.AssertClose(tensor(new[,] { { 9f, 10, 11 } }), named[2].Values, 0);
        Tensors.AssertClose(tensor(new[] { 12f }), named[3].Values, 0);
        flat.zero_();
        Assert.All(named, p => Tensors.AssertClose(zeros_like(p.Values), p.Values, 0));
    }

    [Fact]
    public void What_comes_out_is_that_of_a_torch_module_with_the_same_parameters()
    {
        using var scope = NewDisposeScope();
        var model = Tensors.SmallMlp();
        var x = Tensors.Normal(1, 8, 6);
        var layers = model.Named.Select(p => p.Values).Chunk(2).ToList();
        var want = layers[..^1].Aggregate(x, (h, l) => nn.functional.sigmoid(nn.functional.linear(h, l[0], l[1])));
        Tensors.AssertClose(nn.functional.linear(want, layers[^1][0], layers[^1][1]), model.Apply(x), 1e-6);
    }

    [Fact]
    public void Pipes_and_composition_read_left_to_right()
    {
        using var scope = NewDisposeScope();
        var model = Tensors.SmallMlp();
        var x = Tensors.Normal(1, 8, 6);
        Func<Tensor, Tensor> logits = model.Apply;
        var probabilities = x | logits | Activations.Softmax;
        Tensors.AssertClose(probabilities, (logits >> Activations.Softmax)(x), 0);
        Assert.Equal(8, (x | logits | (t => t.shape[0])));
    }

    [Fact]
    public void A_misfit_is_told_what_was_wanted()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("x: want [any, 6], got [2, 7]", Assert.Throws<ArgumentException>(() => Tensors.SmallMlp().Apply(ones(2, 7))).Message);
        Assert.Contains("flat: want [13], got [12]",
            Assert.Throws<ArgumentException>(() => new Model(Mlp.Net([2, 3, 1], Layers.Relu), ones(12), []).Named).Message);
    }
}
