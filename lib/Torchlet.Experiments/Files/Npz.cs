using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>Reads numpy's .npz, a zip archive of .npy files.</summary>
/// <remarks>Source: numpy/lib/format.py, which describes versions 1.0, 2.0 and 3.0 of .npy.</remarks>
public static partial class Npz
{
    const int LongestHeader = 1 << 16;

    /// <summary>The first bytes of a .npy file.</summary>
    public static ReadOnlySpan<byte> NpyMagic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The arrays in the archive's own order, in which numpy.savez was given them.</summary>
    /// <exception cref="TorchletException">The archive is damaged or holds other things than numeric arrays.</exception>
    internal static ImmutableArray<NamedArray> Read(OrderedDictionary<string, ReadOnlyMemory<byte>> entries, long honest) =>
        Strided.Decode([.. Arrays(entries)], honest + entries.Values.Sum(e => (long)e.Length));

    /// <summary>One array of an archive, checked and not yet decoded; null if the name is missing.</summary>
    internal static Strided? Find(OrderedDictionary<string, ReadOnlyMemory<byte>> entries, string name) =>
        entries.TryGetValue($"{name}.npy", out var bytes) ? Npy(name, new(bytes)) : null;

    internal static bool IsArray(string entry) => entry.EndsWith(".npy", StringComparison.Ordinal);

    static IEnumerable<Strided> Arrays(OrderedDictionary<string, ReadOnlyMemory<byte>> entries) =>
        from e in entries
        where IsArray(e.Key)
        select Npy(e.Key[..^4], new(e.Value));

    static Strided Npy(string name, ByteReader from)
    {
        if (!from.Take((ulong)NpyMagic.Length).Span.SequenceEqual(NpyMagic))
            throw Bad(name, "does not begin as a .npy file does");
        var version = from.U8();
        from.U8();
        var length = version switch { 1 => from.U16(), 2 or 3 => from.U32(), _ => throw Bad(name, $"is a .npy file of version {version}, known are 1 to 3") };
        var header = length <= LongestHeader ? Encoding.Latin1.GetString(from.Take(length).Span) : throw Bad(name, $"has a header of {length} bytes");
        var (descr, fortran, shape) = (Descr().Match(header), FortranOrder().Match(header), Shape().Match(header));
        if (!descr.Success || !fortran.Success || !shape.Success)
            throw Bad(name, $"is not a plain array of numbers, its header says {Printable.Of(header.Trim())}");
        return Strided.Dense(name, ElementType.OfNumpy(name, descr.Groups[2].Value), from.Take((ulong)from.Left), Lengths(name, shape.Groups[1].Value),
            fortran: fortran.Groups[1].Value == "True", bigEndian: descr.Groups[1].Value == ">");
    }

    static ImmutableArray<long> Lengths(string name, string shape) =>
        [.. shape.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(length => long.TryParse(length.TrimEnd('L'), out var n) ? n : throw Bad(name, $"has the length '{Printable.Of(length)}'"))];

    static TorchletException Bad(string name, string what) => new($"the array {Printable.Of(name)} {what}; save it again with numpy.savez");

    [GeneratedRegex("""'descr'\s*:\s*'([<>|=]?)([a-z][0-9]+)'""")]
    private static partial Regex Descr();

    [GeneratedRegex("""'fortran_order'\s*:\s*(True|False)""")]
    private static partial Regex FortranOrder();

    [GeneratedRegex("""'shape'\s*:\s*\(([0-9\s,L]*)\)""")]
    private static partial Regex Shape();
}
