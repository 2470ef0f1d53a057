namespace Torchlet;

/// <summary>A number for each step: a learning rate.</summary>
public sealed record Schedule
{
    /// <summary>A custom schedule: <c>new(t => 0.1 / Math.Sqrt(t))</c>.</summary>
    /// <param name="at">step, from 1 ↦ number.</param>
    public Schedule(Func<long, double> at) => At = at;

    internal Schedule(string text, Func<long, double> at) : this(at) => Text = text;

    /// <summary>The schedule as code: <c>Cosine(0.001, 1180)</c>; "own" for a custom one.</summary>
    public string Text { get; private init; } = Named.Own;

    /// <summary>step, from 1 ↦ number. Another function, set by <c>with</c>, makes it a custom schedule.</summary>
    public Func<long, double> At { get; init => (field, Text, IsConstant) = (value, Named.Own, false); }

    /// <summary>Whether it is the same number at every step.</summary>
    public bool IsConstant { get; internal init; }

    /// <summary>A number stands for itself at every step.</summary>
    public static implicit operator Schedule(double rate) => Schedules.Constant(rate);
}
