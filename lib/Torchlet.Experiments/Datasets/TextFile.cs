using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A text file as windows of ids, [count, context], and the id that follows each of them, [count, context]: a network predicts the next token at each
/// position. The last tenth of the tokens is the test part; no window has tokens of both parts.
/// </summary>
static class TextFile
{
    /// <summary>The endings of such files.</summary>
    public static ImmutableArray<string> Endings { get; } = [".txt", ".md"];

    /// <summary>The name under which a weights file says which text its network was trained on.</summary>
    public const string Key = "text";

    /// <summary>Tokens of a window, unless told.</summary>
    public const int DefaultContext = 64;

    /// <summary>More different tokens than this make a network too large, and a weights file's header.</summary>
    public const int MostTokens = 20_000;

    // Bytes: twice as many as characters, and sixteen times as many as ids, must fit into memory.
    const long Largest = 400L << 20;

    const int TestShare = 10;

    const string Tokens = "tokens", Vocabulary = "vocabulary", Checksum = "sha256";

    /// <summary>Whether a place is a text file, as far as its name tells.</summary>
    public static bool IsOne(string? place) => File.Exists(place) && Endings.Contains(Path.GetExtension(place).ToLowerInvariant());

    /// <summary>Reads a text to train on.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">Tokens of a window.</param>
    /// <param name="areWords">Whether the tokens are words; else characters.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="TorchletException">It is binary, or too short or long; the message names the file.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Read(string path, int context, bool areWords, CancellationToken stop) => RegularFile.Reading(path, file =>
    {
        var (text, checksum, remark) = Text(file, stop);
        var vocabulary = Torchlet.Vocabulary.Of(text, areWords);
        var kind = areWords ? "words" : "characters";
        if (vocabulary.Tokens is [var only])
            throw new TorchletException($"has only {Torchlet.Vocabulary.Shown(only)} in it; want two or more {kind} to tell apart");
        if (vocabulary.Tokens.Length > MostTokens)
            throw new TorchletException($"has {vocabulary.Tokens.Length:n0} different {kind}; want at most {MostTokens:n0}"
                + (areWords ? ", so leave --tokens words out, or shorten the text" : ""));
        var ids = vocabulary.Ids(text);
        var test = ids.Length / TestShare;
        if (test <= context)
            throw new TorchletException($"has {Plural.Of(ids.Length, kind[..^1])}, too few for windows of {context} in its last tenth, which is the test part; "
                + (test > 1 ? $"choose --context {test - 1} or less, or a longer text" : "want a longer text"));
        using var scope = NewDisposeScope();
        var note = FormattableString.Invariant($"windows of {context} out of {ids.Length:n0} {kind}, {vocabulary.Tokens.Length:n0} different ones; ")
            + "each next one is predicted; the last tenth is the test part";
        return Of(path, checksum, vocabulary, Windows(ids[..^test], context), Windows(ids[^test..], context), remark is null ? note : $"{note}; {remark}");
    });

    /// <summary>The text that --data names, as the network that --weights names takes it; null for other data.</summary>
    /// <exception cref="TorchletException">The network takes no text, or not this one; the message names the file.</exception>
    public static Dataset? Find(InferConfig config, CancellationToken stop)
    {
        if (config.Weights == "auto" || !IsOne(config.Data)) return null;
        var path = WeightsOfRun.Find(config.Weights);
        var metadata = Weights.Read(path).Metadata;
        var vocabulary = VocabularyOf(path, metadata)
            ?? throw new TorchletException($"{path}: the network was not trained on a text, and {config.Data} is one; name other data, or other weights.");
        if (!int.TryParse(metadata.GetValueOrDefault(SavedModel.InputKey), out var context) || context < 1)
            throw new TorchletException($"{path}: it says its input is {Printable.Of(metadata.GetValueOrDefault(SavedModel.InputKey, "nothing"))}; "
                + "want the number of tokens.");
        if (ChecksumOf(metadata) == RegularFile.Reading(config.Data, file => RegularFile.Sha256(file, stop)))
            return Datasets.Load(config.Data, config.Places with { Context = context, AreWords = vocabulary.AreWords, Stop = stop });
        return RegularFile.Reading(config.Data, file =>
        {
            var (text, checksum, remark) = Text(file, stop);
            var ids = Known(vocabulary, text);
            if (ids.Length <= context)
                throw new TorchletException($"has {ids.Length} tokens, and the network takes {context}; want one more than that, or more");
            using var scope = NewDisposeScope();
            var whole = Windows(ids, context);
            return Of(config.Data, checksum, vocabulary, whole, whole, remark) with { Name = Path.GetFileName(config.Data), AreNew = true };
        });
    }

    /// <summary>The vocabulary of a text and the file's checksum, as text: an object of JSON.</summary>
    public static string Metadata(Vocabulary vocabulary, Dataset data) => new JsonObject
    {
        [Tokens] = vocabulary.AreWords ? "words" : "characters",
        [Vocabulary] = new JsonArray([.. vocabulary.Tokens.Select(token => (JsonNode?)token)]),
        [Checksum] = data.Checksums.FirstOrDefault(file => file.Key != DataInMemory.Name).Value,
    }.ToJsonString();

    /// <summary>The vocabulary that a weights file holds; null for none.</summary>
    /// <exception cref="TorchletException">It is damaged; the message names the file.</exception>
    public static Vocabulary? VocabularyOf(string path, IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(Key, out var text)) return null;
        try
        {
            var json = JsonNode.Parse(text)!.AsObject();
            return new([.. json[Vocabulary]!.AsArray().Select(token => token!.GetValue<string>())], json[Tokens]!.GetValue<string>() == "words");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            throw new TorchletException($"{path}: its vocabulary is damaged; make the file again.", e);
        }
    }

    static string? ChecksumOf(IReadOnlyDictionary<string, string> metadata) => JsonNode.Parse(metadata[Key])![Checksum]?.ToString();

    static long[] Known(Vocabulary vocabulary, string text)
    {
        try
        {
            return vocabulary.Ids(text);
        }
        catch (ArgumentException e)
        {
            throw new TorchletException($"cannot be read by the network ({e.Message.TrimEnd('.')}); take it out, or train on both texts", e);
        }
    }

    /// <summary>The text with line ends as Python reads them, \n, and the file's checksum.</summary>
    static (string Text, string Checksum, string? Remark) Text(FileStream file, CancellationToken stop)
    {
        if (file.Length > Largest) throw new TorchletException($"has {file.Length:n0} bytes; want a text of at most {Largest:n0}");
        var checksum = RegularFile.Sha256(file, stop);
        var (reader, remark) = TableText.Open(file, stop, program: "Korean Windows", saveAs: "UTF-8");
        using (reader) return (reader.ReadToEnd().ReplaceLineEndings("\n"), checksum, remark);
    }

    static Split Windows(long[] ids, int context)
    {
        var (all, count) = (tensor(ids), (ids.Length - 1) / context);
        return new(Cut(0), Cut(1));

        Tensor Cut(int first) => all.narrow(0, first, (long)count * context).view(count, context);
    }

    static Dataset Of(string path, string checksum, Vocabulary vocabulary, Split train, Split test, string? note)
    {
        foreach (var tensor in new[] { train.Inputs, train.Targets, test.Inputs, test.Targets }.Distinct()) tensor.MoveToOuterDisposeScope();
        return new("", Path.GetDirectoryName(Path.GetFullPath(path))!, [.. vocabulary.Tokens.Select(Torchlet.Vocabulary.Shown)],
            ImmutableSortedDictionary<string, string>.Empty.Add(Path.GetFileName(path), checksum), train, test)
        {
            Note = note, Vocabulary = vocabulary,
        };
    }
}
