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
        using var scope = NewDisposeScope();
        var x = train.to_type(ScalarType.Float64);
        var (mean, deviation) = (x.mean([0L]), x.std([0L], unbiased: false));
        // A mean is rounded, so the deviation of equal numbers may differ from zero.
        var divisor = where(x.amax([0L]).eq(x.amin([0L])), ones_like(deviation).Times_(double.PositiveInfinity), deviation);
        return (Scaled(x).MoveToOuterDisposeScope(), Scaled(others.to_type(ScalarType.Float64)).MoveToOuterDisposeScope());

        Tensor Scaled(Tensor numbers) => ((numbers - mean) / divisor).to_type(ScalarType.Float32);
    }
}
