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
        return ((z - largest).exp().sum(1, keepdim: true).log() + largest - z.gather(1, labels.unsqueeze(1))).squeeze(1);
    }

    static int Count(Tensor mask) => (int)mask.sum().Number();
}
