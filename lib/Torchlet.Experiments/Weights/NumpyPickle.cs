using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using static Torchlet.PickledArrays;

namespace Torchlet;

/// <summary>Reads a pickled dict of numpy arrays, of any protocol and any numpy.</summary>
/// <remarks>
/// Source: numpy's <c>ndarray.__reduce__</c>, <c>__reduce_ex__</c> and <c>dtype.__reduce__</c> (numpy/_core/src/multiarray/methods.c, descriptor.c).
/// </remarks>
public static class NumpyPickle
{
    /// <summary>The constructors that pickled numpy arrays need, and no others.</summary>
    public static PickleRules Rules { get; } = new(ImmutableDictionary.CreateRange(Constructors()));

    /// <summary>The arrays of a pickled dict, in the dict's order.</summary>
    /// <exception cref="TorchletException">The file is not a pickled dict of numeric arrays, or it names anything else.</exception>
    public static ImmutableArray<NamedArray> Read(ReadOnlyMemory<byte> bytes)
    {
        var arrays = Entries(Pickle.Read(bytes, Rules).Value, value => (value as Array)?.Shape.Length);
        // Arrays may share one text, which must not be copied for each of them.
        var spelled = new Dictionary<string, byte[]>(ReferenceEqualityComparer.Instance);
        byte[] Spelled(string text) => CollectionsMarshal.GetValueRefOrAddDefault(spelled, text, out _) ??= Latin1(text);
        return Strided.Decode([.. arrays.Select(a => ((Array)a.Value).Describe(a.Name, Spelled))], bytes.Length);
    }

    static byte[] Latin1(string text) => text.All(c => c <= 0xff) ? Encoding.Latin1.GetBytes(text) : throw Damaged("text where an array's bytes should be");

    static IEnumerable<KeyValuePair<string, Func<ImmutableArray<object?>, object?>?>> Constructors()
    {
        foreach (var core in (string[])["numpy.core", "numpy._core"])
        {
            yield return new($"{core}.multiarray._reconstruct", _ => new Array());
            yield return new($"{core}.multiarray.scalar", _ => null); // a loss or an epoch next to the arrays
            yield return new($"{core}.numeric._frombuffer", FromBuffer);
        }
        yield return new("numpy.ndarray", null);
        yield return new("collections.OrderedDict", Ordered);
        yield return new("numpy.dtype", arguments => new Dtype(arguments is [string code, ..] ? code : throw Damaged("a dtype without a name")));
        // Protocols 0 to 2 have no bytes: they spell them as text of one character per byte, which is how we hold them anyway.
        yield return new("_codecs.encode", arguments => arguments is [string text, "latin1"] ? text : throw Damaged("text in an encoding other than latin1"));
        foreach (var builtins in (string[])["__builtin__", "builtins"])
            yield return new($"{builtins}.bytes", arguments => arguments is [] ? ReadOnlyMemory<byte>.Empty : throw Damaged("bytes made of something else"));
    }

    static Array FromBuffer(ImmutableArray<object?> arguments) =>
        arguments is [var data, Dtype type, PickleTuple shape, string order and ("C" or "F"), ..]
        ? new() { Type = type, Shape = Longs(shape), Fortran = order == "F", Data = data }
        : throw Damaged("an array whose elements are neither in C nor in Fortran order; save np.ascontiguousarray of it");

    /// <summary>A dtype: the kind and size come with the constructor, the byte order with the state.</summary>
    sealed class Dtype(string code) : IPickleState
    {
        public string Code => code.TrimStart('<', '>', '|', '=');

        public bool BigEndian { get; private set; } = code.StartsWith('>');

        public void SetState(object? state) =>
            BigEndian = state is PickleTuple { Items: [long, string order, ..] } ? order == ">" : throw Damaged("a dtype without a byte order");
    }

    sealed class Array : IPickleState
    {
        public Dtype? Type { get; set; }
        public ImmutableArray<long> Shape { get; set; } = [];
        public bool Fortran { get; set; }
        public object? Data { get; set; }

        public void SetState(object? state) => (Shape, Type, Fortran, Data) = state switch
        {
            PickleTuple { Items: [long, PickleTuple shape, Dtype type, var fortran, var data] } =>
                (Longs(shape), type, fortran is true or 1L, data),
            _ => throw Damaged("an array without shape, dtype and data"),
        };

        public Strided Describe(string name, Func<string, byte[]> latin1) => (Type, Data) switch
        {
            ({ } type, ReadOnlyMemory<byte> bytes) => Dense(name, type, bytes),
            ({ } type, string text) => Dense(name, type, latin1(text)),
            ({ Code: var code }, _) => throw ElementType.Unknown(name, code),
            _ => throw Damaged($"{Printable.Of(name)} without its data"),
        };

        Strided Dense(string name, Dtype type, ReadOnlyMemory<byte> bytes) =>
            Strided.Dense(name, ElementType.OfNumpy(name, type.Code), bytes, Shape, Fortran, type.BigEndian);
    }
}
