using System.Collections.Immutable;
using static TorchSharp.torch;
using Columns = System.Collections.Immutable.ImmutableSortedDictionary<string, TorchSharp.torch.Tensor>;

namespace Torchlet;

/// <summary>Side columns of a split or a batch: tensors by name, one row an example.</summary>
static class SideColumns
{
    /// <summary>No columns.</summary>
    public static Columns None { get; } = ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal);

    /// <summary>The columns and one more, or with another one in its place.</summary>
    public static Columns With(this Columns columns, string name, Tensor values, Tensor inputs) =>
        string.IsNullOrWhiteSpace(name) || name is "inputs" or "targets"
            ? throw new ArgumentException($"column: want a name other than inputs and targets, got '{name}'.", nameof(name))
            : columns.SetItem(name, values.WantOneForEach(inputs, name));

    /// <summary>The column of this name.</summary>
    public static Tensor Column(this Columns columns, string name) => columns.TryGetValue(name, out var column) ? column
        : throw new ArgumentException($"column: want {(columns.IsEmpty ? "a side column, and there are none" : string.Join(" or ", columns.Keys))}, "
            + $"got '{name}'; add it to each split that needs it: split.With(\"{name}\", …).", nameof(name));

    /// <summary>Fails unless each column has one row for each input.</summary>
    public static void Check(this Columns columns, Tensor inputs)
    {
        foreach (var (name, column) in columns) column.WantOneForEach(inputs, name);
    }

    /// <summary>Every column changed in the same way.</summary>
    public static Columns Each(this Columns columns, Func<Tensor, Tensor> change) =>
        columns.IsEmpty ? columns : columns.ToImmutableSortedDictionary(column => column.Key, column => change(column.Value), StringComparer.Ordinal);

    /// <summary>The columns, with the comma before each, of an object's text.</summary>
    public static string Shown(this Columns columns) => string.Concat(columns.Select(column => $", {column.Key} {Split.Shown(column.Value)}"));

    /// <summary>The tensor itself, if its first axis is as long as that of the inputs.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static Tensor WantOneForEach(this Tensor values, Tensor inputs, string name) =>
        inputs.ndim == 0 ? throw new ArgumentException("inputs: want [count, …], got a single number.", nameof(inputs))
        : values.ndim == 0 || values.size(0) != inputs.size(0) ? throw new ArgumentException(
            $"{name}: want {inputs.size(0)}, one for each input, got {(values.ndim == 0 ? "a single number" : $"{values.size(0)}")}.", name)
        : values;
}
