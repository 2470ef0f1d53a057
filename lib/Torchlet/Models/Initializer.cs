using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>First values of a layer's weights and biases.</summary>
/// <remarks>
/// Each tensor is drawn once. In PyTorch, nn.Linear draws its default values first and torch.nn.init then draws again, so that after the same seed the
/// weights of an initializer other than the default are other numbers of the same distribution.
/// </remarks>
public sealed record Initializer
{
    /// <summary>A custom initializer.</summary>
    /// <param name="weight">Draws a weight of a shape.</param>
    /// <param name="bias">Draws a bias of a shape; zeros if not given.</param>
    public Initializer(Draw weight, Draw? bias = null) => (Weight, Bias) = (weight, bias ?? Constant(0));

    Initializer(string text, Draw weight, Draw bias) : this(weight, bias) => Text = text;

    /// <summary>The initializer as code: <c>He</c>, <c>Normal(0.01)</c>; "own" for a custom one.</summary>
    public string Text { get; private init; } = Torchlet.Named.Own;

    /// <summary>Draws a weight of a shape. Another function, set by <c>with</c>, makes it a custom initializer.</summary>
    public Draw Weight { get; init => (field, Text) = (value, Torchlet.Named.Own); }

    /// <summary>Draws a bias of a shape. Another function, set by <c>with</c>, makes it a custom initializer.</summary>
    public Draw Bias { get; init => (field, Text) = (value, Torchlet.Named.Own); }

    /// <summary>Its text.</summary>
    public override string ToString() => Text;

    /// <summary>Draws a tensor.</summary>
    /// <param name="random">The generator.</param>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="fanIn">How many inputs a unit of the layer has.</param>
    /// <param name="fanOut">How many units an input goes to.</param>
    /// <returns>float32 of that shape, and the next generator.</returns>
    public delegate (Tensor Values, TorchRandom Next) Draw(TorchRandom random, ReadOnlySpan<long> shape, long fanIn, long fanOut);

    /// <summary>
    /// PyTorch's for nn.Linear and nn.Conv2d: Kaiming uniform with a = √5, that is U(−1/√in, 1/√in), for weights and biases alike.
    /// Source: He et al. 2015, arXiv:1502.01852; PyTorch: nn.Linear.reset_parameters.
    /// </summary>
    public static Initializer Default { get; } = new("Default",
        VarianceScaling(1.0 / 3, uniform: true).Weight, (random, shape, fanIn, _) => random.Uniform(shape, -1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn)));

    /// <summary>N(0, 2/in), for layers before relu; biases 0. Source: He et al. 2015, arXiv:1502.01852; PyTorch: init.kaiming_normal_.</summary>
    public static Initializer He { get; } = VarianceScaling(2) with { Text = "He" };

    /// <summary>U(−√(6/in), √(6/in)), of the variance of <see cref="He"/>; biases 0. PyTorch: init.kaiming_uniform_; Keras: he_uniform.</summary>
    public static Initializer HeUniform { get; } = VarianceScaling(2, uniform: true) with { Text = "HeUniform" };

    /// <summary>N(0, 2/(in + out)), for layers before sigmoid or tanh; biases 0. Source: Glorot and Bengio 2010; PyTorch: init.xavier_normal_.</summary>
    public static Initializer Xavier { get; } = VarianceScaling(1, Fan.Mean) with { Text = "Xavier" };

    /// <summary>U(−√(6/(in + out)), √(6/(in + out))); biases 0. Source: Glorot and Bengio 2010; PyTorch: init.xavier_uniform_.</summary>
    public static Initializer XavierUniform { get; } = VarianceScaling(1, Fan.Mean, uniform: true) with { Text = "XavierUniform" };

    /// <summary>N(0, 1/in), which keeps the variance of what a unit adds up; biases 0. Source: LeCun et al. 1998; Keras: lecun_normal.</summary>
    public static Initializer LeCun { get; } = VarianceScaling(1) with { Text = "LeCun" };

    /// <summary>
    /// Numbers of the variance scale / n, with n the inputs of a unit, the units of an input, or the mean of both; biases 0. The other initializers that
    /// count them are this one. PyTorch: init.kaiming_normal_ and kaiming_uniform_ of the gain √scale; Keras: VarianceScaling, not truncated.
    /// </summary>
    /// <example><c>Dense(50, Initializer.VarianceScaling(0.5, Fan.Out))</c></example>
    /// <param name="scale">The variance times n, above 0.</param>
    /// <param name="fan">n.</param>
    /// <param name="uniform">Whether they are uniform; else they are normal.</param>
    /// <exception cref="ArgumentException">The scale is not above 0, or no finite number.</exception>
    public static Initializer VarianceScaling(double scale = 1, Fan fan = Fan.In, bool uniform = false)
    {
        if (!double.IsFinite(scale) || scale <= 0)
            throw new ArgumentException(FormattableString.Invariant($"VarianceScaling: want a scale above 0, got {scale}."), nameof(scale));
        return new(FormattableString.Invariant($"VarianceScaling({scale}, {fan}{(uniform ? ", uniform" : "")})"), (random, shape, fanIn, fanOut) =>
        {
            // In PyTorch's own steps, since a bound that is one bit off draws other numbers.
            var deviation = Math.Sqrt(scale) / Math.Sqrt(fan switch { Fan.In => fanIn, Fan.Out => fanOut, _ => (fanIn + fanOut) / 2.0 });
            return uniform ? random.Uniform(shape, -Math.Sqrt(3.0) * deviation, Math.Sqrt(3.0) * deviation) : random.Normal(shape, 0, deviation);
        }, Constant(0));
    }

    /// <summary><see cref="OrthogonalOf"/> with a gain of 1.</summary>
    public static Initializer Orthogonal { get; } = OrthogonalOf(1) with { Text = "Orthogonal" };

    /// <summary>
    /// A matrix with orthonormal rows or columns, whichever are fewer, times a gain: gain · Q of the QR decomposition of a normal matrix, with the signs
    /// of the diagonal of R. The weight has one row for each of its first axis. Biases 0. Source: Saxe et al. 2013, arXiv:1312.6120; PyTorch: init.orthogonal_.
    /// </summary>
    /// <param name="gain">The length of a row or column.</param>
    /// <exception cref="ArgumentException">From a draw: the weight has fewer than two axes.</exception>
    public static Initializer OrthogonalOf(double gain) => new(FormattableString.Invariant($"Orthogonal({gain})"), (random, shape, _, _) =>
    {
        if (shape.Length < 2) throw new ArgumentException($"Orthogonal: want a weight of two axes or more, got {Shapes.Show(shape)}.");
        using var scope = NewDisposeScope();
        var (rows, columns) = (shape[0], Shapes.Count(shape[1..]));
        var (numbers, next) = random.Normal([rows, columns]);
        var (q, r) = linalg.qr(rows < columns ? numbers.t() : numbers);
        var signed = q.mul(r.diag().sign());
        return ((rows < columns ? signed.t() : signed).reshape([.. shape]).Times(gain).MoveToOuterDisposeScope(), next);
    }, Constant(0));

    /// <summary>N(0, σ²); biases 0: <c>Dense(50, Initializer.Normal(0.01))</c>.</summary>
    /// <exception cref="ArgumentException">σ is negative or no finite number.</exception>
    public static Initializer Normal(double deviation) => !double.IsFinite(deviation) || deviation < 0
        ? throw new ArgumentException(FormattableString.Invariant($"Normal: want a deviation of 0 or more, got {deviation}."), nameof(deviation))
        : new(FormattableString.Invariant($"Normal({deviation})"), (random, shape, _, _) => random.Normal(shape, 0, deviation), Constant(0));

    /// <summary>Zero everywhere.</summary>
    public static Initializer Zeros { get; } = new("Zeros", Constant(0), Constant(0));

    /// <summary>The same value everywhere, without a draw.</summary>
    public static Draw Constant(double value) => (random, shape, _, _) => (Scalars.Filled(shape, value), random);

    /// <summary>Every initializer that has a name on the command line; of the normal ones, that of a usual deviation.</summary>
    public static ImmutableArray<(string Name, Initializer Initializer)> All { get; } =
        [("default", Default), ("he", He), ("xavier", Xavier), ("lecun", LeCun), ("he-uniform", HeUniform),
            ("xavier-uniform", XavierUniform), ("orthogonal", Orthogonal), ("zeros", Zeros), ("normal:0.01", Normal(0.01))];

    /// <summary>The initializer of this name, <c>normal:σ</c> of any σ above 0; null if there is none.</summary>
    public static Initializer? Named(string name) =>
        All.FirstOrDefault(known => known.Name == name).Initializer
            ?? (NumberedName.Parse(name) is { Name: "normal", Number: > 0 and < 1e9 and var deviation } ? Normal(deviation) : null);
}

/// <summary>The number of connections that <see cref="Initializer.VarianceScaling"/> counts.</summary>
public enum Fan
{
    /// <summary>Inputs of a unit.</summary>
    In,

    /// <summary>Units that an input goes to.</summary>
    Out,

    /// <summary>The mean of both.</summary>
    Mean,
}
