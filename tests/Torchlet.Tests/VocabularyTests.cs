using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Texts as ids, and texts drawn from a model.</summary>
public class VocabularyTests
{
    [Theory]
    [InlineData("banana", false, "a b n", "1,0,2,0,2,0")]
    [InlineData("b😀가a", false, "a b 가 😀", "1,3,2,0")]
    [InlineData("\uFFFDa😀", false, "a \uFFFD 😀", "1,0,2")]
    [InlineData("to be, or 😀", true, "  , be or to 😀", "4,0,2,1,0,3,0,5")]
    public void Tokens_are_sorted_by_code_point(string text, bool areWords, string tokens, string ids)
    {
        var vocabulary = Vocabulary.Of(text, areWords);
        Assert.Equal(tokens.StartsWith("  ") ? [" ", .. tokens[2..].Split(' ')] : tokens.Split(' '), vocabulary.Tokens);
        Assert.Equal(ids, string.Join(',', vocabulary.Ids(text)));
        Assert.Equal(text, vocabulary.Text(vocabulary.Ids(text)));
    }

    [Fact]
    public void Unknown_tokens_and_odd_vocabularies_are_refused()
    {
        var vocabulary = Vocabulary.Of("ab\n");
        Assert.StartsWith("text: want characters of the vocabulary, got U+0007 at place 2.",
            Assert.Throws<ArgumentException>(() => vocabulary.Ids("ab\u0007")).Message);
        Assert.Throws<ArgumentException>(() => new Vocabulary(["a", "a"]));
        Assert.Throws<ArgumentException>(() => new Vocabulary(["a", ""]));
        Assert.Equal(["\\n", "' '", "a", "U+00A0", "가"], new[] { "\n", " ", "a", "\u00A0", "가" }.Select(Vocabulary.Shown));
        Assert.Equal(Vocabulary.Of("ab"), Vocabulary.Of("ba"));
        Assert.NotEqual(Vocabulary.Of("ab"), Vocabulary.Of("abc"));
    }

    /// <summary>A model that knows which token follows: the scores of the next one are high by a margin.</summary>
    static Model Following(int count, double margin, int length) => new Layer("Next", input => new(input, [.. input, count], [], [], (_, state, x, pass) =>
        new(nn.functional.one_hot((x + 1) % count, count).to_type(ScalarType.Float32) * margin, state, pass))).Fit(length).Init(TorchRandom.Seeded(0)).Model;

    [Fact]
    public void A_text_is_continued_by_the_scores_after_its_last_token()
    {
        using var scope = NewDisposeScope();
        var (vocabulary, model) = (Vocabulary.Of("abcd"), Following(4, 3, length: 3));
        // Shorter and longer than the model's window, of three.
        foreach (var (prompt, wanted) in new[] { ("a", "abcdabcd"), ("abcd", "abcdabcdabc") })
            Assert.Equal(wanted, vocabulary.Sample(model, prompt, 7, TorchRandom.Seeded(0), temperature: 0).Text);
        var (text, next) = vocabulary.Sample(model, "a", 200, TorchRandom.Seeded(1));
        Assert.Equal((text, next), vocabulary.Sample(model, "a", 200, TorchRandom.Seeded(1)));
        Assert.NotEqual(text, vocabulary.Sample(model, "a", 200, TorchRandom.Seeded(2)).Text);
        // softmax([3, 0, 0, 0]) gives the next letter 0.87, at temperature 10 0.31.
        double Share(string drawn) => Enumerable.Range(1, drawn.Length - 1).Average(i => drawn[i] == "abcd"[("abcd".IndexOf(drawn[i - 1]) + 1) % 4] ? 1.0 : 0);
        Assert.Equal(0.87, Share(text), 0.07);
        Assert.Equal(0.31, Share(vocabulary.Sample(model, "a", 200, TorchRandom.Seeded(1), temperature: 10).Text), 0.1);
        // A continued text is drawn on.
        var (half, after) = vocabulary.Sample(model, "a", 100, TorchRandom.Seeded(1));
        Assert.Equal(text, vocabulary.Sample(model, half, 100, after).Text);
    }

    [Fact]
    public void Sampling_wants_a_model_of_the_vocabulary_and_a_prompt()
    {
        using var scope = NewDisposeScope();
        var vocabulary = Vocabulary.Of("abc");
        string Refused(Model model, string prompt, double temperature = 1) =>
            Assert.Throws<ArgumentException>(() => vocabulary.Sample(model, prompt, 1, TorchRandom.Seeded(0), temperature)).Message;
        Assert.StartsWith("model: want [tokens] to [tokens, 3], got [5] to [5, 4].", Refused(Following(4, 1, 5), "a"));
        Assert.StartsWith("prompt: want a text of one token or more", Refused(Following(3, 1, 5), ""));
        Assert.StartsWith("text: want characters of the vocabulary, got x", Refused(Following(3, 1, 5), "x"));
        Assert.StartsWith("temperature: want 0 or more, got -1.", Refused(Following(3, 1, 5), "a", -1));
        Assert.StartsWith("temperature: want 0 or more, got NaN.", Refused(Following(3, 1, 5), "a", double.NaN));
    }
}
