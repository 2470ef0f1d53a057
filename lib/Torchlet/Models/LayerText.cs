using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>
/// Layers as text, the way a script writes them: <c>Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Flatten >> Dense(10).As("fc1")</c>.
/// <see cref="Layer.Text"/> writes it, and this reads it: files of weights say so what network they are of.
/// </summary>
public static partial class LayerText
{
    /// <summary>The layer that a text describes.</summary>
    /// <exception cref="ArgumentException">The text is no layer, or holds a function of somebody's own, which no text brings back.</exception>
    public static Layer Parse(string text)
    {
        var tokens = new Queue<string>(Token().Matches(text).Select(m => m.Value));
        if (tokens.Sum(t => t.Length) != text.Count(c => c != ' ')) throw Unreadable(text);
        var layer = Chain(tokens, text);
        return tokens.Count == 0 ? layer : throw Unreadable(text);
    }

    static Layer Chain(Queue<string> tokens, string text)
    {
        List<Layer> layers = [One(tokens, text)];
        while (Took(tokens, ">>")) layers.Add(One(tokens, text));
        return Layer.Serial(layers);
    }

    static Layer One(Queue<string> tokens, string text)
    {
        var name = Next(tokens, text);
        if (name == Initializer.Own) throw new ArgumentException($"it holds a function of somebody's own: {text}");
        var layer = name == "Residual" ? Inner(tokens, text, Layers.Residual) : Made(name, Arguments(tokens, text), text);
        return Took(tokens, ".As") ? layer.As(InParentheses(tokens, text, () => Next(tokens, text).Trim('"'))) : layer;
    }

    static Layer Inner(Queue<string> tokens, string text, Func<Layer, Layer> around) => around(InParentheses(tokens, text, () => Chain(tokens, text)));

    static Layer Made(string name, Given given, string text) => name switch
    {
        "Dense" => Layers.Dense(given.Int(0), given.Init),
        "Conv" => Layers.Conv(given.Int(0), given.Int(1), given.Int("stride", 1), given.Int("padding", 0), given.Init),
        "MaxPool" => Layers.MaxPool(given.Int(0), given.Int("stride", given.Int(0))),
        "AvgPool" => Layers.AvgPool(given.Int(0), given.Int("stride", given.Int(0))),
        "Dropout" => Layers.Dropout(given.Number(0)),
        "BatchNorm" => Layers.BatchNorm(given.Number("momentum", 0.1), given.Number("epsilon", 1e-5)),
        "LayerNorm" => Layers.LayerNorm(given.Number("epsilon", 1e-5)),
        "Flatten" => Layers.Flatten,
        "Identity" => Layers.Identity,
        _ => Activation.All.FirstOrDefault(a => a.LayerName == name) is { } known ? Layers.Function(known.Function) : throw Unreadable(text),
    };

    /// <summary>The arguments of a call, by place and by name.</summary>
    sealed record Given(ImmutableArray<string> Placed, ImmutableDictionary<string, string> Named, string Text)
    {
        public Initializer? Init => Named.GetValueOrDefault("init") switch
        {
            null or "Default" or Initializer.Own => null, // Weights out of a file are drawn by nobody.
            "He" => Initializer.He,
            "Xavier" => Initializer.Xavier,
            "Zeros" => Initializer.Zeros,
            var normal => Initializer.Normal(Read(normal)),
        };

        public int Int(int place) => Whole(Number(place));

        public int Int(string name, int usual) => Whole(Number(name, usual));

        public double Number(int place) => Read(place < Placed.Length ? Placed[place] : "");

        public double Number(string name, double usual) => Named.TryGetValue(name, out var value) ? Read(value) : usual;

        double Read(string number) => double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Unreadable(Text);

        int Whole(double value) => value == (int)value ? (int)value : throw Unreadable(Text);
    }

    static Given Arguments(Queue<string> tokens, string text)
    {
        var (placed, named) = (ImmutableArray.CreateBuilder<string>(), ImmutableDictionary.CreateBuilder<string, string>());
        if (tokens.TryPeek(out var next) && next == "(") InParentheses(tokens, text, () =>
        {
            while (tokens.TryPeek(out var token) && token != ")")
            {
                var word = Next(tokens, text);
                if (!Took(tokens, ":")) placed.Add(word);
                else if (Next(tokens, text) is var value && value == "Normal") named[word] = InParentheses(tokens, text, () => Next(tokens, text));
                else named[word] = value;
                Took(tokens, ",");
            }
            return 0;
        });
        return new(placed.ToImmutable(), named.ToImmutable(), text);
    }

    static T InParentheses<T>(Queue<string> tokens, string text, Func<T> read)
    {
        if (!Took(tokens, "(")) throw Unreadable(text);
        var result = read();
        return Took(tokens, ")") ? result : throw Unreadable(text);
    }

    static bool Took(Queue<string> tokens, string token) => tokens.TryPeek(out var next) && next == token && tokens.Dequeue() == token;

    static string Next(Queue<string> tokens, string text) => tokens.TryDequeue(out var token) ? token : throw Unreadable(text);

    static ArgumentException Unreadable(string text) => new($"it is not written as layers are: {text}");

    [GeneratedRegex("""[A-Za-z_]+[A-Za-z0-9_]*|-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|>>|\.As|"[^"]*"|[(),:]""")]
    private static partial Regex Token();
}
