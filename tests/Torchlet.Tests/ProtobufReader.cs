using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using static Google.Protobuf.WireFormat;

namespace Torchlet.Tests;

/// <summary>A value of a protocol buffer field, found by the field's number and not through the generated classes that wrote it.</summary>
sealed record ProtobufReader(long Int, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public float Float => BinaryPrimitives.ReadSingleLittleEndian(Bytes);

    public double Double => BinaryPrimitives.ReadDoubleLittleEndian(Bytes);

    /// <summary>The integers of a packed field.</summary>
    public IEnumerable<long> Ints
    {
        get
        {
            using var input = new CodedInputStream(Bytes);
            while (!input.IsAtEnd) yield return input.ReadInt64();
        }
    }

    public IReadOnlyDictionary<int, List<ProtobufReader>> Fields => FieldsOf(Bytes);

    /// <summary>The values of a message by their fields' numbers.</summary>
    public static IReadOnlyDictionary<int, List<ProtobufReader>> FieldsOf(byte[] message)
    {
        var fields = new Dictionary<int, List<ProtobufReader>>();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            var value = GetTagWireType(tag) switch
            {
                WireType.Varint => new ProtobufReader(input.ReadInt64(), []),
                WireType.Fixed64 => new(0, BitConverter.GetBytes(input.ReadFixed64())),
                WireType.LengthDelimited => new(0, input.ReadBytes().ToByteArray()),
                WireType.Fixed32 => new(0, BitConverter.GetBytes(input.ReadFixed32())),
                var other => throw new InvalidDataException($"wire type {other}"),
            };
            if (!fields.TryGetValue(GetTagFieldNumber(tag), out var values)) fields[GetTagFieldNumber(tag)] = values = [];
            values.Add(value);
        }
        return fields;
    }
}
