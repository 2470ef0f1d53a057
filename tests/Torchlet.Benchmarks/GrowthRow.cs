namespace Torchlet.Benchmarks;

/// <summary>A training with one setting at one value.</summary>
/// <param name="Setting">One of <see cref="Growth"/>'s.</param>
/// <param name="Value">Its value.</param>
/// <param name="Seconds">Of an epoch, the median after the first; where epochs grow, of all of them.</param>
/// <param name="Gflop">Arithmetic of the matrix products in these seconds, in 10⁹ operations.</param>
/// <param name="PeakMegabytes">The most memory that the process had resident, in MB; of ranks, all of them together.</param>
sealed record GrowthRow(string Setting, int Value, double Seconds, double Gflop, double PeakMegabytes);
