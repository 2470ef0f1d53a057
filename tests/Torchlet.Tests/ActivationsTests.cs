using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class ActivationsTests
{
    public static TheoryData<float[,]> Rows => new(
        new float[,] { { 0, 1, 2, 3 }, { -1, 0.5f, 0, 10 } },
        new float[,] { { 1e4f, -1e4f, 0, 1e4f }, { -1e4f, -1e4f, -1e4f, -1e4f } },
        new float[,] { { 88, 89, 90, -104 }, { 1e-8f, -1e-8f, 0, 5 } });

    [Theory, MemberData(nameof(Rows))]
    public void Sigmoid_is_its_formula_and_libtorchs(float[,] rows)
    {
        using var scope = NewDisposeScope();
        var x = tensor(rows);
        Tensors.AssertClose(1 / (1 + exp(-x.to_type(ScalarType.Float64))), x | Layers.Sigmoid, 1e-7);
        Tensors.AssertClose(nn.functional.sigmoid(x), x | Layers.Sigmoid, 1e-7);
    }

    [Theory, MemberData(nameof(Rows))]
    public void Relu_is_the_larger_of_x_and_zero(float[,] rows)
    {
        using var scope = NewDisposeScope();
        Tensors.AssertClose(tensor(rows).clamp(min: 0), tensor(rows) | Layers.Relu, 0);
    }

    [Theory, MemberData(nameof(Rows))]
    public void Softmax_is_libtorchs_and_every_row_sums_to_one(float[,] rows)
    {
        using var scope = NewDisposeScope();
        var p = Activations.Softmax(tensor(rows));
        Tensors.AssertClose(nn.functional.softmax(tensor(rows), 1), p, 1e-6);
        Tensors.AssertClose(ones(2), p.sum(1), 1e-6);
    }

    [Theory, MemberData(nameof(Rows))]
    public void LogSoftmax_is_libtorchs(float[,] rows)
    {
        using var scope = NewDisposeScope();
        // Relative to values of 1e4, whose float32 neighbours are 1e-3 apart.
        Tensors.AssertClose(nn.functional.log_softmax(tensor(rows), 1), Activations.LogSoftmax(tensor(rows)), 2e-3);
        Tensors.AssertClose(nn.functional.log_softmax(tensor(rows) / 1e3, 1), Activations.LogSoftmax(tensor(rows) / 1e3), 2e-6);
    }

    [Fact]
    public void NaiveSoftmax_is_softmax_until_exp_overflows()
    {
        using var scope = NewDisposeScope();
        var small = tensor(new float[,] { { 0, 1, 2 } });
        Tensors.AssertClose(Activations.Softmax(small), Activations.NaiveSoftmax(small), 1e-6);
        Assert.True(Activations.NaiveSoftmax(tensor(new float[,] { { 89, 0, 0 } })).isnan().any().item<bool>());
        Assert.False(Activations.Softmax(tensor(new float[,] { { 89, 0, 0 } })).isnan().any().item<bool>());
    }

    [Fact]
    public void Gradients_stay_finite_where_the_functions_saturate()
    {
        foreach (var f in new Func<Tensor, Tensor>[] { x => x | Layers.Sigmoid, Activations.Softmax, x => Activations.LogSoftmax(x) })
        {
            using var scope = NewDisposeScope();
            var (_, gradient) = Gradient.ValueAndGrad(x => (f(x) * x).sum())(tensor(new float[,] { { 1e4f, -1e4f, 0 } }));
            Assert.True(gradient.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void A_vector_is_not_rows_of_logits()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("want [any, any], got [3]", Assert.Throws<ArgumentException>(() => Activations.Softmax(ones(3))).Message);
    }
}
