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
        // In PyTorch's own steps, since a bound that is one bit off draws other numbers.
        (random, shape, fanIn, _) => Uniform(random, shape, Math.Sqrt(3.0) * (Math.Sqrt(2.0 / (1 + 5)) / Math.Sqrt(fanIn))),
        (random, shape, fanIn, _) => Uniform(random, shape, 1 / Math.Sqrt(fanIn)));

    /// <summary>N(0, 2/in), for layers before relu; biases 0. Source: He et al. 2015, arXiv:1502.01852; PyTorch: init.kaiming_normal_.</summary>
    public static Initializer He { get; } = new("He", (random, shape, fanIn, _) => random.Normal(shape, 0, Math.Sqrt(2.0) / Math.Sqrt(fanIn)), Constant(0));

    /// <summary>N(0, 2/(in + out)), for layers before sigmoid or tanh; biases 0. Source: Glorot and Bengio 2010; PyTorch: init.xavier_normal_.</summary>
    public static Initializer Xavier { get; } = new("Xavier",
        (random, shape, fanIn, fanOut) => random.Normal(shape, 0, Math.Sqrt(2.0 / (fanIn + fanOut))), Constant(0));

    /// <summary>N(0, 1/in), which keeps the variance of what a unit adds up; biases 0. Source: LeCun et al. 1998; Keras: lecun_normal.</summary>
    public static Initializer LeCun { get; } = new("LeCun", (random, shape, fanIn, _) => random.Normal(shape, 0, 1 / Math.Sqrt(fanIn)), Constant(0));

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
        [("default", Default), ("he", He), ("xavier", Xavier), ("lecun", LeCun), ("zeros", Zeros), ("normal:0.01", Normal(0.01))];

    /// <summary>The initializer of this name, <c>normal:σ</c> of any σ above 0; null if there is none.</summary>
    public static Initializer? Named(string name) =>
        All.FirstOrDefault(known => known.Name == name).Initializer
            ?? (NumberedName.Parse(name) is { Name: "normal", Number: > 0 and < 1e9 and var deviation } ? Normal(deviation) : null);

    static (Tensor, TorchRandom) Uniform(TorchRandom random, ReadOnlySpan<long> shape, double bound) => random.Uniform(shape, -bound, bound);
}
