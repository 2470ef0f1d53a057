namespace Torchlet.Tests;

/// <summary>
/// Tests that take turns with those of the same lane alone. Tests of no lane take turns with one another: those that run scripts in this process, draw from
/// libtorch's global generator, set its threads or redirect the console, and all that would notice.
/// </summary>
static class Lane
{
    /// <summary>Two lanes of tests that start processes or take long by themselves, of about the same length.</summary>
    public const string Scripts = "scripts", MoreScripts = "more scripts";

    /// <summary>Tests that measure the process as a whole: nothing else runs at the same time.</summary>
    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class OfOne;

    /// <inheritdoc cref="OfOne"/>
    public const string Alone = "alone";
}
