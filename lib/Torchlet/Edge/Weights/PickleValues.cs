using System.Collections.Immutable;

namespace Torchlet;

/// <summary>A global that a pickle mentions, as <c>module.name</c>.</summary>
public sealed record PickleName(string Name);

/// <summary>A tuple.</summary>
public sealed record PickleTuple(ImmutableArray<object?> Items);

/// <summary>A list, which later opcodes of the same pickle may extend.</summary>
public sealed class PickleList
{
    /// <summary>Its items.</summary>
    public List<object?> Items { get; } = [];
}

/// <summary>A dict, which later opcodes of the same pickle may extend.</summary>
public sealed class PickleDict
{
    /// <summary>Its items in the order set; where a key comes twice the last one counts.</summary>
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>An object that takes its state after it was constructed (Python's <c>__setstate__</c>).</summary>
public interface IPickleState
{
    /// <summary>Takes the state; unusable state is a <see cref="TorchletException"/>.</summary>
    void SetState(object? state);
}
