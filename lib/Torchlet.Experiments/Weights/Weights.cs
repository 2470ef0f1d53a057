using System.Collections.Immutable;

namespace Torchlet;

/// <summary>
/// Weights in and out: pickled dicts of numpy arrays, PyTorch state dicts, safetensors and .npz, recognised by content and not by name. Reading
/// never runs anything.
/// </summary>
public static class Weights
{
    /// <summary>
    /// The model in a file of any of these formats:
    /// the one that the file describes, else a multilayer perceptron, whatever its layers' names and sizes.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="activation">The function between the layers of a perceptron, where the file does not say more.</param>
    /// <exception cref="TorchletException">The file holds no such weights; the message names it, what is wrong and what to do.</exception>
    public static SavedModel Load(string path, string? activation = null) => Named(path, () => SavedModel.Of(Opened(path), activation));

    /// <summary>The same, but for a network that only the script which trained it can use.</summary>
    /// <inheritdoc cref="Load(string, string?)"/>
    internal static SavedModel LoadUsable(string path, string? activation) => Named(path, () => SavedModel.Of(SavedModel.Usable(Opened(path)), activation));

    /// <summary>The weights in a file as those of a layer that the script has, also one with custom layers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">The shape of an example.</param>
    /// <exception cref="TorchletException">The file holds other weights; the message names it and what is wrong.</exception>
    public static SavedModel Load(string path, Layer layer, params ImmutableArray<long> input) =>
        Named(path, () => SavedModel.Of(layer, layer.Fit(input), Opened(path)));

    /// <summary>The arrays in the file as they are, and its metadata.</summary>
    /// <exception cref="TorchletException">The file holds no arrays; the message names it, what is wrong and what to do.</exception>
    public static WeightsFile Read(string path) => Named(path, () => Opened(path));

    /// <summary>Writes arrays as safetensors.</summary>
    /// <exception cref="TorchletException">The file cannot be written.</exception>
    public static void SaveSafetensors(string path, ImmutableArray<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata) =>
        AtomicFile.Write(path, Safetensors.Write(arrays, metadata));

    /// <summary>Writes arrays as a state dict that <c>torch.load(path, weights_only=True)</c> reads.</summary>
    /// <exception cref="TorchletException">The file cannot be written.</exception>
    public static void SaveTorch(string path, ImmutableArray<NamedArray> arrays) => AtomicFile.Write(path, TorchState.Write(arrays));

    /// <summary>Writes a network as an ONNX model, operator set 17, whose output are the probabilities of the classes, or the predicted numbers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its weights, with metadata that say what it is, as in best.safetensors.</param>
    /// <exception cref="TorchletException">The file cannot be written, or an ONNX model cannot hold the network.</exception>
    public static void SaveOnnx(string path, WeightsFile file) => AtomicFile.Write(path, Named(path, () => Onnx.Write(file)));

    static bool IsZip(ReadOnlyMemory<byte> start) => start.Span is [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..];

    /// <summary>Reader of a file with these first and last bytes, which may overlap. A large file of no known format is refused before it is read.</summary>
    static Func<ReadOnlyMemory<byte>, WeightsFile> Reader(ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> end, long length) => start.Span switch
    {
        [] => throw Empty("it is empty"),
        _ when Safetensors.IsSafetensors(start) => SafetensorsReader(start, length),
        _ when TorchState.IsLegacy(start) => bytes => Plain(TorchState.ReadLegacy(bytes)),
        [0x80, < 32, ..] or [(byte)'(' or (byte)'}' or (byte)'c' or (byte)']', ..] when end.Span[^1] == '.' => bytes => Plain(NumpyPickle.Read(bytes)),
        [0x80, < 32, ..] => throw new TorchletException("it is a pickle that is cut off; copy or download it again"),
        [(byte)'<', ..] => throw new TorchletException("it is a web page; download the file itself"),
        [0x1f, 0x8b, ..] => throw new TorchletException("it is packed by gzip; unpack it first"),
        var other when other.StartsWith(Npz.NpyMagic) => throw new TorchletException("it is a single .npy array; save all of them together with numpy.savez"),
        _ => throw new TorchletException("it is not a weights file; wanted is a pickled dict of numpy arrays, a PyTorch state dict, safetensors or .npz"),
    };

    static Func<ReadOnlyMemory<byte>, WeightsFile> SafetensorsReader(ReadOnlyMemory<byte> start, long length)
    {
        _ = Safetensors.Header(start, length);
        return Safetensors.Read;
    }

    static WeightsFile ParseZip(Stream file)
    {
        var entries = Zip.Read(file);
        return entries.Keys.Any(TorchState.IsStateDict) ? Plain(TorchState.ReadZip(entries, file.Length))
            : entries.Keys.Any(Npz.IsArray) ? Plain(Npz.Read(entries, file.Length))
            : throw new TorchletException("it is a zip archive without weights; wanted is one that torch.save or numpy.savez wrote");
    }

    static WeightsFile Plain(ImmutableArray<NamedArray> arrays) => new(arrays, ImmutableDictionary<string, string>.Empty);

    static WeightsFile Opened(string path)
    {
        try
        {
            var kind = SystemFile.At(path, followLinks: true)?.Kind;
            const string nothing = "it is empty, or a device or a pipe and no file";
            if (kind == FileKind.Other) throw Empty(nothing);
            if (kind == FileKind.Folder) throw new IOException("it is a folder");
            using var file = SystemFile.OpenRead(path);
            if (file.Length == 0) throw Empty(nothing);
            var start = Part(file, 0, Math.Min(file.Length, Safetensors.LongestStart));
            return IsZip(start) ? ParseZip(file) : Reader(start, Part(file, Math.Max(0, file.Length - 1), file.Length), file.Length)(RegularFile.Bytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchletException($"it cannot be read ({Printable.Of(e.Message)}); name a weights file", e);
        }
    }

    static ReadOnlyMemory<byte> Part(FileStream file, long from, long to)
    {
        var bytes = new byte[to - from];
        return bytes.AsMemory(0, RandomAccess.Read(file.SafeFileHandle, bytes, from));
    }

    static TorchletException Empty(string what) => new($"{what}; copy or download it again");

    static T Named<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"{path}: {e.Message}.", e);
        }
    }
}

/// <summary>Content of a weights file.</summary>
/// <param name="Arrays">The arrays, in the file's order.</param>
/// <param name="Metadata">What the file says about itself. Only safetensors files have metadata.</param>
public sealed record WeightsFile(ImmutableArray<NamedArray> Arrays, ImmutableDictionary<string, string> Metadata)
{
    /// <summary>Names and shapes of the arrays.</summary>
    public override string ToString() => $"WeightsFile: {string.Join(", ", Arrays)}";
}
