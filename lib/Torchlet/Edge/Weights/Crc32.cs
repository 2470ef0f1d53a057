using System.Collections.Immutable;

namespace Torchlet;

/// <summary>The checksum of zip archives.</summary>
/// <remarks>Source: RFC 1952, section 8: the polynomial 0xedb88320, reflected, a byte at a time by table.</remarks>
static class Crc32
{
    static readonly ImmutableArray<uint> Table =
        [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) == 1 ? 0xedb88320 ^ (c >> 1) : c >> 1))];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }
}
