using System.Collections.Immutable;
using System.Globalization;

namespace Torchlet;

/// <summary>A row of results.csv.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Values">The values of the options that the sweep varies, in its order, without the seed.</param>
/// <param name="Seed">Its seed, as text; empty in a script that has none.</param>
/// <param name="Metrics">Its metrics, by the names of their columns.</param>
sealed record SweepRow(string Cell, ImmutableArray<string> Values, string Seed, ImmutableDictionary<string, double> Metrics)
{
    /// <summary>Its best epoch; null if it has no epochs.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>How long it took.</summary>
    public double Seconds { get; init; }

    /// <summary>What stands between an option's values for whoever groups by them.</summary>
    public string Key => string.Join('\n', Values);

    /// <summary>A value as a number; null for a name or a list.</summary>
    public double? Number(int option) =>
        double.TryParse(Values[option], NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.IsFinite(x) ? x : null;
}
