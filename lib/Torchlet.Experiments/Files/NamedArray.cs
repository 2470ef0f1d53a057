using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Torchlet;

/// <summary>One array out of a file, in managed memory.</summary>
/// <param name="Name">The array's name in the file.</param>
/// <param name="Shape">Lengths of its axes; none for a scalar.</param>
/// <param name="Values">As many values as the product of the lengths, last axis fastest (C order), whatever order the file has.</param>
public sealed record NamedArray(string Name, ImmutableArray<long> Shape, ReadOnlyMemory<float> Values)
{
    /// <summary>Name and shape as people write them: <c>W1 (784, 50)</c>.</summary>
    public override string ToString() => $"{Name} {Show(Shape)}";

    /// <summary>The values as little-endian float32.</summary>
    public byte[] LittleEndian()
    {
        var bytes = new byte[Values.Length * sizeof(float)];
        for (var i = 0; i < Values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), Values.Span[i]);
        return bytes;
    }

    /// <summary>A shape as Python writes it: <c>(784, 50)</c>, <c>(50,)</c>, <c>()</c>.</summary>
    public static string Show(ImmutableArray<long> shape) => shape.Length == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
}

/// <summary>A kind of stored number: its name, its spelling in each format, its size, and how its little-endian bytes become a float.</summary>
/// <remarks>Sources: numpy's array protocol type strings, torch/storage.py, the safetensors specification.</remarks>
sealed record ElementType(string Name, string? Numpy, string? Torch, string? Safetensors, int Size, Func<ReadOnlySpan<byte>, float> Read)
{
    public static readonly ElementType Float32 = new("float32", "f4", "FloatStorage", "F32", 4, BinaryPrimitives.ReadSingleLittleEndian);

    public static readonly ElementType Float64 = new("float64", "f8", "DoubleStorage", "F64", 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b));

    public static readonly ElementType UInt8 = new("uint8", "u1", "ByteStorage", "U8", 1, b => b[0]);

    static readonly ImmutableArray<ElementType> All =
    [
        Float32,
        Float64,
        new("float16", "f2", "HalfStorage", "F16", 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
        new("bfloat16", null, "BFloat16Storage", "BF16", 2, b => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(b) << 16)),
        new("int8", "i1", "CharStorage", "I8", 1, b => (sbyte)b[0]),
        UInt8,
        new("int16", "i2", "ShortStorage", "I16", 2, b => BinaryPrimitives.ReadInt16LittleEndian(b)),
        new("uint16", "u2", null, "U16", 2, b => BinaryPrimitives.ReadUInt16LittleEndian(b)),
        new("int32", "i4", "IntStorage", "I32", 4, b => BinaryPrimitives.ReadInt32LittleEndian(b)),
        new("uint32", "u4", null, "U32", 4, b => BinaryPrimitives.ReadUInt32LittleEndian(b)),
        new("int64", "i8", "LongStorage", "I64", 8, b => BinaryPrimitives.ReadInt64LittleEndian(b)),
        new("uint64", "u8", null, "U64", 8, b => BinaryPrimitives.ReadUInt64LittleEndian(b)),
        new("bool", "b1", "BoolStorage", "BOOL", 1, b => b[0] == 0 ? 0 : 1),
    ];

    public static ElementType OfNumpy(string array, string code) => All.FirstOrDefault(t => t.Numpy == code) ?? throw Unknown(array, code);

    public static ElementType OfSafetensors(string array, string dtype) => All.FirstOrDefault(t => t.Safetensors == dtype) ?? throw Unknown(array, dtype);

    public static ElementType? OfTorch(string storage) => All.FirstOrDefault(t => t.Torch == storage);

    public static IEnumerable<string> TorchStorages => All.Select(t => t.Torch).OfType<string>();

    public static TorchletException Unknown(string array, string type) =>
        new($"{Printable.Of(array)} has elements of type '{Printable.Of(type)}'; save it as one of {string.Join(", ", All.Select(t => t.Name))}");
}
