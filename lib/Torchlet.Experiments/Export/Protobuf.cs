using System.Buffers.Binary;
using System.Text;

namespace Torchlet;

/// <summary>
/// Protocol buffers, as far as they are written here: a message is its fields one after the other, each a number, which the message's .proto file gives
/// it, and a value. Source: protobuf.dev, Encoding.
/// </summary>
static class Protobuf
{
    /// <summary>A message by itself.</summary>
    public static byte[] Message(params IEnumerable<byte[]> fields)
    {
        using var bytes = new MemoryStream();
        foreach (var field in fields) bytes.Write(field);
        return bytes.ToArray();
    }

    /// <summary>A message as a field of another.</summary>
    public static byte[] Message(int field, params IEnumerable<byte[]> fields) => Bytes(field, Message(fields));

    /// <summary>An int32, int64, bool or enum.</summary>
    public static byte[] Int(int field, long value) => [.. Key(field, 0), .. Varint((ulong)value)];

    /// <summary>A double.</summary>
    public static byte[] Double(int field, double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return [.. Key(field, 1), .. bytes];
    }

    /// <summary>A float.</summary>
    public static byte[] Float(int field, float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return [.. Key(field, 5), .. bytes];
    }

    /// <summary>A string, in UTF-8.</summary>
    public static byte[] Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes.</summary>
    public static byte[] Bytes(int field, ReadOnlySpan<byte> value) => [.. Key(field, 2), .. Varint((ulong)value.Length), .. value];

    static IEnumerable<byte> Key(int field, int wireType) => Varint((ulong)(field << 3 | wireType));

    static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
