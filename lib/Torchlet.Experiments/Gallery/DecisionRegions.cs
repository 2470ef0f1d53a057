using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The answers of a classifier of two classes over a plane.</summary>
public static class DecisionRegions
{
    /// <summary>
    /// The probability of the second class at each place of the plane from −1 to 1 in x and y, from 64 (0) to 192 (1), with the points of the first class
    /// in white (255) and of the second in black (0) over it.
    /// </summary>
    /// <param name="model">It takes [n, 2] and gives logits [n, 2].</param>
    /// <param name="points">Inputs [n, 2]; points outside are drawn at the edge. Targets [n], 0 or 1.</param>
    /// <param name="side">Pixels of a side.</param>
    /// <returns>[side, side], uint8; y grows downwards.</returns>
    public static Tensor Of(Model model, Split points, int side = 64)
    {
        using var scope = NewDisposeScope();
        var axis = linspace(-1, 1, side);
        var places = stack([axis.repeat(side), axis.repeat_interleave(side)], 1).@float();
        var shade = Activations.Softmax(model.Apply(places))[.., 1].Times(128).Plus(64).to(uint8);
        var pixel = points.Inputs.Plus(1).Over_(2).Times_(side - 1).round().Limited(0, side - 1).to(int64);
        var dots = points.Targets.eq(zeros_like(points.Targets)).to(uint8).mul(tensor(byte.MaxValue));
        return shade.index_copy(0, pixel[.., 1].mul(tensor((long)side)).Plus(pixel[.., 0]), dots).view(side, side).MoveToOuterDisposeScope();
    }
}
