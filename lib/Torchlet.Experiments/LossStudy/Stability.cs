using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Which losses survive large logits.</summary>
public static class Stability
{
    const int Examples = 1024, Classes = 10;

    /// <summary>1, 2, 5, 10, …, 1e5.</summary>
    public static ImmutableArray<double> Scales { get; } =
        [.. from power in Enumerable.Range(0, 6) from digit in new[] { 1, 2, 5 } let scale = digit * Math.Pow(10, power) where scale <= 1e5 select scale];

    /// <summary>
    /// Each loss on the same random logits, uniform in −1 … 1 and multiplied by each scale, measured against
    /// log Σⱼ exp(zⱼ − max z) + max z − z[label] in float64. Lazily.
    /// </summary>
    public static IEnumerable<StabilityRow> Rows(IEnumerable<string> losses, long seed) =>
        from loss in losses
        from scale in Scales
        select Measure(loss, scale, seed);

    static StabilityRow Measure(string name, double scale, long seed)
    {
        using var scope = NewDisposeScope();
        var (unit, random) = TorchRandom.Seeded(seed).Uniform([Examples, Classes], -1, 1);
        var labels = random.Uniform([Examples], 0, Classes).Numbers.to_type(ScalarType.Int64);
        var logits = unit.Times(scale);
        var loss = LossVariant.Named(name).Loss;

        var values = loss(logits, labels);
        var (_, gradient) = Gradient.ValueAndGrad(z => loss(z, labels).sum())(logits);
        var error = (values.to_type(ScalarType.Float64) - Reference(logits.to_type(ScalarType.Float64), labels)).abs();
        var finite = error[values.isfinite()];
        return new(name, scale, Examples, Count(values.isinf()), Count(values.isnan()), Count(gradient.isfinite().all(1).logical_not()),
            finite.numel() == 0 ? double.NaN : finite.max().Number());
    }

    /// <summary>The cross-entropy, spelled out here so that it shares nothing with what is measured.</summary>
    static Tensor Reference(Tensor z, Tensor labels)
    {
        var largest = z.amax([1], keepdim: true);
        return ((z - largest).exp().sum(1, keepdim: true).log().Plus(largest) - z.gather(1, labels.unsqueeze(1))).squeeze(1);
    }

    static int Count(Tensor mask) => (int)mask.sum().Number();
}

/// <summary>How a loss fares in float32 on logits of one size.</summary>
/// <param name="Loss">The name of the loss.</param>
/// <param name="Scale">The logits lie in −scale … scale.</param>
/// <param name="Examples">How many examples there were.</param>
/// <param name="Infinite">For how many of them the loss is ±∞.</param>
/// <param name="NotANumber">For how many it is NaN.</param>
/// <param name="NonfiniteGradients">For how many the gradient at the logits has an element that is not finite.</param>
/// <param name="Error">Largest absolute difference to the cross-entropy in float64, in nats, of the examples whose loss is finite; NaN if none is.</param>
public sealed record StabilityRow(string Loss, double Scale, int Examples, int Infinite, int NotANumber, int NonfiniteGradients, double Error)
{
    /// <summary>Whether the loss of every example is a finite number.</summary>
    public bool IsFinite => Infinite + NotANumber == 0;

    /// <summary>The values of the losses that are not finite.</summary>
    public string Nonfinite => (Infinite, NotANumber) switch { (_, 0) => "∞", (0, _) => "NaN", _ => "∞/NaN" };
}
