using System.Globalization;
using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>
/// Layers as text, as a script writes them: <c>Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Flatten >> Dense(10).As("fc1")</c>.
/// <see cref="Layer.Text"/> writes it, and this reads it: weights files describe their network so.
/// </summary>
public static partial class LayerText
{
    /// <summary>So many layers deep may layers be nested, more than any net needs: a file from a stranger must not overflow the stack.</summary>
    internal const int Deepest = 50;

    /// <summary>The layers that a text describes.</summary>
    /// <exception cref="ArgumentException">The text describes no layers, or contains a custom layer, which no text makes again.</exception>
    public static Layer Parse(string text)
    {
        var reader = new Reader(text);
        var layer = reader.Chain(Deepest);
        return reader.IsAtEnd ? layer : throw reader.Unreadable();
    }

    /// <summary>A place in a text, which moves on.</summary>
    sealed class Reader(string text)
    {
        readonly Queue<string> tokens = Tokens(text);

        public bool IsAtEnd => tokens.Count == 0;

        public ArgumentException Unreadable() => new($"it is not written as layers are: {text}");

        public Layer Chain(int deepest)
        {
            if (deepest == 0) throw new ArgumentException($"its layers are nested more than {Deepest} deep.");
            var layers = new List<Layer>();
            do layers.Add(One(deepest));
            while (Took(">>"));
            return Layer.Serial(layers);
        }

        Layer One(int deepest)
        {
            var name = Next();
            if (name == Named.Own) throw new ArgumentException($"it contains a custom layer: {text}");
            var kind = Layers.Kinds.GetValueOrDefault(name) ?? throw Unreadable();
            var layer = Call(kind, deepest);
            return Took(".As") ? layer.As(InParentheses(() => Next().Trim('"'))) : layer;
        }

        Layer Call(LayerKind kind, int deepest)
        {
            var (numbers, named, inner) = (new List<double>(), new Dictionary<string, double>(), new List<Layer>());
            Initializer? init = null;
            if (tokens.TryPeek(out var open) && open == "(") InParentheses(() =>
            {
                while (tokens.TryPeek(out var token) && token != ")")
                {
                    if (inner.Count < kind.InnerLayers) inner.Add(Chain(deepest - 1));
                    else if (IsNumber(token)) numbers.Add(Number());
                    else if (Next() is var argument && !Took(":")) throw Unreadable();
                    else if (argument == "init" && kind.TakesInitializer) init = Init();
                    else named[argument] = Number();
                    Took(",");
                }
                return 0;
            });
            foreach (var argument in kind.Arguments.Skip(numbers.Count))
                numbers.Add(named.Remove(argument.Name, out var given) ? given : argument.Usual?.Invoke([.. numbers]) ?? throw Unreadable());
            return numbers.Count == kind.Arguments.Length && named.Count == 0 && inner.Count == kind.InnerLayers
                ? kind.Call([.. numbers], init, [.. inner])
                : throw Unreadable();
        }

        // The weights of a file are not drawn, so how a custom initializer drew them does not matter.
        Initializer? Init() => Next() switch
        {
            Named.Own => null,
            "Normal" => Initializer.Normal(InParentheses(Number)),
            var name => Initializer.All.FirstOrDefault(known => known.Initializer.Text == name).Initializer ?? throw Unreadable(),
        };

        double Number() =>
            double.TryParse(Next(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable();

        T InParentheses<T>(Func<T> read)
        {
            if (!Took("(")) throw Unreadable();
            var result = read();
            return Took(")") ? result : throw Unreadable();
        }

        bool Took(string token) => tokens.TryPeek(out var next) && next == token && tokens.Dequeue() == token;

        string Next() => tokens.TryDequeue(out var token) ? token : throw Unreadable();

        static bool IsNumber(string token) => double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>The words and signs of a text. A character that belongs to none is a word of its own, which no rule accepts.</summary>
    static Queue<string> Tokens(string text) => new(Token().Matches(text).Select(match => match.Value));

    [GeneratedRegex("""[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|>>|\.As|"[^"]*"|\S""")]
    private static partial Regex Token();
}
