using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The tokens of a text, characters or words, each with an id: its place in the order of their code points.</summary>
public sealed partial record Vocabulary
{
    readonly FrozenDictionary<string, long> ids;

    /// <summary>A vocabulary of these tokens.</summary>
    /// <param name="tokens">The tokens, each once; the place of each is its id.</param>
    /// <param name="areWords">Whether they are words, as <see cref="Of"/> cuts a text into them; else characters.</param>
    /// <exception cref="ArgumentException">A token is empty or is there twice.</exception>
    public Vocabulary(ImmutableArray<string> tokens, bool areWords = false)
    {
        if (tokens.Any(string.IsNullOrEmpty) || tokens.Distinct().Count() < tokens.Length)
            throw new ArgumentException("tokens: want each once and none empty.", nameof(tokens));
        (Tokens, AreWords, ids) = (tokens, areWords, tokens.Index().ToFrozenDictionary(token => token.Item, token => (long)token.Index));
    }

    /// <summary>The tokens, by their ids.</summary>
    public ImmutableArray<string> Tokens { get; }

    /// <summary>Whether the tokens are words, single spaces and single signs; else characters.</summary>
    public bool AreWords { get; }

    /// <summary>The vocabulary of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="areWords">
    /// Whether it is cut into words, which are letters, digits and _ in a row, 50 at most, and into single other characters; else into characters.
    /// </param>
    public static Vocabulary Of(string text, bool areWords = false) =>
        // In UTF-8 the order of bytes is that of code points.
        new([.. Cut(text, areWords).Distinct().OrderBy(token => Convert.ToHexString(Encoding.UTF8.GetBytes(token)), StringComparer.Ordinal)], areWords);

    /// <summary>The id of each token of a text, in order.</summary>
    /// <exception cref="ArgumentException">The text has a token that the vocabulary lacks; the message names it and its place.</exception>
    public long[] Ids(string text) => [.. Cut(text, AreWords).Select((token, i) => ids.TryGetValue(token, out var id) ? id
        : throw new ArgumentException($"text: want {(AreWords ? "words" : "characters")} of the vocabulary, got {Shown(token)} at place {i}."))];

    /// <summary>The text of some ids: the tokens one after the other.</summary>
    public string Text(IEnumerable<long> some) => string.Concat(some.Select(id => Tokens[(int)id]));

    /// <summary>
    /// Continues a text, token by token, each drawn by the probabilities softmax(scores / temperature) that the model gives after the last tokens, as many as
    /// it takes. The model must be causal: the scores at a position depend on no later ones, since the positions after a short text are filled with id 0.
    /// </summary>
    /// <example><c>var saved = Weights.Load(file); saved.Vocabulary!.Sample(saved.ToModel(), "Once", 200, TorchRandom.Seeded(0), 0.8).Text</c></example>
    /// <param name="model">[tokens] ids ↦ [tokens, vocabulary] scores.</param>
    /// <param name="prompt">The text to begin with, one token or more.</param>
    /// <param name="count">How many tokens to draw.</param>
    /// <param name="random">The generator.</param>
    /// <param name="temperature">Below 1 likely tokens are drawn more often, above 1 less often; 0 always takes the likeliest.</param>
    /// <returns>The prompt and the drawn tokens, and the next generator.</returns>
    /// <exception cref="ArgumentException">
    /// The model takes or gives something else, the prompt is empty or has unknown tokens, or the temperature is below 0.
    /// </exception>
    public (string Text, TorchRandom Next) Sample(Model model, string prompt, int count, TorchRandom random, double temperature = 1)
    {
        if (model.Net.Input is not [var length] || model.Net.Output is not [var positions, var scores] || positions != length || scores != Tokens.Length)
            throw new ArgumentException($"model: want [tokens] to [tokens, {Tokens.Length}], got {Shapes.Show(model.Net.Input.AsSpan())} to "
                + $"{Shapes.Show(model.Net.Output.AsSpan())}.", nameof(model));
        if (!(temperature >= 0)) throw new ArgumentException($"temperature: want 0 or more, got {temperature}.", nameof(temperature));
        var text = Ids(prompt).ToList();
        if (text.Count == 0) throw new ArgumentException("prompt: want a text of one token or more, got none.", nameof(prompt));
        using var scope = NewDisposeScope();
        var function = model.Function();
        for (var i = 0; i < count; i++)
        {
            (var id, random) = Drawn(Scores(function, text, (int)length, model.Flat.device), temperature, random);
            text.Add(id);
        }
        return (Text(text), random);
    }

    /// <summary>The scores of the token after a text.</summary>
    static float[] Scores(Func<Tensor, Tensor> function, List<long> text, int length, Device device)
    {
        using var scope = NewDisposeScope();
        var (window, last) = (new long[length], Math.Min(text.Count, length));
        text.CopyTo(text.Count - last, window, 0, last);
        return function(tensor(window).to(device).unsqueeze(0))[0][last - 1].to_type(ScalarType.Float32).Numbers<float>();
    }

    /// <summary>An id, drawn by its probability.</summary>
    static (long Id, TorchRandom Next) Drawn(float[] scores, double temperature, TorchRandom random)
    {
        var (drawn, next) = random.Uniform([1], 0, 1);
        using var number = drawn;
        var (most, likeliest) = (scores.Max(), Array.IndexOf(scores, scores.Max()));
        if (temperature == 0) return (likeliest, next);
        var powers = scores.Select(score => Math.Exp((score - most) / temperature)).ToArray();
        var (id, rest) = (0, number.Number() * powers.Sum());
        while (id < powers.Length - 1 && rest >= powers[id]) rest -= powers[id++];
        return (id, next);
    }

    /// <summary>A token as it is printed: a letter as it is, <c>' '</c> for a space, <c>\n</c> for the end of a line.</summary>
    public static string Shown(string token) => token switch
    {
        " " => "' '",
        "\n" => "\\n",
        "\t" => "\\t",
        "\r" => "\\r",
        _ when token.EnumerateRunes().All(rune => Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune)) => token,
        _ => string.Concat(token.EnumerateRunes().Select(rune => Rune.IsLetterOrDigit(rune) || rune.Value == '_' ? $"{rune}" : $"U+{rune.Value:X4}")),
    };

    /// <summary>Vocabulary: 67 characters.</summary>
    public override string ToString() => $"Vocabulary: {Plural.Of(Tokens.Length, AreWords ? "word" : "character")}";

    /// <summary>Whether the tokens are the same.</summary>
    public bool Equals(Vocabulary? other) => other is not null && AreWords == other.AreWords && Tokens.SequenceEqual(other.Tokens);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tokens.Length, AreWords);

    /// <summary>The tokens of a text, in order; one after the other they are the text.</summary>
    internal static IEnumerable<string> Cut(string text, bool areWords) =>
        areWords ? Words(text) : text.EnumerateRunes().Select(rune => rune.ToString());

    static IEnumerable<string> Words(string text)
    {
        for (var match = Word().Match(text); match.Success; match = match.NextMatch()) yield return match.Value;
    }

    // Two halves of a character beyond U+FFFF belong together.
    [GeneratedRegex(@"\w{1,50}|[\uD800-\uDBFF][\uDC00-\uDFFF]|[^\w]", RegexOptions.Singleline)]
    private static partial Regex Word();
}
