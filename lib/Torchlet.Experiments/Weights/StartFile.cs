using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Torchlet;

/// <summary>Start weights from a file or a run, for <see cref="Recipe.Start"/>.</summary>
public static class StartFiles
{
    extension(Start)
    {
        /// <summary>
        /// The weights of a file, or the best ones of a run, by their names: those of a textbook's perceptron (W1, b1, …) are fc1.weight, fc1.bias, ….
        /// config.json records the file and its SHA-256; a resumed training does not need the file.
        /// </summary>
        /// <example><c>recipe with { Start = Start.From("mnist.safetensors", only: p => !p.Name.StartsWith("fc3.")) }</c></example>
        /// <param name="place">A weights file (.pkl, .pt, .safetensors or .npz), a run's folder or name, or <c>latest</c>.</param>
        /// <param name="only">Which parameters and states of the trained model are taken; all of them if not given.</param>
        /// <exception cref="TorchletException">From the training: the file is missing, or holds no weights.</exception>
        /// <exception cref="ArgumentException">From the training: the file has no array of a name that is taken, or one of another shape.</exception>
        public static Func<Model, Model> From(string place, Func<Slot, bool>? only = null) => StartFile.Of(place, only).Of;

        /// <summary>The same, of the parameters and states whose names begin with a prefix.</summary>
        internal static Func<Model, Model> From(string place, string? prefix) =>
            StartFile.Of(place, prefix is null ? null : slot => slot.Name.StartsWith(prefix, StringComparison.Ordinal), prefix).Of;
    }
}

/// <summary>Start weights from a file, which is found and read when they are first needed.</summary>
sealed record StartFile : StartWeights
{
    readonly Lazy<(string Path, string Sha256)> file;

    StartFile(string text, Lazy<(string Path, string Sha256)> file, Func<Slot, bool>? only)
        : base(text, "", new(() => Read(file.Value.Path)), only) => this.file = file;

    /// <summary>The file's full path, without any link in it.</summary>
    public string Path => file.Value.Path;

    /// <summary>Its checksum.</summary>
    public string Sha256 => file.Value.Sha256;

    /// <inheritdoc/>
    public override string Source => Notice.Shown(Path);

    /// <summary>The weights of a file or a run.</summary>
    public static StartFile Of(string place, Func<Slot, bool>? only, string? prefix = null) =>
        new($"From({place}{(only is null ? "" : $", {prefix ?? Transforms.Shown(only)}")})", new(() => Found(WeightsOfRun.Find(place, "--start"))), only);

    /// <summary>The same weights from the file that a run recorded: <c>latest</c> may be another one now.</summary>
    /// <exception cref="TorchletException">When it is read: it is another file now.</exception>
    public StartFile Recorded(string path, string sha256) => new(Text, new(() => Found(path) is var now && now.Sha256 == sha256 ? now
        : throw new TorchletException($"{path}: it is not the file that the run began with (SHA-256 {sha256} then, {now.Sha256} now); "
            + "put that one back, or train again.")), Only);

    static (string Path, string Sha256) Found(string path) =>
        (WrittenFiles.Real(path), Convert.ToHexStringLower(SHA256.HashData(RegularFile.Bytes(path))));

    static ImmutableSortedDictionary<string, Values> Read(string path)
    {
        var arrays = Torchlet.Weights.Read(path).Arrays;
        if (arrays.Any(array => array.Name == "W1")) arrays = LayerNames.Resolve(arrays);
        foreach (var array in arrays) LayerNames.CheckFinite(array);
        return arrays.ToImmutableSortedDictionary(array => array.Name, array => new Values(array.Shape, [.. array.Values.Span]), StringComparer.Ordinal);
    }
}
