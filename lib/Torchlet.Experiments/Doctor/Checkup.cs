namespace Torchlet;

/// <summary>What was found out about one thing that scripts use.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Health">How it is.</param>
/// <param name="Finding">What was found, in one line.</param>
/// <param name="Remedy">What mends it, in one line; null where nothing is to be mended.</param>
public sealed record Checkup(string Name, Health Health, string Finding, string? Remedy = null)
{
    /// <summary>One line: ok or !!, the name, the finding, the remedy.</summary>
    public override string ToString() =>
        $"{(Health == Health.Ok ? "ok" : "!!")} {Name,-13} {Finding.TrimEnd('.', ':')}"
        + (Health == Health.Lacking ? " (scripts run without)" : "") + (Remedy is null ? "" : $". Remedy: {Remedy}");
}
