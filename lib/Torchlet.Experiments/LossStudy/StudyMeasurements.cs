namespace Torchlet;

/// <summary>Everything that a comparison of losses measured, and what it comes to.</summary>
/// <param name="Subject">The network and the data set, for the title.</param>
/// <param name="Config">The options of the trainings.</param>
/// <param name="Epochs">The trainings.</param>
/// <param name="Equivalence">cross_entropy against nll, step by step.</param>
/// <param name="Stability">The losses on large logits.</param>
/// <param name="Gradients">The gradients at the logits, epoch by epoch.</param>
/// <param name="Reduction">Sum against mean, step by step.</param>
public sealed record StudyMeasurements(
    string Subject, CompareConfig Config, IReadOnlyList<LossEpoch> Epochs, IReadOnlyList<LossDifference> Equivalence,
    IReadOnlyList<StabilityRow> Stability, IReadOnlyList<GradientNorm> Gradients, IReadOnlyList<ReductionStep> Reduction)
{
    // Rounding is 2⁻²⁴ or 2⁻⁵³ of the logits. Whatever is as large in float64 as in float32 is not rounding.
    const double RoundingInFloat32 = 1e-3, RoundingInFloat64 = 1e-11;

    /// <summary>The losses that were trained, in the order of the trainings.</summary>
    internal IEnumerable<LossVariant> Variants => Epochs.Select(e => e.Loss).Distinct().Select(LossVariant.Named);

    /// <summary>Whether cross_entropy and nll differed by no more than rounding, in either precision.</summary>
    internal bool IsRounding =>
        Largest("float32") is var (loss32, gradient32) && Math.Max(loss32, gradient32) <= RoundingInFloat32
        && Largest("float64") is var (loss64, gradient64) && Math.Max(loss64, gradient64) <= RoundingInFloat64;

    /// <summary>How far they were apart at most; infinitely, if a difference is NaN or was not measured.</summary>
    internal (double Loss, double Gradient) Largest(string precision)
    {
        var rows = Equivalence.Where(e => e.Precision == precision).ToList();
        return (Max(rows.Select(e => e.Loss)), Max(rows.Select(e => e.Gradient)));

        static double Max(IEnumerable<double> values) =>
            values.Select(v => double.IsNaN(v) ? double.PositiveInfinity : v).DefaultIfEmpty(double.PositiveInfinity).Max();
    }

    /// <summary>The last epoch of each seed of a loss.</summary>
    internal IReadOnlyList<LossEpoch> Last(string loss) =>
        [.. Epochs.Where(e => e.Loss == loss).GroupBy(e => e.Seed).OrderBy(g => g.Key).Select(g => g.MaxBy(e => e.Epoch.Index)!)];

    /// <summary>The means of those.</summary>
    internal (double TrainLoss, double TestLoss, double Accuracy) End(string loss) =>
        (Mean(Last(loss).Select(e => e.Epoch.TrainLoss)), Mean(Last(loss).Select(e => e.Epoch.TestLoss)), Mean(Last(loss).Select(e => e.Epoch.TestAccuracy)));

    /// <summary>The length of a loss's gradient at the logits before the training, mean over the seeds.</summary>
    internal double Norm(string loss) => Mean(Gradients.Where(g => g.Loss == loss && g.Epoch == 0).Select(g => g.Norm));

    /// <summary>How hard a mistake pulled, relative to an example that was right, while there was something to learn: mean over epochs and seeds.</summary>
    internal double MistakeRatio(string loss) => Mean(Gradients.Where(g => g.Loss == loss).Select(g => g.MistakeRatio));

    /// <summary>The mean; NaN of nothing, which no comparison holds for.</summary>
    static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
}
