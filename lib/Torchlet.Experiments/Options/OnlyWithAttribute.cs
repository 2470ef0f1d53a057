using System.Collections.Immutable;

namespace Torchlet;

/// <summary>
/// An option that has a use with some values of another one alone: beside the others, a value that is not its record's own default is
/// refused, on the command line and in code, and --help says so.
/// </summary>
/// <param name="option">The other option's property.</param>
/// <param name="values">The values that go with it.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OnlyWithAttribute(string option, params string[] values) : Attribute
{
    /// <summary>The other option's property.</summary>
    public string Option => option;

    /// <summary>The values that go with it.</summary>
    public ImmutableArray<string> Values => [.. values];
}
