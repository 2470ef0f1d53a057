using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Torchlet;

/// <summary>
/// GNU symbol versions of a 64-bit little-endian ELF file: which it needs, which it defines, and how to make a need weak.
/// </summary>
/// <remarks>
/// Source: System V gABI (section headers) and the Linux Standard Base, "Symbol Versioning". The build compiles this file into
/// its own step too, so it depends on nothing else.
/// </remarks>
public static class SymbolVersions
{
    const uint Rela = 4, DynamicSymbols = 11, VersionDefinitions = 0x6ffffffd, VersionNeeds = 0x6ffffffe, VersionOfSymbols = 0x6fffffff;
    const ushort Weak = 0x2;

    readonly record struct Section(uint Type, int Offset, int Size, int Link, int Count);

    readonly record struct Need(string Library, string Version, int FlagsAt, ushort Index);

    /// <summary>Versions that <paramref name="elf"/> needs of the library <paramref name="soname"/> and that are not marked weak.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file.</exception>
    public static ImmutableArray<string> Needed(byte[] elf, string soname) =>
        [.. Needs(elf).Where(n => n.Library == soname && (U16(elf, n.FlagsAt) & Weak) == 0).Select(n => n.Version)];

    /// <summary>Versions that the shared library <paramref name="elf"/> defines.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file.</exception>
    public static ImmutableHashSet<string> Defined(byte[] elf)
    {
        var names = ImmutableHashSet.CreateBuilder<string>();
        foreach (var s in Sections(elf).Where(s => s.Type == VersionDefinitions))
            foreach (var at in Chain(elf, s.Offset, s.Count, next: 16))
                names.Add(Name(elf, s, U32(elf, at + U32(elf, at + 12))));
        return names.ToImmutable();
    }

    /// <summary>
    /// A copy of <paramref name="elf"/> in which every version needed of <paramref name="soname"/> that is not
    /// <paramref name="available"/> and that no relocation uses carries the flag VER_FLG_WEAK, so that the loader continues without it.
    /// </summary>
    /// <returns>The same bytes where every version is available; a need whose symbols are used stays as it is, since nothing could stand in for it.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file.</exception>
    public static byte[] Weaken(byte[] elf, string soname, IReadOnlySet<string> available)
    {
        var used = UsedVersions(elf);
        var weakened = (byte[])elf.Clone();
        foreach (var need in Needs(elf).Where(n => n.Library == soname && !available.Contains(n.Version) && !used.Contains(n.Index)))
            BinaryPrimitives.WriteUInt16LittleEndian(weakened.AsSpan(need.FlagsAt), (ushort)(U16(elf, need.FlagsAt) | Weak));
        return weakened;
    }

    /// <summary>Path of a shared library that this process has loaded, by its file name (Linux); null if it is not loaded.</summary>
    public static string? LoadedPath(string soname) =>
        File.Exists("/proc/self/maps")
            ? File.ReadLines("/proc/self/maps").Select(line => line[(line.IndexOf('/') + 1)..])
                .Where(p => Path.GetFileName(p).StartsWith(soname, StringComparison.Ordinal))
                .Select(p => "/" + p).FirstOrDefault(File.Exists)
            : null;

    static IEnumerable<Need> Needs(byte[] elf) =>
        from s in Sections(elf)
        where s.Type == VersionNeeds
        from library in Chain(elf, s.Offset, s.Count, next: 12)
        from need in Chain(elf, library + U32(elf, library + 8), U16(elf, library + 2), next: 12)
        select new Need(Name(elf, s, U32(elf, library + 4)), Name(elf, s, U32(elf, need + 8)), need + 4, U16(elf, need + 6));

    static HashSet<ushort> UsedVersions(byte[] elf)
    {
        var sections = Sections(elf);
        var versions = sections.Single(s => s.Type == VersionOfSymbols);
        return (from s in sections
                where s.Type == Rela && sections[s.Link].Type == DynamicSymbols
                from at in Enumerable.Range(0, s.Size / 24).Select(i => s.Offset + 24 * i)
                let symbol = U32(elf, at + 12)
                select U16(elf, versions.Offset + 2 * symbol)).ToHashSet();
    }

    static ImmutableArray<Section> Sections(byte[] elf)
    {
        if (elf.Length < 64 || !elf.AsSpan(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        var table = checked((int)BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan(0x28)));
        return [.. Enumerable.Range(0, U16(elf, 0x3c)).Select(i => table + 64 * i).Select(at =>
            new Section((uint)U32(elf, at + 4), U32(elf, at + 24), U32(elf, at + 32), U32(elf, at + 40), U32(elf, at + 44)))];
    }

    /// <summary>Offsets of a linked list of records, each with the number of bytes to its successor.</summary>
    static IEnumerable<int> Chain(byte[] elf, int first, int count, int next)
    {
        for (var (i, at) = (0, first); i < count; i++, at += U32(elf, at + next))
            yield return at;
    }

    static string Name(byte[] elf, Section section, int at)
    {
        var name = elf.AsSpan(Sections(elf)[section.Link].Offset + at);
        return Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]);
    }

    static ushort U16(byte[] elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(at));

    static int U32(byte[] elf, int at) => BinaryPrimitives.ReadInt32LittleEndian(elf.AsSpan(at));
}
