using System.Buffers.Binary;

namespace Torchlet;

/// <summary>Reads forwards through <paramref name="bytes"/> and never past their end.</summary>
sealed class ByteReader(ReadOnlyMemory<byte> bytes)
{
    public int At { get; private set; }

    public int Left => bytes.Length - At;

    /// <summary>The next bytes, as a view: a declared length is checked here, before anyone allocates for it.</summary>
    public ReadOnlyMemory<byte> Take(ulong count)
    {
        if (count > (ulong)Left)
            throw new TorchletException(
                $"it ends too early: {count} bytes are wanted at byte {At} and {Left} are there; it is cut off or damaged, copy it again");
        var taken = bytes.Slice(At, (int)count);
        At += (int)count;
        return taken;
    }

    /// <summary>The bytes up to the next line feed, which is skipped.</summary>
    public ReadOnlySpan<byte> Line()
    {
        var length = bytes.Span[At..].IndexOf((byte)'\n');
        var line = Take(length < 0 ? (ulong)Left + 1 : (ulong)length + 1);
        return line.Span[..^1];
    }

    public byte U8() => Take(1).Span[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    public int I32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8).Span);
}
