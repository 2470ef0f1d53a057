using static System.FormattableString;

namespace Torchlet;

/// <summary>A number with its noun.</summary>
static class Plural
{
    /// <summary>1 epoch, 1,180 steps, 0 classes.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The noun.</param>
    /// <param name="many">Its plural; with an s if not given.</param>
    public static string Of(long count, string one, string? many = null) => Invariant($"{count:n0} {(count == 1 ? one : many ?? one + "s")}");
}
