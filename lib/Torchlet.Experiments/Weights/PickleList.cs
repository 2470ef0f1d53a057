namespace Torchlet;

/// <summary>A list, which later opcodes of the same pickle may extend.</summary>
public sealed class PickleList
{
    /// <summary>Its items.</summary>
    public List<object?> Items { get; } = [];
}
