namespace Torchlet.Tests;

/// <summary>
/// Tests that take turns with those of the same lane alone. A test without one takes turns with all that have none: what draws from libtorch's global
/// generator, sets its threads or redirects the console is there, and so is whoever would notice.
/// </summary>
static class Lane
{
    /// <summary>Two lanes of tests that start scripts, of about the same length.</summary>
    public const string Scripts = "scripts", MoreScripts = "more scripts";

    /// <summary>Tests that measure the process as a whole: nothing else runs beside them.</summary>
    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class OfOne;

    /// <inheritdoc cref="OfOne"/>
    public const string Alone = "alone";
}
