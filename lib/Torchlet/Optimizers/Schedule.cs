namespace Torchlet;

/// <summary>A number for each step: a learning rate.</summary>
/// <param name="Text">How it is written: <c>Cosine(0.001, 1180)</c>; "own" of somebody's own.</param>
/// <param name="At">step, from 1 ↦ number.</param>
public sealed record Schedule(string Text, Func<long, double> At)
{
    /// <summary>Whether it is the same number at every step.</summary>
    public bool IsConstant { get; init; }

    /// <summary>A number stands for itself at every step.</summary>
    public static implicit operator Schedule(double rate) => Schedules.Constant(rate);
}
