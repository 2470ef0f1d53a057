using System.Collections.Immutable;

namespace Torchlet;

/// <summary>
/// What a pickle may name. <paramref name="Constructors"/> maps <c>module.name</c> to the function that stands for it, or to null where the
/// name may be mentioned but not called; <paramref name="Persistent"/> answers persistent ids; <paramref name="Advice"/> says of a well-known name
/// that is not among them what it stands for and what to save instead.
/// </summary>
public sealed record PickleRules(
    ImmutableDictionary<string, Func<ImmutableArray<object?>, object?>?> Constructors,
    Func<object?, object?>? Persistent = null,
    Func<string, string?>? Advice = null);
