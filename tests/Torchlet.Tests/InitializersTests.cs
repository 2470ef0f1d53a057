using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Initializers against torch.nn.init, number for number.</summary>
public class InitializersTests
{
    static readonly Dictionary<string, (Initializer Ours, Func<Tensor, Tensor> Theirs)> Peers = new()
    {
        ["He"] = (Initializer.He, w => nn.init.kaiming_normal_(w, nonlinearity: nn.init.NonlinearityType.ReLU)),
        ["HeUniform"] = (Initializer.HeUniform, w => nn.init.kaiming_uniform_(w, nonlinearity: nn.init.NonlinearityType.ReLU)),
        ["Xavier"] = (Initializer.Xavier, w => w.normal_(0, Math.Sqrt(2.0 / (Shapes.Count(w.shape[1..]) + Shapes.Count(w.shape) / w.shape[1])))),
        ["XavierUniform"] = (Initializer.XavierUniform, w => nn.init.xavier_uniform_(w)),
        ["VarianceScaling(2, Out)"] = (Initializer.VarianceScaling(2, Fan.Out),
            w => nn.init.kaiming_normal_(w, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU)),
        ["Orthogonal"] = (Initializer.Orthogonal, w => nn.init.orthogonal_(w)),
        ["Orthogonal(1.5)"] = (Initializer.OrthogonalOf(1.5), w => nn.init.orthogonal_(w, 1.5)),
    };

    public static TheoryData<string> Names => [.. Peers.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_weight_is_that_of_torch_nn_init(string name)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = Peers[name];
        Assert.Equal(name, ours.Text);
        foreach (long[] shape in new[] { new long[] { 50, 30 }, [30, 50], [8, 3, 5, 5], [7, 784] })
        {
            random.manual_seed(3);
            var want = theirs(zeros(shape));
            var kernel = Shapes.Count(shape) / (shape[0] * shape[1]);
            var (got, next) = ours.Weight(TorchRandom.Seeded(3), shape, shape[1] * kernel, shape[0] * kernel);
            Tensors.AssertClose(want, got, name.StartsWith("Orthogonal") ? 1e-6 : 0);
            Tensors.AssertClose(rand(5), next.Uniform([5], 0, 1).Numbers, 0); // As many numbers were drawn.
        }
    }

    [Fact]
    public void An_orthogonal_weight_has_orthonormal_rows_or_columns_and_no_vector()
    {
        using var scope = NewDisposeScope();
        var (wide, _) = Initializer.Orthogonal.Weight(TorchRandom.Seeded(1), [4, 9], 9, 4);
        Tensors.AssertClose(eye(4), wide.mm(wide.t()), 1e-6);
        var (high, _) = Initializer.OrthogonalOf(2).Weight(TorchRandom.Seeded(1), [9, 4], 4, 9);
        Tensors.AssertClose(eye(4) * 4, high.t().mm(high), 1e-5);
        Assert.Contains("two axes or more, got [4]",
            Assert.Throws<ArgumentException>(() => Initializer.Orthogonal.Weight(TorchRandom.Seeded(1), [4], 4, 4)).Message);
        Assert.Contains("above 0, got 0", Assert.Throws<ArgumentException>(() => Initializer.VarianceScaling(0)).Message);
    }

    [Fact]
    public void The_deviation_of_the_mean_fan_is_PyTorchs_to_the_last_bit_of_a_float()
    {
        for (var fans = 2L; fans < 20_000; fans++) Assert.Equal((float)Math.Sqrt(2.0 / fans), (float)(1 / Math.Sqrt(fans / 2.0)));
    }
}
