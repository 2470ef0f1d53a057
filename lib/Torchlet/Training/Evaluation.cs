using System.Collections.Immutable;

namespace Torchlet;

/// <summary>What a model came to on a split: means over its examples.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Metrics">Each metric of the objective, by its name.</param>
public sealed record Evaluation(double Loss, params ImmutableArray<(string Name, double Value)> Metrics)
{
    /// <summary>The metric of this name; NaN if there is none.</summary>
    public double this[string name] => Metrics.Where(m => m.Name == name).Select(m => m.Value).DefaultIfEmpty(double.NaN).First();

    /// <summary>Whether the numbers are the same.</summary>
    public bool Equals(Evaluation? other) => other is not null && Loss.Equals(other.Loss) && Metrics.SequenceEqual(other.Metrics);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Loss, Metrics.Length);
}
