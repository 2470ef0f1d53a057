using System.Collections.Immutable;
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
        readonly ImmutableArray<string> tokens = Tokens(text);
        int at;

        public bool IsAtEnd => at == tokens.Length;

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
            var (numbers, named, inner) = (new List<double>(), new Dictionary<string, string>(), new List<Layer>());
            Initializer? init = null;
            if (Sees("(")) InParentheses(() =>
            {
                if (!Sees(")")) do Argument(); while (Took(","));
                return 0;
            });
            foreach (var argument in kind.Arguments.Skip(numbers.Count))
                numbers.Add(named.Remove(argument.Name, out var given) ? argument.Read(given) ?? throw Unreadable()
                    : argument.Usual?.Invoke([.. numbers]) ?? throw Unreadable());
            return named.Count == 0 ? kind.Call([.. numbers], init, [.. inner]) : throw Unreadable();

            // A number, a number or word by its name, or a layer.
            void Argument()
            {
                if (!IsAtEnd && IsNumber(tokens[at])) numbers.Add(Number());
                else if (!Sees(":", 1)) inner.Add(Chain(deepest - 1));
                else if (Next() is var name && Took(":") && name == "init" && kind.TakesInitializer) init = Init();
                else if (!named.TryAdd(name, Next())) throw Unreadable();
            }
        }

        // The weights of a file are not drawn, so how a custom initializer drew them does not matter.
        Initializer? Init() => Next() switch
        {
            Named.Own => null,
            "Normal" => Initializer.Normal(InParentheses(Number)),
            "Orthogonal" when Sees("(") => Initializer.OrthogonalOf(InParentheses(Number)),
            "VarianceScaling" => InParentheses(() => Number() is var scale && Took(",") && Enum.TryParse<Fan>(Next(), out var fan)
                ? Initializer.VarianceScaling(scale, fan, Took(",") && Next() == "uniform") : throw Unreadable()),
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

        bool Took(string token) => Sees(token) && Next() == token;

        bool Sees(string token, int ahead = 0) => at + ahead < tokens.Length && tokens[at + ahead] == token;

        string Next() => IsAtEnd ? throw Unreadable() : tokens[at++];

        static bool IsNumber(string token) => double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>The words and signs of a text. A character that belongs to none is a word of its own, which no rule accepts.</summary>
    static ImmutableArray<string> Tokens(string text) => [.. Token().Matches(text).Select(match => match.Value)];

    [GeneratedRegex("""[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|>>|\.As|"[^"]*"|\S""")]
    private static partial Regex Token();
}
