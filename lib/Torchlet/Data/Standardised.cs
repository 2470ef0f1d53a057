using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Numbers of any unit and size as a network learns from them.</summary>
public static class Standardised
{
    /// <summary>
    /// (x − μ) / σ of each column, μ and σ being the mean and the standard deviation of the training part; 0 for a column that is constant there.
    /// </summary>
    /// <param name="train">[n, columns].</param>
    /// <param name="others">[any, columns].</param>
    /// <returns>float32 of the same shapes.</returns>
    public static (Tensor Train, Tensor Others) Of(Tensor train, Tensor others)
    {
        var statistics = Standardisation.Of(train);
        return (statistics.Apply(train), statistics.Apply(others));
    }
}

/// <summary>The statistics by which columns of numbers are standardised: new examples must be standardised by those of the training part.</summary>
/// <param name="Mean">μ of each column.</param>
/// <param name="Deviation">σ of each column; 0 for one that is constant.</param>
public sealed record Standardisation(ImmutableArray<double> Mean, ImmutableArray<double> Deviation)
{
    /// <summary>The mean and the standard deviation of each column.</summary>
    /// <param name="train">[n, columns].</param>
    public static Standardisation Of(Tensor train)
    {
        using var scope = NewDisposeScope();
        var x = train.to_type(ScalarType.Float64);
        // A mean is rounded, so the deviation of equal numbers may differ from zero.
        var deviation = where(x.amax([0L]).eq(x.amin([0L])), zeros_like(x[0]), x.std([0L], unbiased: false));
        return new([.. x.mean([0L]).Numbers()], [.. deviation.Numbers()]);
    }

    /// <summary>(x − μ) / σ of each column; 0 for a column whose σ is 0.</summary>
    /// <param name="x">[any, columns].</param>
    /// <returns>float32 of the same shape.</returns>
    /// <exception cref="ArgumentException">There are other columns than those of the statistics.</exception>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        x.Want(nameof(x), -1, Mean.Length);
        var divisor = tensor(Deviation.Select(d => d == 0 ? double.PositiveInfinity : d).ToArray()).to(x.device);
        return ((x.to_type(ScalarType.Float64) - tensor(Mean.AsSpan().ToArray()).to(x.device)) / divisor).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
