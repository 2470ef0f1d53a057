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
