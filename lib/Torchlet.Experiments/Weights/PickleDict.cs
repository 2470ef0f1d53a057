namespace Torchlet;

/// <summary>A dict, which later opcodes of the same pickle may extend.</summary>
public sealed class PickleDict
{
    /// <summary>Its items in the order set; where a key comes twice the last one counts.</summary>
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}
