using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

namespace Torchlet;

/// <summary>
/// A snapshot of a training as a file: safetensors with <c>parameters</c>, what the layers remember as <c>layer.0</c>, <c>layer.1</c>, …, and what the
/// optimizer does as <c>moment.0</c>, <c>moment.1</c>, …; and metadata that hold the rest, what the training is,
/// the format's version, and the SHA-256 of the same file without that checksum.
/// </summary>
static class TrainingCheckpoint
{
    const string Format = "torchlet training checkpoint", Version = "1", About = "about.", Layer = "layer.", Moment = "moment.", Parameters = "parameters";

    /// <summary>The file's bytes.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="about">Description of the training: values that a resumed training must have too.</param>
    public static byte[] Bytes(Snapshot snapshot, IEnumerable<KeyValuePair<string, string>> about)
    {
        var metadata = about.ToImmutableDictionary(a => About + a.Key, a => a.Value)
            .Add("format", Format).Add("version", Version)
            .Add("epoch", Text(snapshot.Epoch)).Add("step", Text(snapshot.Step)).Add("random", Convert.ToBase64String([.. snapshot.Random.State]));
        ImmutableArray<NamedArray> arrays =
        [
            new(Parameters, [snapshot.Parameters.Length], snapshot.Parameters.AsMemory()),
            .. snapshot.Layers.Select((values, i) => Array($"{Layer}{i}", values)),
            .. snapshot.Moments.Select((values, i) => Array($"{Moment}{i}", values)),
        ];
        return Safetensors.Write(arrays, metadata.Add("sha256", Checksum(arrays, metadata)));
    }

    /// <summary>The snapshot in a file, and what the training is that it was taken of.</summary>
    /// <exception cref="TorchletException">The bytes are not a checkpoint, of another version, or damaged.</exception>
    public static (Snapshot Snapshot, ImmutableSortedDictionary<string, string> About) Parse(ReadOnlyMemory<byte> bytes)
    {
        var (arrays, metadata) = Safetensors.IsSafetensors(bytes) ? Safetensors.Read(bytes) : throw Foreign();
        if (metadata.GetValueOrDefault("format") != Format) throw Foreign();
        if (metadata.GetValueOrDefault("version") is var version && version != Version)
            throw new TorchletException($"it has version {Printable.Of(version ?? "none")} of the format, and this Torchlet reads version {Version}");
        if (metadata.GetValueOrDefault("sha256") != Checksum(arrays, metadata.Remove("sha256")))
            throw new TorchletException("its checksum is not that of its content, so it is damaged");
        // The checksum has no key, so the file may be forged all the same.
        if (Safetensors.Header(bytes, bytes.Length).Entries.FirstOrDefault(e => e.Dtype != ElementType.Float32.Safetensors) is { Name: { } other })
            throw new TorchletException($"{Printable.Of(other)} has numbers of another type than float32");
        var (layers, moments) = (Numbered(Layer), Numbered(Moment));
        if (arrays.FirstOrDefault(a => a.Name == Parameters) is not { Shape.Length: 1 } parameters || arrays.Length != 1 + layers.Length + moments.Length)
            throw new TorchletException(
                $"it has the arrays {Printable.Of(string.Join(", ", arrays.Select(a => a.Name)))}, which are not those of a checkpoint");
        return (new((int)Whole("epoch", 1, int.MaxValue), [.. parameters.Values.Span], layers, moments, Whole("step", 1, long.MaxValue), Random()),
            metadata.Where(m => m.Key.StartsWith(About, StringComparison.Ordinal))
                .ToImmutableSortedDictionary(m => m.Key[About.Length..], m => m.Value, StringComparer.Ordinal));

        ImmutableArray<Values> Numbered(string prefix) =>
            [.. Enumerable.Range(0, arrays.Length).Select(i => arrays.FirstOrDefault(a => a.Name == $"{prefix}{i}")).TakeWhile(a => a is not null)
                .Select(a => new Values(a!.Shape, [.. a.Values.Span]))];

        long Whole(string name, long least, long most) =>
            long.TryParse(metadata.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? n
            : throw new TorchletException($"its {name} is {Printable.Of(metadata.GetValueOrDefault(name, "missing"))}; want a whole number from {least}");

        TorchRandom Random()
        {
            try
            {
                return new([.. Convert.FromBase64String(metadata.GetValueOrDefault("random", ""))]);
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw new TorchletException("its random is not the state of a generator", e);
            }
        }
    }

    static TorchletException Foreign() => new("it is not the checkpoint of a training");

    static string Checksum(IReadOnlyList<NamedArray> arrays, ImmutableDictionary<string, string> metadata) =>
        Convert.ToHexStringLower(SHA256.HashData(Safetensors.Write(arrays, metadata)));

    static NamedArray Array(string name, Values values) => new(name, values.Shape, values.Numbers.AsMemory());

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
