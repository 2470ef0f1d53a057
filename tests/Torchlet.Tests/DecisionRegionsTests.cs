using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class DecisionRegionsTests
{
    [Fact]
    public void A_place_is_as_bright_as_its_probability_and_points_lie_over_it()
    {
        // Logits (0, 100·x): the second class on the right.
        var model = new Model(Mlp.Net([2, 2], Layers.Sigmoid), tensor(new float[] { 0, 0, 100, 0, 0, 0 }), []);
        var points = new Split(tensor(new float[,] { { 1, -1 }, { -9, 1 } }), tensor(new long[] { 0, 1 }));
        var regions = DecisionRegions.Of(model, points, side: 3);
        Assert.Equal(ScalarType.Byte, regions.dtype);
        Assert.Equal(new byte[] { 64, 128, 255, 64, 128, 192, 0, 128, 192 }, regions.data<byte>().ToArray());
    }
}
