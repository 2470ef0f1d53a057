using System.Collections.Immutable;
using System.Text;

namespace Torchlet;

/// <summary>Common parts of numpy's and PyTorch's pickles of weights: a dict of arrays, and shapes.</summary>
static class PickledArrays
{
    /// <summary>
    /// The entries of the dict that are arrays, in order. A checkpoint keeps that dict with other things, under state_dict or the like: where
    /// <paramref name="root"/> itself has no arrays but single numbers, such as a step, the one dict in it that has some is taken.
    /// </summary>
    /// <param name="root">What the pickle holds.</param>
    /// <param name="axes">How many axes an array has, 0 for a single number; null for anything else.</param>
    public static ImmutableArray<(string Name, object Value)> Entries(object? root, Func<object?, int?> axes)
    {
        if (root is not PickleDict dict)
            throw new TorchletException("it does not hold a dict; wanted is a dict of arrays, such as {'W1': …, 'b1': …} or model.state_dict()");
        return Arrays(dict, axes) is { Length: > 0 } arrays ? arrays : Nested(dict, axes);
    }

    /// <summary>An OrderedDict as constructed: empty, to be filled by later opcodes.</summary>
    public static PickleDict Ordered(ImmutableArray<object?> arguments) =>
        arguments is [] ? new() : throw Damaged("an OrderedDict that was not built by Python 3");

    /// <summary>
    /// The lengths or strides of an array. Their number is checked first: a tuple that is written once can be named many thousand times.
    /// </summary>
    public static ImmutableArray<long> Longs(PickleTuple tuple) =>
        tuple.Items.Length <= Strided.MaxRank ? [.. tuple.Items.Select(item => item is long n ? n : throw Damaged("a shape that is not made of integers"))]
        : throw Damaged($"an array of {tuple.Items.Length} axes");

    public static TorchletException Damaged(string what) => new($"the pickle holds {what}; the file is damaged or no weights file");

    static ImmutableArray<(string, object)> Nested(PickleDict dict, Func<object?, int?> axes)
    {
        var inner = Values(dict).Select(item => item.Value).OfType<PickleDict>().Distinct();
        var found = inner.Select(d => Arrays(d, axes)).Where(arrays => arrays.Length > 0).ToImmutableArray();
        return found.Length == 1 ? found[0]
            : throw new TorchletException($"it holds {found.Length} dicts of arrays; wanted is one, such as {{'W1': …, 'b1': …}} or model.state_dict()");
    }

    /// <summary>The dict's arrays; none where all of them are single numbers.</summary>
    static ImmutableArray<(string, object)> Arrays(PickleDict dict, Func<object?, int?> axes)
    {
        var arrays = Values(dict).Where(item => axes(item.Value) is not null).ToImmutableArray();
        return arrays.Any(item => axes(item.Value) > 0) ? [.. arrays.Select(item => (item.Key, item.Value!))] : [];
    }

    /// <summary>As Python keeps them: a key that comes again keeps its place and takes the new value.</summary>
    static OrderedDictionary<string, object?> Values(PickleDict dict)
    {
        var values = new OrderedDictionary<string, object?>();
        foreach (var (key, value) in dict.Items)
            if (NameOf(key) is { } name)
                values[name] = value;
        return values;
    }

    /// <summary>A key as a name. Python 3 gives those of Python 2 as bytes, and one long text may be the key of many thousand values.</summary>
    static string? NameOf(object? key) => key switch
    {
        string name => name,
        ReadOnlyMemory<byte> { Length: <= Printable.Longest } bytes => Encoding.UTF8.GetString(bytes.Span),
        ReadOnlyMemory<byte> bytes => throw Damaged($"a key of {bytes.Length} bytes"),
        _ => null,
    };
}
