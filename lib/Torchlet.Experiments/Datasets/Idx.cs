using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Torchlet;

/// <summary>
/// MNIST's file format: two zero bytes, the element type (8: unsigned byte), the number of dimensions, each dimension as a
/// big-endian int32, then the elements. Source: Y. LeCun, "The MNIST database", section FILE FORMATS.
/// </summary>
public static class Idx
{
    /// <summary>An IDX file of the elements.</summary>
    /// <exception cref="ArgumentException">The number of elements is not the product of the dimensions.</exception>
    public static byte[] Bytes(ReadOnlySpan<byte> elements, params ReadOnlySpan<int> dimensions)
    {
        var count = 1;
        foreach (var d in dimensions) count = checked(count * d);
        if (count != elements.Length) throw new ArgumentException($"elements: want {count}, got {elements.Length}.", nameof(elements));
        return [.. Header(dimensions), .. elements];
    }

    /// <summary>The first bytes of an IDX file of these dimensions.</summary>
    internal static byte[] Header(params ReadOnlySpan<int> dimensions)
    {
        var bytes = new byte[HeaderLength(dimensions.Length)];
        (bytes[2], bytes[3]) = (8, (byte)dimensions.Length);
        for (var i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + 4 * i), dimensions[i]);
        return bytes;
    }

    /// <summary>SHA-256 of an IDX file of the elements, which tells what they are however they are kept.</summary>
    internal static string Sha256(ReadOnlySpan<byte> elements, params ReadOnlySpan<int> dimensions)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Header(dimensions));
        hash.AppendData(elements);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static int HeaderLength(int dimensions) => 4 + 4 * dimensions;

    /// <summary>The dimensions that a file declares.</summary>
    /// <param name="start">The file's first bytes, at least its header where it is that long.</param>
    /// <param name="dimensions">How many dimensions it must have.</param>
    /// <param name="what">What its elements are, for the message.</param>
    internal static int[] Shape(ReadOnlySpan<byte> start, int dimensions, string what)
    {
        if (start.Length < HeaderLength(dimensions) || start[0] != 0 || start[1] != 0 || start[2] != 8 || start[3] != dimensions)
            throw new TorchletException(
                $"is not an IDX file of {what}: it must begin with 00 00 08 0{dimensions} and {dimensions} sizes, and begins with {Show(start)}");
        var shape = new int[dimensions];
        for (var i = 0; i < dimensions; i++) shape[i] = BinaryPrimitives.ReadInt32BigEndian(start[(4 + 4 * i)..]);
        return !shape.Contains(0) ? shape : throw new TorchletException($"holds no {what}: its sizes are {Sizes(shape)}");
    }

    /// <summary>Refuses a file that does not hold what it declares, before anything is allocated for it.</summary>
    /// <param name="shape">The dimensions that it declares.</param>
    /// <param name="follow">How many bytes follow its header.</param>
    /// <param name="what">What its elements are, for the message.</param>
    internal static void Check(ReadOnlySpan<int> shape, long follow, string what)
    {
        if (Size(shape) != follow) throw new TorchletException($"{Claim(shape, what)}, but {follow} bytes follow its header");
        CheckFits(shape);
    }

    /// <summary>Refuses more elements than one tensor's memory can be looked at as.</summary>
    internal static void CheckFits(ReadOnlySpan<int> shape)
    {
        if (Size(shape) > Array.MaxLength)
            throw new TorchletException($"holds {Size(shape)} bytes, more than the {Array.MaxLength} that fit into memory as one tensor");
    }

    /// <summary>How many elements a file declares.</summary>
    internal static Int128 Size(ReadOnlySpan<int> shape)
    {
        var size = (Int128)1;
        foreach (var n in shape) size *= (uint)n;
        return size;
    }

    /// <summary>The dimensions that a file declares, as the beginning of an error message.</summary>
    internal static string Claim(ReadOnlySpan<int> shape, string what) => $"says it holds {Sizes(shape)} {what}, {Size(shape)} bytes";

    /// <summary>Dimensions as text: 60000 × 28 × 28.</summary>
    internal static string Sizes(ReadOnlySpan<int> shape) => string.Join(" × ", shape.ToArray().Select(n => (uint)n));

    static string Show(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? "nothing" : string.Join(' ', bytes[..Math.Min(4, bytes.Length)].ToArray().Select(b => $"{b:x2}"));
}
