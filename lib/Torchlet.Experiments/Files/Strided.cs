using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Torchlet;

/// <summary>
/// An array as a file describes it: element [i, j, …] is element Offset + i·Strides[0] + j·Strides[1] + … of Data.
/// It is checked when it is made and decoded later, so that nothing is allocated for what is not there.
/// </summary>
sealed record Strided
{
    /// <summary>Most axes an array may have.</summary>
    public const int MaxRank = 32;

    const long FreeElements = 8 << 20;

    public required string Name { get; init; }
    public required ImmutableArray<long> Shape { get; init; }
    public required long Count { get; init; }
    public required ElementType Type { get; init; }
    bool BigEndian { get; init; }
    ReadOnlyMemory<byte> Data { get; init; }
    long Offset { get; init; }
    ImmutableArray<long> Strides { get; init; }

    /// <summary>An array that fills <paramref name="data"/>: last axis fastest, or first axis fastest where <paramref name="fortran"/>.</summary>
    public static Strided Dense(
        string name, ElementType type, ReadOnlyMemory<byte> data, ImmutableArray<long> shape, bool fortran = false, bool bigEndian = false)
    {
        var count = CountOf(CheckedName(name), shape);
        if (count * type.Size != data.Length)
            throw new TorchletException(
                $"{Shown(name, shape)} of {type.Name} wants {count * type.Size} bytes, got {data.Length}; the file is damaged, copy it again");
        return View(name, type, data, 0, shape, StridesOf(shape, fortran), bigEndian);
    }

    /// <summary>An array whose elements stand anywhere in <paramref name="data"/>, which other arrays may share.</summary>
    public static Strided View(
        string name, ElementType type, ReadOnlyMemory<byte> data, long offset, ImmutableArray<long> shape, ImmutableArray<long> strides, bool bigEndian = false)
    {
        var count = CountOf(CheckedName(name), shape);
        if (strides.Length != shape.Length || !Fits(data.Length / type.Size, count, offset, shape, strides))
            throw new TorchletException(
                $"{Shown(name, shape)} with offset {offset} and strides {NamedArray.Show(strides)} reaches outside its {data.Length} bytes of {type.Name}; "
                + "the file is damaged, copy it again");
        return new() { Name = name, Type = type, Data = data, Offset = offset, Shape = shape, Strides = strides, BigEndian = bigEndian, Count = count };
    }

    /// <summary>The bytes themselves where the array consists of bytes, last axis fastest; null for any other one.</summary>
    public ReadOnlyMemory<byte>? Bytes =>
        Type == ElementType.UInt8 && Strides.SequenceEqual(StridesOf(Shape)) ? Data.Slice((int)Offset, (int)Count) : default(ReadOnlyMemory<byte>?);

    /// <summary>All arrays decoded, in the order given.</summary>
    /// <param name="arrays">What the file describes.</param>
    /// <param name="honest">Bytes of the file. Arrays may share bytes, or repeat one with stride 0, so a small file can describe huge arrays.</param>
    public static ImmutableArray<NamedArray> Decode(IReadOnlyCollection<Strided> arrays, long honest)
    {
        var total = arrays.Aggregate(0L, (sum, a) => Math.Min(sum + a.Count, long.MaxValue / 2));
        return total <= Math.Min(honest + FreeElements, Array.MaxLength)
            ? [.. arrays.Select(a => a.Decode())]
            : throw new TorchletException($"its arrays would unfold to {total} numbers out of {honest} bytes; that is not a weights file");
    }

    NamedArray Decode()
    {
        var values = new float[Count];
        var (row, stride) = Shape.Length == 0 ? (1, 1) : ((int)Math.Min(Shape[^1], Count), Strides[^1]);
        for (var at = 0; at < values.Length; at += row)
            DecodeRow(values.AsSpan(at, row), Start(at / row), stride);
        return new(Name, Shape, values);
    }

    /// <summary>Where the n-th run along the last axis starts: n written in the mixed base of the other axes.</summary>
    long Start(long n)
    {
        var start = Offset;
        for (var axis = Shape.Length - 2; axis >= 0; axis--)
            (start, n) = (start + n % Shape[axis] * Strides[axis], n / Shape[axis]);
        return start;
    }

    void DecodeRow(Span<float> row, long start, long stride)
    {
        var bytes = Data.Span;
        var isDense = stride == 1 && BigEndian != BitConverter.IsLittleEndian;
        if (isDense && Type == ElementType.Float32) MemoryMarshal.Cast<byte, float>(bytes.Slice((int)start * 4, row.Length * 4)).CopyTo(row);
        else if (isDense && Type == ElementType.Float64)
            Narrow(MemoryMarshal.Cast<byte, double>(bytes.Slice((int)start * 8, row.Length * 8)), row);
        else
            for (var i = 0; i < row.Length; i++)
                row[i] = Element(bytes.Slice((int)(start + i * stride) * Type.Size, Type.Size));
    }

    static void Narrow(ReadOnlySpan<double> from, Span<float> to)
    {
        for (var i = 0; i < to.Length; i++) to[i] = (float)from[i];
    }

    float Element(ReadOnlySpan<byte> bytes)
    {
        Span<byte> little = stackalloc byte[bytes.Length];
        bytes.CopyTo(little);
        if (BigEndian)
            little.Reverse();
        return Type.Read(little);
    }

    static long CountOf(string name, ImmutableArray<long> shape)
    {
        if (shape.Length > MaxRank || shape.Any(length => length is < 0 or > int.MaxValue))
            throw new TorchletException(
                $"{name} has {shape.Length} axes of lengths {Printable.Of(NamedArray.Show(shape))}; wanted are at most {MaxRank}, each 0 to {int.MaxValue}");
        var count = shape.Contains(0) ? 0 : shape.Aggregate(1L, (product, length) => Math.Min(product * length, int.MaxValue + 1L));
        return count <= int.MaxValue ? count : throw new TorchletException($"{Shown(name, shape)} has more than {int.MaxValue} elements");
    }

    static bool Fits(long elements, long count, long offset, ImmutableArray<long> shape, ImmutableArray<long> strides)
    {
        if (offset < 0 || offset > elements || strides.Any(s => s is < 0 or > int.MaxValue))
            return false;
        // Each term is at most 2^62 and the sum is cut back to 2^62 before the next one, so that nothing overflows.
        var last = shape.Zip(strides, (length, stride) => (length - 1) * stride).Aggregate(offset, (sum, term) => Math.Min(sum + term, 1L << 62));
        return count == 0 || last < elements;
    }

    /// <summary>How many elements one step along each axis is.</summary>
    public static ImmutableArray<long> StridesOf(ImmutableArray<long> shape, bool fortran = false)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        foreach (var axis in fortran ? Enumerable.Range(0, shape.Length) : Enumerable.Range(0, shape.Length).Reverse())
            (strides[axis], stride) = (stride, stride * Math.Max(shape[axis], 1));
        return [.. strides];
    }

    static string CheckedName(string name) =>
        name.Length > 0 && Printable.Of(name) == name ? name
        : throw new TorchletException(
            $"an array has the name '{Printable.Of(name)}' of {name.Length} characters; wanted are 1 to {Printable.Longest} printable ones");

    static string Shown(string name, ImmutableArray<long> shape) => $"{name} {NamedArray.Show(shape)}";
}
