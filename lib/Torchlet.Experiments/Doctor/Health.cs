namespace Torchlet;

/// <summary>How a thing that scripts use is found.</summary>
public enum Health
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Not as it could be, and scripts run all the same.</summary>
    Lacking,

    /// <summary>Scripts cannot run, or not all of them.</summary>
    Broken,
}
