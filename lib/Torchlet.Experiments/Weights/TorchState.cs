using System.Collections.Immutable;
using System.Text;

namespace Torchlet;

/// <summary>Reads and writes PyTorch state dicts (.pt, .pth): the zip format, and the format of torch.save before version 1.6.</summary>
/// <remarks>
/// Source: torch/serialization.py (<c>_save</c>, <c>_legacy_save</c>), torch/_utils.py (<c>_rebuild_tensor_v2</c>), caffe2/serialize/inline_container.h.
/// </remarks>
public static class TorchState
{
    const string Root = "archive";

    /// <summary>The opcode for the integer 0x1950a86a20f9469cfc6c, which torch.save put first.</summary>
    static ReadOnlySpan<byte> LegacyMagic => [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>A view of a storage, whose bytes stand elsewhere in the file.</summary>
    sealed record Tensor(Storage Storage, long Offset, ImmutableArray<long> Size, ImmutableArray<long> Stride);

    sealed record Storage(string Key, ElementType Type, long Offset);

    /// <summary>The tensors of a state dict in zip format, in its order.</summary>
    /// <exception cref="TorchletException">The state dict is damaged, or it names anything but tensors.</exception>
    internal static ImmutableArray<NamedArray> ReadZip(OrderedDictionary<string, ReadOnlyMemory<byte>> entries, long honest)
    {
        var pickle = entries.Keys.Where(IsStateDict).Order().First();
        var root = pickle[..^"data.pkl".Length];
        var bigEndian = entries.TryGetValue(root + "byteorder", out var order) && order.Span.SequenceEqual("big"u8);
        return Decode(Pickle.Read(entries[pickle], Rules(_ => { })).Value, honest + entries.Values.Sum(e => (long)e.Length), bigEndian, key =>
            entries.TryGetValue($"{root}data/{key}", out var data) ? data : throw Damaged($"no storage '{Printable.Of(key)}'"));
    }

    internal static bool IsStateDict(string entry) => entry == "data.pkl" || entry.EndsWith("/data.pkl", StringComparison.Ordinal);

    /// <summary>Whether the bytes begin as the format before version 1.6 does.</summary>
    public static bool IsLegacy(ReadOnlyMemory<byte> bytes) => bytes.Span[..Math.Min(bytes.Length, 32)].IndexOf(LegacyMagic) is > 0;

    /// <summary>The tensors of a state dict in the format before version 1.6: five pickles, then the storages one after another.</summary>
    /// <exception cref="TorchletException">The state dict is damaged, or it names anything but tensors.</exception>
    public static ImmutableArray<NamedArray> ReadLegacy(ReadOnlyMemory<byte> bytes)
    {
        var types = new Dictionary<string, ElementType>();
        var (rules, from) = (Rules(storage => types[storage.Key] = storage.Type), new ByteReader(bytes));
        var values = Enumerable.Range(0, 5).Select(_ => Next(bytes, from, rules)).ToArray();
        if (values is not [_, 1001L, _, var state, PickleList keys])
            throw Damaged("no list of its storages, or another protocol than 1001");
        var storages = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var key in keys.Items)
            if (key is string name && types.TryGetValue(name, out var type))
                storages[name] = from.Take(Bytes(from.U64(), type));
            else
                throw Damaged("a storage that no tensor uses");
        return Decode(state, bytes.Length, false, key => storages.TryGetValue(key, out var data) ? data : throw Damaged($"no storage '{Printable.Of(key)}'"));
    }

    /// <summary>A state dict that <c>torch.load(weights_only=True)</c> reads, as float32 in the order given.</summary>
    public static byte[] Write(IReadOnlyList<NamedArray> arrays) => Zip.Write(
    [
        ($"{Root}/data.pkl", Encoding.Latin1.GetBytes(StatePickle(arrays))),
        ($"{Root}/byteorder", "little"u8.ToArray()),
        .. arrays.Select((a, key) => ($"{Root}/data/{key}", a.LittleEndian())),
        ($"{Root}/version", "3\n"u8.ToArray()),
    ]);

    static object? Next(ReadOnlyMemory<byte> bytes, ByteReader from, PickleRules rules)
    {
        var (value, length) = Pickle.Read(bytes[from.At..], rules);
        from.Take((ulong)length);
        return value;
    }

    static ulong Bytes(ulong count, ElementType type) => count <= int.MaxValue ? count * (ulong)type.Size : throw Damaged($"a storage of {count} elements");

    static ImmutableArray<NamedArray> Decode(object? state, long honest, bool bigEndian, Func<string, ReadOnlyMemory<byte>> storage)
    {
        var tensors = PickledArrays.Entries(state, value => (value as Tensor)?.Size.Length);
        return Strided.Decode([.. tensors.Select(t => Describe(t.Name, (Tensor)t.Value, storage, bigEndian))], honest);
    }

    static Strided Describe(string name, Tensor t, Func<string, ReadOnlyMemory<byte>> storage, bool bigEndian) =>
        Strided.View(name, t.Storage.Type, storage(t.Storage.Key), t.Offset, t.Size, t.Stride, bigEndian);

    /// <summary>The constructors that PyTorch's state dicts need, and no others. A checkpoint may hold numpy's scalars too.</summary>
    static readonly ImmutableDictionary<string, Func<ImmutableArray<object?>, object?>?> Constructors = NumpyPickle.Rules.Constructors
        .AddRange(ElementType.TorchStorages.Select(name => KeyValuePair.Create($"torch.{name}", default(Func<ImmutableArray<object?>, object?>))))
        .AddRange(new Dictionary<string, Func<ImmutableArray<object?>, object?>?>
        {
            ["torch._utils._rebuild_tensor"] = Rebuild,
            ["torch._utils._rebuild_tensor_v2"] = Rebuild,
            ["torch._utils._rebuild_parameter"] = Parameter,
            ["torch._utils._rebuild_parameter_with_state"] = Parameter,
        });

    static PickleRules Rules(Action<Storage> seen) => new(Constructors, id => Persistent(id, seen), TorchAdvice.For);

    static Storage Persistent(object? id, Action<Storage> seen)
    {
        if (id is not PickleTuple { Items: { Length: <= 6 } and ["storage", PickleName type, string key, string, long, .. var view] }
            || ElementType.OfTorch(type.Name["torch.".Length..]) is not { } elements)
            throw Damaged("a persistent id that is not a storage");
        var storage = new Storage(key, elements, view is [PickleTuple { Items: [_, long offset, ..] }] ? offset : 0);
        seen(storage);
        return storage;
    }

    static Tensor Rebuild(ImmutableArray<object?> arguments) =>
        arguments is [Storage storage, long offset, PickleTuple size, PickleTuple stride, ..]
        ? new(storage, Sum(storage.Offset, offset), PickledArrays.Longs(size), PickledArrays.Longs(stride))
        : throw Damaged("a tensor that is not rebuilt from storage, offset, size and stride");

    static object? Parameter(ImmutableArray<object?> arguments) => arguments is [Tensor data, ..] ? data : throw Damaged("a parameter without a tensor");

    static long Sum(long view, long offset) =>
        view is >= 0 and <= int.MaxValue && offset is >= 0 and <= int.MaxValue ? view + offset : throw Damaged($"the offset {offset}");

    // The pickle that torch.save writes, protocol 2, as text of one character per byte: opcodes are letters, see pickletools.
    static string StatePickle(IReadOnlyList<NamedArray> arrays) =>
        "\u0080\u0002" + EmptyDict + "(" + string.Concat(arrays.Select((a, key) => Text(a.Name) + Rebuilt(a, key))) + "u.";

    static string Rebuilt(NamedArray a, int key) =>
        "ctorch._utils\n_rebuild_tensor_v2\n" + Tuple(StorageId(a, key), Int(0), Longs(a.Shape), Longs(Strided.StridesOf(a.Shape)), False, EmptyDict) + "R";

    static string StorageId(NamedArray a, int key) => Tuple(Text("storage"), "ctorch\nFloatStorage\n", Text($"{key}"), Text("cpu"), Int(a.Values.Length)) + "Q";

    const string EmptyDict = "ccollections\nOrderedDict\n)R", False = "\u0089";

    static string Tuple(params IEnumerable<string> items) => "(" + string.Concat(items) + "t";

    static string Longs(ImmutableArray<long> lengths) => Tuple(lengths.Select(Int));

    static string Text(string text) => "X" + Word(Encoding.UTF8.GetByteCount(text)) + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    static string Int(long value) => "J" + Word(checked((int)value));

    static string Word(int value) => string.Concat(Enumerable.Range(0, 4).Select(i => (char)(byte)(value >> (8 * i))));

    static TorchletException Damaged(string what) => new($"the state dict holds {what}; the file is damaged or no weights file");
}

/// <summary>Names in PyTorch's files other than those of plain tensors, and the thing to save instead.</summary>
/// <remarks>Source: torch/_utils.py, torch/_tensor.py (<c>_reduce_ex_internal</c>), torch/storage.py.</remarks>
static class TorchAdvice
{
    /// <summary>The meaning of one of PyTorch's names and the remedy, as text to follow the name; null for any other name.</summary>
    public static string? For(string name) => Kind(name) is var (what, save) ? $"which means {what}; save {save} and name that file" : null;

    static (string What, string Save)? Kind(string name) => name switch
    {
        _ when name.StartsWith("torch._utils._rebuild_sparse", StringComparison.Ordinal) => ("a sparse tensor", "its to_dense()"),
        "torch._utils._rebuild_nested_tensor" => ("a nested tensor", "its to_padded_tensor(0)"),
        "torch._utils._rebuild_qtensor" or "torch.qint8" or "torch.quint8" => ("a quantised tensor", "its dequantize()"),
        _ when name.StartsWith("torch.Complex", StringComparison.Ordinal) => ("complex numbers", "the real part, tensor.real.clone()"),
        "torch._utils._rebuild_tensor_v3" => ("numbers of an uncommon type", "tensor.float()"),
        _ when name.StartsWith("torch.nn.", StringComparison.Ordinal) => ("a whole module", "its state_dict()"),
        _ when name.StartsWith("__torch__.", StringComparison.Ordinal) => ("a TorchScript program", "the module's state_dict()"),
        _ when name.StartsWith("torch.", StringComparison.Ordinal) =>
            ("more than a plain tensor", "the tensors alone, as model.state_dict() gives them,"),
        _ => null,
    };
}
