using System.Globalization;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// The mean and the standard deviation of numbers to predict. A network whose last layer is <see cref="Layer"/> predicts in the targets' unit, and
/// <see cref="Of(Loss)"/> counts its loss in deviations, so that the same learning rate suits targets of any unit.
/// </summary>
/// <param name="Mean">μ.</param>
/// <param name="Deviation">σ, above 0.</param>
public sealed record TargetScale(double Mean, double Deviation)
{
    /// <summary>Those of all numbers of the targets, to six digits; σ is 1 where all numbers are the same.</summary>
    /// <param name="targets">[count, …].</param>
    public static TargetScale Of(Tensor targets)
    {
        // One number after the other: sums by several threads round in other ways, and a resumed run compares the text of its model.
        var numbers = targets.Numbers();
        var mean = numbers.Average();
        var deviation = Math.Sqrt(numbers.Average(number => (number - mean) * (number - mean)));
        return new(Rounded(mean), numbers.All(number => number == numbers[0]) ? 1 : Rounded(deviation));
    }

    /// <summary>The last layer: z ↦ σ·z + μ.</summary>
    public Layer Layer => Layers.Rescale(Deviation, Mean);

    /// <summary>A loss counted in deviations: loss(output / σ, target / σ). Of the squared error it is 1 for a network that always predicts μ.</summary>
    /// <param name="loss">A loss of numbers, such as <see cref="Losses.SquaredError"/>.</param>
    public Loss Of(Loss loss) => Named.Loss(Invariant($"Scaled({Named.TextOf(loss)}, {Deviation})"), (output, target) =>
    {
        using var scope = NewDisposeScope();
        return loss(output.Times(1 / Deviation), target.Times(1 / Deviation)).MoveToOuterDisposeScope();
    });

    static double Rounded(double number) => double.Parse(number.ToString("g6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
