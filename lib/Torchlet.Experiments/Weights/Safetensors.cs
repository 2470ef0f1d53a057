using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace Torchlet;

/// <summary>Reads and writes safetensors files: the length of a JSON header, the header, the tensors' bytes.</summary>
/// <remarks>Source: github.com/huggingface/safetensors, README.md, "Format".</remarks>
public static class Safetensors
{
    const string MetadataKey = "__metadata__";
    const int LongestAllowedHeader = 100_000_000, LongestHeader = 2_000_000, Prefix = 8;

    /// <summary>So many of a file's first bytes hold its whole header.</summary>
    internal const int LongestStart = Prefix + LongestHeader;

    /// <summary>Whether the bytes begin as a safetensors file does: a header length, then a JSON object.</summary>
    public static bool IsSafetensors(ReadOnlyMemory<byte> bytes) =>
        bytes.Length > Prefix && bytes.Span[Prefix] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span) <= LongestAllowedHeader;

    /// <summary>The tensors in the order of their bytes, and the metadata.</summary>
    /// <exception cref="TorchletException">The header or its offsets are not sound.</exception>
    public static WeightsFile Read(ReadOnlyMemory<byte> bytes)
    {
        var (entries, metadata, at) = Header(bytes, bytes.Length);
        return new(Strided.Decode([.. entries.Select(e => Describe(e, bytes[at..]))], bytes.Length), metadata);
    }

    /// <summary>The header of a file that begins with <paramref name="start"/>, and the offset of the tensors' bytes.</summary>
    /// <exception cref="TorchletException">It is not sound, or the file is of another length than it says.</exception>
    internal static (ImmutableArray<Entry> Entries, ImmutableDictionary<string, string> Metadata, int At) Header(ReadOnlyMemory<byte> start, long length)
    {
        var from = new ByteReader(start);
        var header = from.Take(CheckedLength(from.U64()));
        try
        {
            using var json = JsonDocument.Parse(CheckedText(header), new() { AllowDuplicateProperties = false, MaxDepth = 8 });
            ImmutableArray<Entry> entries = [.. Entries(json.RootElement).OrderBy(e => e.Begin).ThenBy(e => e.End)];
            CheckFilled(entries, length - from.At);
            return (entries, Metadata(json.RootElement), from.At);
        }
        // InvalidOperationException is what JsonElement answers where a value is of another kind than asked for.
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new TorchletException($"its safetensors header is not sound ({Printable.Of(e.Message)}); the file is damaged, copy it again", e);
        }
    }

    /// <summary>A safetensors file of float32 tensors, with a header padded to a multiple of 8 bytes.</summary>
    public static byte[] Write(IReadOnlyList<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata)
    {
        var header = HeaderOf(arrays, metadata);
        if (header.Length > LongestHeader)
            throw new TorchletException($"a safetensors file with a header of {header.Length} bytes could not be read again; use fewer layers or columns");
        using var file = new MemoryStream();
        using var to = new BinaryWriter(file);
        to.Write((long)header.Length);
        to.Write(header);
        foreach (var array in arrays)
            to.Write(array.LittleEndian());
        return file.ToArray();
    }

    internal readonly record struct Entry(string Name, string Dtype, ImmutableArray<long> Shape, long Begin, long End);

    static ulong CheckedLength(ulong header) =>
        header <= LongestHeader ? header : throw Damaged($"its safetensors header has {header} bytes, for which {LongestHeader} are enough");

    static ReadOnlyMemory<byte> CheckedText(ReadOnlyMemory<byte> header) =>
        Utf8.IsValid(header.Span) ? header : throw Damaged("its safetensors header is not UTF-8");

    static IEnumerable<Entry> Entries(JsonElement root) =>
        from property in root.EnumerateObject()
        where property.Name != MetadataKey
        let offsets = Longs(Member(property, "data_offsets"))
        select offsets.Length == 2
            ? new Entry(property.Name, Member(property, "dtype").GetString() ?? "null", Longs(Member(property, "shape")), offsets[0], offsets[1])
            : throw Damaged($"{Printable.Of(property.Name)} has {offsets.Length} offsets, wanted are begin and end");

    static JsonElement Member(JsonProperty tensor, string name) =>
        tensor.Value.TryGetProperty(name, out var value) ? value : throw Damaged($"{Printable.Of(tensor.Name)} has no {name}");

    static ImmutableDictionary<string, string> Metadata(JsonElement root) =>
        root.TryGetProperty(MetadataKey, out var metadata) ? metadata.EnumerateObject().ToImmutableDictionary(p => p.Name, Text)
        : ImmutableDictionary<string, string>.Empty;

    static string Text(JsonProperty metadata) => metadata.Value.GetString() ?? throw Damaged($"its metadata {Printable.Of(metadata.Name)} is not text");

    static ImmutableArray<long> Longs(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt64())];

    /// <summary>The tensors must fill the data without gap or overlap, so that no byte means two things or nothing.</summary>
    static void CheckFilled(ImmutableArray<Entry> entries, long length)
    {
        var end = 0L;
        foreach (var entry in entries)
            end = entry.Begin == end && entry.End >= end && entry.End <= length ? entry.End
                : throw Damaged($"{Printable.Of(entry.Name)} is at bytes {entry.Begin} to {entry.End} of {length}, wanted is a start at {end}");
        if (end != length)
            throw Damaged($"its tensors take {end} bytes and {length} are there");
    }

    static Strided Describe(Entry e, ReadOnlyMemory<byte> data) =>
        Strided.Dense(e.Name, ElementType.OfSafetensors(e.Name, e.Dtype), data[(int)e.Begin..(int)e.End], e.Shape);

    static byte[] HeaderOf(IReadOnlyList<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            WriteHeader(json, arrays, metadata);
        while (buffer.Length % Prefix != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    static void WriteHeader(Utf8JsonWriter json, IReadOnlyList<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject();
        json.WritePropertyName(MetadataKey);
        json.WriteStartObject();
        foreach (var (name, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(name, value);
        json.WriteEndObject();
        var begin = 0L;
        foreach (var array in arrays)
        {
            var end = begin + array.Values.Length * (long)sizeof(float);
            json.WritePropertyName(array.Name);
            json.WriteStartObject();
            json.WriteString("dtype", "F32");
            WriteNumbers(json, "shape", array.Shape);
            WriteNumbers(json, "data_offsets", [begin, end]);
            json.WriteEndObject();
            begin = end;
        }
        json.WriteEndObject();
    }

    static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    static TorchletException Damaged(string what) => new($"{what}; the file is damaged, copy it again");
}
