using System.Buffers.Binary;
using System.Text;

namespace Torchlet.Tests;

/// <summary>A value of a protocol buffer's field, read by what the encoding alone says.</summary>
sealed record ProtobufReader(long Int, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public float Float => BinaryPrimitives.ReadSingleLittleEndian(Bytes);

    public double Double => BinaryPrimitives.ReadDoubleLittleEndian(Bytes);

    public IReadOnlyDictionary<int, List<ProtobufReader>> Fields => FieldsOf(Bytes);

    /// <summary>The values of a message by their fields' numbers.</summary>
    public static IReadOnlyDictionary<int, List<ProtobufReader>> FieldsOf(byte[] message)
    {
        var (fields, at) = (new Dictionary<int, List<ProtobufReader>>(), 0);
        while (at < message.Length)
        {
            var key = Varint();
            var value = (key & 7) switch
            {
                0 => new ProtobufReader(Varint(), []),
                1 => new(0, Take(8)),
                2 => new(0, Take((int)Varint())),
                5 => new(0, Take(4)),
                var other => throw new InvalidDataException($"wire type {other}"),
            };
            if (!fields.TryGetValue((int)(key >> 3), out var values)) fields[(int)(key >> 3)] = values = [];
            values.Add(value);
        }
        return fields;

        byte[] Take(int count) => message[at..(at += count)];

        long Varint()
        {
            long value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = message[at++];
                value |= (long)(next & 0x7f) << shift;
                if (next < 0x80) return value;
            }
        }
    }
}
