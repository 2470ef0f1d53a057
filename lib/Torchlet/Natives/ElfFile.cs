using System.Buffers.Binary;

namespace Torchlet;

/// <summary>A shared library of Linux as a file.</summary>
static class ElfFile
{
    const int Header = 64;

    /// <summary>Whether the file is as long as its header says. Loading one that was cut short ends the process with SIGBUS.</summary>
    /// <remarks>The section headers stand at a library's end. Source: System V gABI, ELF-64 header.</remarks>
    public static bool IsWhole(string path)
    {
        using var file = File.OpenRead(path);
        var header = new byte[Header];
        if (file.ReadAtLeast(header, Header, throwOnEndOfStream: false) < Header) return false;
        var (table, size, count) = (
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(0x28)),
            BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x3a)),
            BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x3c)));
        return file.Length >= table + size * count;
    }
}
