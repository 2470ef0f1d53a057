using System.Collections.Immutable;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Torchlet;

/// <summary>
/// Zip archives in memory. Stored entries are views of the archive, so nothing is copied, and nothing is ever unpacked to disk.
/// The base library's ZipArchive can neither align an entry, as PyTorch wants it, nor hand out a view.
/// </summary>
/// <remarks>Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 (records) and 4.5.3 (Zip64).</remarks>
static class Zip
{
    const uint Local = 0x04034b50, Central = 0x02014b50, End = 0x06054b50, End64 = 0x06064b50, Locator64 = 0x07064b50;
    const int EndLength = 22, LocatorLength = 20;

    /// <summary>Most bytes that the record at an archive's end can have, with its comment.</summary>
    public const int LongestEnd = EndLength + ushort.MaxValue;

    const ushort Version = 20, Stored = 0, Deflated = 8, Encrypted = 1, Zip64 = 1;
    const uint FirstDay = 0x0021_0000;
    const int FreeBytes = 8 << 20, MostEntries = 20_000;

    /// <summary>So many times its size weights unpack to at most; they are as good as noise.</summary>
    public const int RatioOfWeights = 20;

    /// <summary>What the central directory says of an entry. Data spans the local header too.</summary>
    readonly record struct Entry(string Name, ushort Flags, ushort Method, uint Crc, ulong Packed, ulong Unpacked, ulong Offset);

    /// <summary>The entries by name in the archive's order, unpacked, without folders.</summary>
    /// <param name="zip">The archive.</param>
    /// <param name="ratio">So many times its size an honest one unpacks to at most.</param>
    /// <exception cref="TorchletException">The bytes are no sound archive, or unpack to far more than they are.</exception>
    public static OrderedDictionary<string, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> zip, int ratio = RatioOfWeights)
    {
        ImmutableArray<Entry> entries = [.. Directory(zip).Where(e => !e.Name.EndsWith('/'))];
        if (entries.Select(e => e.Name).Duplicate() is { } twice)
            throw Bad($"two entries named '{Printable.Of(twice)}'");
        // Wider than the sizes, which a file may choose so that their sum wraps.
        var unpacked = entries.Where(e => e.Method == Deflated).Aggregate(UInt128.Zero, (sum, e) => sum + e.Unpacked);
        if (unpacked > ulong.Min((ulong)Array.MaxLength, ulong.Max(FreeBytes, (ulong)ratio * (ulong)zip.Length)))
            throw Bad($"{unpacked} bytes packed into {zip.Length}: it looks like a zip bomb; save it unpacked, or name another file");
        var packed = entries.Select(e => (Entry: e, Span: Locate(zip, e))).ToImmutableArray();
        CheckApart(packed.Select(p => (p.Entry.Offset, p.Span.At + p.Entry.Packed)));
        return new(packed.Select(p => KeyValuePair.Create(p.Entry.Name, Unpack(p.Entry, p.Span.Data))));
    }

    /// <summary>An archive of stored entries, each beginning at a multiple of 64 bytes, as PyTorch writes it.</summary>
    public static byte[] Write(IReadOnlyList<(string Name, ReadOnlyMemory<byte> Data)> entries)
    {
        using var file = new MemoryStream();
        using var to = new BinaryWriter(file);
        var written = entries.Select(e => WriteLocal(to, Encoding.UTF8.GetBytes(e.Name), e.Data.Span)).ToArray();
        var directory = file.Position;
        foreach (var entry in written)
            WriteCentral(to, entry);
        WriteEnd(to, written.Length, directory, file.Position - directory);
        return file.ToArray();
    }

    /// <summary>Whether a file with these last bytes may be an archive: it ends in a directory.</summary>
    public static bool HasEnd(ReadOnlySpan<byte> last) => EndIn(last) >= 0;

    static IEnumerable<Entry> Directory(ReadOnlyMemory<byte> zip)
    {
        var (count, offset) = FindDirectory(zip);
        if (count > MostEntries)
            throw Bad($"{count} entries; weights have at most {MostEntries}");
        var from = At(zip, offset);
        for (ulong i = 0; i < count; i++)
            yield return ReadCentral(from);
    }

    static (ulong Count, ulong Offset) FindDirectory(ReadOnlyMemory<byte> zip)
    {
        var end = FindEnd(zip);
        var from = At(zip, (ulong)end + 8);
        var (_, count, _, offset) = (from.U16(), from.U16(), from.U32(), from.U32());
        return count == ushort.MaxValue || offset == uint.MaxValue ? FindDirectory64(zip, end) : (count, offset);
    }

    static int FindEnd(ReadOnlyMemory<byte> zip) =>
        EndIn(zip.Span) is >= 0 and var at ? at : throw Bad("no directory at its end: it is cut off, so copy it again");

    /// <summary>Where the record at the end begins; negative where there is none.</summary>
    static int EndIn(ReadOnlySpan<byte> last)
    {
        var from = Math.Max(0, last.Length - LongestEnd);
        var at = last[from..Math.Max(from, last.Length - EndLength + sizeof(uint))].LastIndexOf("PK\u0005\u0006"u8);
        return at < 0 ? at : from + at;
    }

    static (ulong Count, ulong Offset) FindDirectory64(ReadOnlyMemory<byte> zip, int end)
    {
        var locator = At(zip, end < LocatorLength ? ulong.MaxValue : (ulong)(end - LocatorLength));
        Expect(locator, Locator64);
        locator.Take(4);
        var record = At(zip, locator.U64());
        Expect(record, End64);
        record.Take(28);
        var count = record.U64();
        record.Take(8);
        return (count, record.U64());
    }

    static Entry ReadCentral(ByteReader from)
    {
        Expect(from, Central);
        from.Take(4);
        var (flags, method, _, crc) = (from.U16(), from.U16(), from.U32(), from.U32());
        var (packed, unpacked) = (from.U32(), from.U32());
        var (name, extra, comment) = (from.U16(), from.U16(), from.U16());
        from.Take(8);
        var offset = from.U32();
        var entry = new Entry(CheckedName(from.Take(name)), flags, method, crc, packed, unpacked, offset);
        var wide = Widened(entry, from.Take(extra));
        from.Take(comment);
        return wide;
    }

    /// <summary>The entry with the 64-bit fields in place of those that say "look there".</summary>
    static Entry Widened(Entry entry, ReadOnlyMemory<byte> extra)
    {
        var from = new ByteReader(extra);
        while (from.Left >= 4)
            if ((from.U16(), new ByteReader(from.Take(from.U16()))) is (Zip64, var wide))
                return entry with
                {
                    Unpacked = entry.Unpacked == uint.MaxValue ? wide.U64() : entry.Unpacked,
                    Packed = entry.Packed == uint.MaxValue ? wide.U64() : entry.Packed,
                    Offset = entry.Offset == uint.MaxValue ? wide.U64() : entry.Offset,
                };
        return entry;
    }

    static string CheckedName(ReadOnlyMemory<byte> bytes)
    {
        var name = Encoding.UTF8.GetString(bytes.Span);
        return name.Split('/').All(part => part is not (".." or ".")) && name.Length > 0 && name[0] != '/' && !name.Contains('\\') && !name.Contains(':') ? name
            : throw Bad($"the entry '{Printable.Of(name)}', which points out of the archive");
    }

    static (ulong At, ReadOnlyMemory<byte> Data) Locate(ReadOnlyMemory<byte> zip, Entry entry)
    {
        var from = At(zip, entry.Offset);
        Expect(from, Local);
        from.Take(22);
        var (name, extra) = (from.U16(), from.U16());
        if (Encoding.UTF8.GetString(from.Take(name).Span) != entry.Name)
            throw Bad($"the entry '{Printable.Of(entry.Name)}' under two names");
        from.Take(extra);
        return ((ulong)from.At, from.Take(entry.Packed));
    }

    static void CheckApart(IEnumerable<(ulong Start, ulong End)> spans)
    {
        var end = 0UL;
        foreach (var span in spans.Order())
            end = span.Start >= end ? span.End : throw Bad("entries that overlap");
    }

    static ReadOnlyMemory<byte> Unpack(Entry entry, ReadOnlyMemory<byte> packed)
    {
        var data = entry switch
        {
            { Flags: var flags } when (flags & Encrypted) != 0 => throw Bad($"the encrypted entry '{Printable.Of(entry.Name)}'"),
            { Method: Stored } when entry.Packed == entry.Unpacked => packed,
            { Method: Deflated } => Inflate(entry, packed),
            _ => throw Bad($"the entry '{Printable.Of(entry.Name)}' packed by method {entry.Method}; wanted is stored or deflated"),
        };
        // PyTorch leaves the checksum at 0 where set_crc32_options(False) was called.
        return entry.Crc == 0 || entry.Crc == Crc32.HashToUInt32(data.Span) ? data
            : throw Bad($"the entry '{Printable.Of(entry.Name)}' with a wrong checksum: it is damaged, so copy it again");
    }

    static ReadOnlyMemory<byte> Inflate(Entry entry, ReadOnlyMemory<byte> packed)
    {
        var data = new byte[entry.Unpacked];
        try
        {
            using var inflate = new DeflateStream(Stream(packed), CompressionMode.Decompress);
            return inflate.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) == data.Length && inflate.ReadByte() < 0 ? data
                : throw Bad($"the entry '{Printable.Of(entry.Name)}', which does not unpack to the {entry.Unpacked} bytes it declares");
        }
        catch (InvalidDataException e)
        {
            throw new TorchletException($"the zip archive's entry '{Printable.Of(entry.Name)}' cannot be unpacked: it is damaged, so copy it again", e);
        }
    }

    static MemoryStream Stream(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var part) ? new(part.Array!, part.Offset, part.Count) : new(bytes.ToArray());

    /// <summary>An entry as its two headers describe it.</summary>
    readonly record struct Written(byte[] Name, int Length, uint Crc, long Offset);

    static Written WriteLocal(BinaryWriter to, byte[] name, ReadOnlySpan<byte> data)
    {
        var entry = new Written(name, data.Length, Crc32.HashToUInt32(data), to.BaseStream.Position);
        var padding = (int)(-(entry.Offset + 30 + name.Length + 4) & 63);
        to.Write(Local);
        WriteCommon(to, entry);
        to.Write((ushort)(4 + padding));
        to.Write(name);
        // An extra field of PyTorch's own kind, "FB", whose only use is to fill up to the boundary.
        to.Write("FB"u8);
        to.Write((ushort)padding);
        to.Write(Enumerable.Repeat((byte)'Z', padding).ToArray());
        to.Write(data);
        return entry;
    }

    static void WriteCentral(BinaryWriter to, Written entry)
    {
        to.Write(Central);
        to.Write(Version);
        WriteCommon(to, entry);
        to.Write(new byte[12]); // no extra field, no comment, disk 0, no attributes
        to.Write(checked((uint)entry.Offset));
        to.Write(entry.Name);
    }

    /// <summary>What the local header and the directory share. The time is zip's first day, so that equal weights give equal files.</summary>
    static void WriteCommon(BinaryWriter to, Written entry)
    {
        to.Write(Version);
        to.Write((ushort)0); // no flags
        to.Write(Stored);
        to.Write(FirstDay);
        to.Write(entry.Crc);
        to.Write(entry.Length);
        to.Write(entry.Length);
        to.Write((ushort)entry.Name.Length);
    }

    static void WriteEnd(BinaryWriter to, int count, long directory, long length)
    {
        to.Write(End);
        to.Write(0); // disk 0 of 1
        to.Write(checked((ushort)count));
        to.Write((ushort)count);
        to.Write(checked((uint)length));
        to.Write(checked((uint)directory));
        to.Write((ushort)0);
    }

    static ByteReader At(ReadOnlyMemory<byte> zip, ulong offset)
    {
        var reader = new ByteReader(zip);
        reader.Take(offset);
        return reader;
    }

    static void Expect(ByteReader from, uint signature)
    {
        if (from.U32() != signature)
            throw Bad($"no record 0x{signature:x8} before byte {from.At}, where its directory says: it is damaged, so copy it again");
    }

    static string? Duplicate(this IEnumerable<string> names)
    {
        var seen = new HashSet<string>();
        return names.FirstOrDefault(name => !seen.Add(name));
    }

    static TorchletException Bad(string what) => new($"the zip archive holds {what}");
}
