using System.Collections.Immutable;

namespace Torchlet;

/// <summary>What numpy's and PyTorch's pickles of weights have in common: a dict of arrays, and shapes.</summary>
static class PickledArrays
{
    /// <summary>
    /// The entries of the dict that <paramref name="isArray"/> accepts, in order. A checkpoint keeps that dict beside other things, under
    /// state_dict or the like: where <paramref name="root"/> itself has no arrays, the one dict in it that has some is taken.
    /// </summary>
    public static ImmutableArray<(string Name, object Value)> Entries(object? root, Func<object?, bool> isArray)
    {
        if (root is not PickleDict dict)
            throw new TorchletException("it does not hold a dict; wanted is a dict of arrays, such as {'W1': …, 'b1': …} or model.state_dict()");
        return Arrays(dict, isArray) is { Length: > 0 } arrays ? arrays : Nested(dict, isArray);
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

    static ImmutableArray<(string, object)> Nested(PickleDict dict, Func<object?, bool> isArray)
    {
        var inner = Values(dict).Select(item => item.Value).OfType<PickleDict>().Distinct();
        var found = inner.Select(d => Arrays(d, isArray)).Where(arrays => arrays.Length > 0).ToImmutableArray();
        return found.Length == 1 ? found[0]
            : throw new TorchletException($"it holds {found.Length} dicts of arrays; wanted is one, such as {{'W1': …, 'b1': …}} or model.state_dict()");
    }

    static ImmutableArray<(string, object)> Arrays(PickleDict dict, Func<object?, bool> isArray) =>
        [.. Values(dict).Where(item => isArray(item.Value)).Select(item => (item.Key, item.Value!))];

    /// <summary>As Python keeps them: a key that comes again keeps its place and takes the new value.</summary>
    static OrderedDictionary<string, object?> Values(PickleDict dict)
    {
        var values = new OrderedDictionary<string, object?>();
        foreach (var (key, value) in dict.Items)
            if (key is string name)
                values[name] = value;
        return values;
    }
}
