using System.Collections.ObjectModel;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Torchlet;

/// <summary>Reads and writes zip archives in memory. Nothing is unpacked to disk.</summary>
/// <remarks>Source for the lengths of records: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.</remarks>
static class Zip
{
    const int LocalHeader = 30, CentralHeader = 46, End = 22, Alignment = 64;
    const int FreeBytes = 8 << 20, MostEntries = 20_000;

    /// <summary>Largest ratio of unpacked to packed size for weights, which hardly compress.</summary>
    public const int RatioOfWeights = 20;

    static readonly DateTimeOffset FirstDay = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The entries by name, unpacked, in the archive's order, without folders.</summary>
    /// <param name="file">The archive. It can seek, and stays open.</param>
    /// <param name="ratio">Largest ratio of unpacked to packed size; more is taken to be a zip bomb.</param>
    /// <exception cref="TorchletException">The archive is damaged, or unpacks to far more bytes than it has.</exception>
    public static OrderedDictionary<string, ReadOnlyMemory<byte>> Read(Stream file, int ratio = RatioOfWeights)
    {
        using var archive = Open(file);
        CheckSizes(archive.Entries, file.Length, ratio);
        var read = new OrderedDictionary<string, ReadOnlyMemory<byte>>();
        foreach (var entry in archive.Entries)
            if (PointsOutside(entry.FullName)) throw Bad($"the entry '{Printable.Of(entry.FullName)}', which points out of the archive");
            else if (!entry.FullName.EndsWith('/') && !read.TryAdd(entry.FullName, Unpack(entry)))
                throw Bad($"two entries named '{Printable.Of(entry.FullName)}'");
        return read;
    }

    /// <summary>An archive of uncompressed entries. The data of each but the first begin at a multiple of 64 bytes, as in PyTorch's files.</summary>
    public static byte[] Write(IEnumerable<(string Name, ReadOnlyMemory<byte> Data)> entries)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, data) in entries)
            {
                // Readers follow the directory, so zeros may fill the space between entries. The file itself must begin with a header.
                if (file.Length > 0) file.Write(new byte[-(file.Length + LocalHeader + Encoding.UTF8.GetByteCount(name)) & (Alignment - 1)]);
                var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = FirstDay; // equal weights give equal files
                using var to = entry.Open();
                to.Write(data.Span);
            }
        return file.ToArray();
    }

    static ZipArchive Open(Stream file)
    {
        try
        {
            var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            _ = archive.Entries; // reads the directory
            return archive;
        }
        catch (InvalidDataException e)
        {
            throw new TorchletException($"it is not a zip archive, or is damaged ({Reason(e)}); copy or download it again", e);
        }
    }

    static void CheckSizes(ReadOnlyCollection<ZipArchiveEntry> entries, long length, int ratio)
    {
        if (entries.Count > MostEntries) throw Bad($"{entries.Count} entries; weights have at most {MostEntries}");
        // A file may declare sizes whose sum overflows 64 bits. ZipArchive gives those beyond 63 bits as negative numbers.
        var unpacked = entries.Sum(e => (decimal)(ulong)e.Length);
        if (unpacked > decimal.Max(FreeBytes, (decimal)ratio * length))
            throw Bad($"{unpacked} bytes packed into {length}: it looks like a zip bomb; save it unpacked, or name another file");
        if (unpacked > Array.MaxLength) throw Bad($"{unpacked} bytes, more than fit into memory at once; make it smaller");
        if (entries.Sum(e => LocalHeader + CentralHeader + 2 * e.FullName.Length + (decimal)(ulong)e.CompressedLength) + End > length)
            throw Bad("entries that overlap, or are longer than the archive: it is damaged, so copy it again");
    }

    static bool PointsOutside(string name) =>
        name.Length == 0 || name[0] == '/' || name.AsSpan().ContainsAny('\\', ':') || name.Split('/').Any(part => part is ".." or ".");

    static ReadOnlyMemory<byte> Unpack(ZipArchiveEntry entry)
    {
        var name = Printable.Of(entry.FullName);
        if (entry.IsEncrypted) throw Bad($"the encrypted entry '{name}'; save it without a password");
        try
        {
            var data = new byte[entry.Length];
            using var from = entry.Open();
            if (from.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) < data.Length || from.ReadByte() >= 0)
                throw Bad($"the entry '{name}', which does not unpack to the {data.Length} bytes it declares: it is damaged, so copy it again");
            // PyTorch leaves the checksum at 0 after set_crc32_options(False). Its entries are uncompressed.
            return Crc32.HashToUInt32(data) == entry.Crc32 || (entry.Crc32 == 0 && entry.CompressedLength == entry.Length) ? data
                : throw Bad($"the entry '{name}' with a wrong checksum: it is damaged, so copy it again");
        }
        // The second is a stream's answer to an offset below 0, which a file may declare too.
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Bad($"the entry '{name}', which cannot be unpacked ({Reason(e)}): it is damaged, or packed by another method than deflate", e);
        }
    }

    static string Reason(Exception e) => Printable.Of(e.Message.TrimEnd('.'));

    static TorchletException Bad(string what, Exception? cause = null) => new($"the zip archive holds {what}", cause);
}
