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
    const string Format = "torchlet training checkpoint", Version = "1", About = "about.", Layer = "layer.", Moment = "moment.";

    /// <summary>The file's bytes.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="about">What the training is: the values that a training which goes on from here must have too.</param>
    public static byte[] Bytes(Snapshot snapshot, IEnumerable<KeyValuePair<string, string>> about)
    {
        var metadata = about.ToImmutableDictionary(a => About + a.Key, a => a.Value)
            .Add("format", Format).Add("version", Version)
            .Add("epoch", Text(snapshot.Epoch)).Add("step", Text(snapshot.Step)).Add("random", Convert.ToBase64String([.. snapshot.Random.State]));
        ImmutableArray<NamedArray> arrays =
        [
            new("parameters", [snapshot.Parameters.Length], snapshot.Parameters.AsMemory()),
            .. snapshot.Layers.Select((values, i) => Array($"{Layer}{i}", values)),
            .. snapshot.Moments.Select((values, i) => Array($"{Moment}{i}", values)),
        ];
        return Safetensors.Write(arrays, metadata.Add("sha256", Checksum(arrays, metadata)));
    }

    /// <summary>The snapshot in a file, and what the training is that it was taken of.</summary>
    /// <exception cref="TorchletException">The bytes are no checkpoint, one of another version, or damaged.</exception>
    public static (Snapshot Snapshot, ImmutableSortedDictionary<string, string> About) Parse(ReadOnlyMemory<byte> bytes)
    {
        var (arrays, metadata) = Safetensors.IsSafetensors(bytes) ? Safetensors.Read(bytes) : throw Foreign();
        if (metadata.GetValueOrDefault("format") != Format) throw Foreign();
        if (metadata.GetValueOrDefault("version") is var version && version != Version)
            throw new TorchletException($"it has version {Printable.Of(version ?? "none")} of the format, and this Torchlet reads version {Version}");
        if (metadata.GetValueOrDefault("sha256") != Checksum(arrays, metadata.Remove("sha256")))
            throw new TorchletException("its checksum is not that of its content, so it is damaged");
        // What follows cannot fail with that checksum, unless the writer was wrong.
        return (new(int.Parse(metadata["epoch"], CultureInfo.InvariantCulture), [.. arrays[0].Values.Span], Those(Layer), Those(Moment),
            long.Parse(metadata["step"], CultureInfo.InvariantCulture), new([.. Convert.FromBase64String(metadata["random"])])),
            metadata.Where(m => m.Key.StartsWith(About, StringComparison.Ordinal))
                .ToImmutableSortedDictionary(m => m.Key[About.Length..], m => m.Value, StringComparer.Ordinal));

        ImmutableArray<Values> Those(string prefix) =>
            [.. arrays.Where(a => a.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(a => new Values(a.Shape, [.. a.Values.Span]))];
    }

    static TorchletException Foreign() => new("it is no checkpoint of a training");

    static string Checksum(IReadOnlyList<NamedArray> arrays, ImmutableDictionary<string, string> metadata) =>
        Convert.ToHexStringLower(SHA256.HashData(Safetensors.Write(arrays, metadata)));

    static NamedArray Array(string name, Values values) => new(name, values.Shape, values.Numbers.AsMemory());

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
