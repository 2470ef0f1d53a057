using System.Collections.Frozen;
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
    /// <summary>The names of the numbers that each kind takes, in their order, with the usual values of those that may be left out.</summary>
    static readonly FrozenDictionary<string, string> Signatures = new Dictionary<string, string>
    {
        ["Dense"] = "units",
        ["Conv"] = "channels kernel stride=1 padding=0",
        ["MaxPool"] = "size stride=size",
        ["AvgPool"] = "size stride=size",
        ["Dropout"] = "probability",
        ["BatchNorm"] = "momentum=0.1 epsilon=1e-5",
        ["LayerNorm"] = "epsilon=1e-5",
    }.ToFrozenDictionary();

    /// <summary>The layer that a text describes.</summary>
    /// <exception cref="ArgumentException">The text is no layer, or holds a function of somebody's own, which no text brings back.</exception>
    public static Layer Parse(string text) => Made(Calls(text));

    /// <summary>What a text describes, one after the other, before it is a layer.</summary>
    /// <inheritdoc cref="Parse"/>
    public static ImmutableArray<LayerCall> Calls(string text)
    {
        var tokens = new Queue<string>(Token().Matches(text).Select(m => m.Value));
        if (tokens.Sum(t => t.Length) != text.Count(c => c != ' ')) throw Unreadable(text);
        var calls = Chain(tokens, text);
        return tokens.Count == 0 ? calls : throw Unreadable(text);
    }

    /// <summary>The layer that calls describe, one after the other.</summary>
    /// <exception cref="ArgumentException">There is no such layer.</exception>
    internal static Layer Made(ImmutableArray<LayerCall> calls) => Layer.Serial(calls.Select(Made));

    static Layer Made(LayerCall call)
    {
        Layer layer = call.Kind switch
        {
            "Dense" => Layers.Dense(Int("units"), Init(call)),
            "Conv" => Layers.Conv(Int("channels"), Int("kernel"), Int("stride"), Int("padding"), Init(call)),
            "MaxPool" => Layers.MaxPool(Int("size"), Int("stride")),
            "AvgPool" => Layers.AvgPool(Int("size"), Int("stride")),
            "Dropout" => Layers.Dropout(call.Arguments["probability"]),
            "BatchNorm" => Layers.BatchNorm(call.Arguments["momentum"], call.Arguments["epsilon"]),
            "LayerNorm" => Layers.LayerNorm(call.Arguments["epsilon"]),
            "Flatten" => Layers.Flatten,
            "Residual" => Layers.Residual(Made(call.Inner)),
            _ => Layers.Function((Activation.All.FirstOrDefault(a => a.LayerName == call.Kind) ?? throw Unreadable(call.Kind)).Function),
        };
        return call.Name is { } name ? layer.As(name) : layer;

        int Int(string argument) => call.Arguments[argument] is var value && value == (int)value ? (int)value : throw Unreadable($"{call.Kind} of {value}");
    }

    static Initializer? Init(LayerCall call) => call.Init switch
    {
        null or "Default" or Initializer.Own => null, // Weights out of a file are drawn by nobody.
        var named when Initializer.All.FirstOrDefault(known => known.Initializer.Text == named).Initializer is { } known => known,
        var other => other.Split('(', ')') is ["Normal", var deviation, ""] ? Initializer.Normal(Read(deviation, other)) : throw Unreadable(other),
    };

    static ImmutableArray<LayerCall> Chain(Queue<string> tokens, string text)
    {
        var calls = ImmutableArray.CreateBuilder<LayerCall>();
        do calls.Add(One(tokens, text));
        while (Took(tokens, ">>"));
        return calls.ToImmutable();
    }

    static LayerCall One(Queue<string> tokens, string text)
    {
        var kind = Next(tokens, text);
        if (kind == Initializer.Own) throw new ArgumentException($"it holds a function of somebody's own: {text}");
        var call = kind == "Residual"
            ? new(kind, [], null, InParentheses(tokens, text, () => Chain(tokens, text)), null)
            : Given(kind, tokens, text);
        return Took(tokens, ".As") ? call with { Name = InParentheses(tokens, text, () => Next(tokens, text).Trim('"')) } : call;
    }

    /// <summary>A call with its arguments, each under its name, whether it was given by place or by name or not at all.</summary>
    static LayerCall Given(string kind, Queue<string> tokens, string text)
    {
        var (placed, named) = Arguments(tokens, text);
        var numbers = new Dictionary<string, double>();
        foreach (var (place, parameter) in Signatures.GetValueOrDefault(kind, "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            var (name, usual) = parameter.Split('=') is [var first, var second] ? (first, second) : (parameter, "");
            var value = place < placed.Count ? placed[place] : named.GetValueOrDefault(name, usual);
            numbers[name] = numbers.TryGetValue(value, out var same) ? same : Read(value, text);
        }
        return new(kind, numbers.ToImmutableDictionary(), named.GetValueOrDefault("init"), [], null);
    }

    static (List<string> Placed, Dictionary<string, string> Named) Arguments(Queue<string> tokens, string text)
    {
        var (placed, named) = (new List<string>(), new Dictionary<string, string>());
        if (tokens.TryPeek(out var next) && next == "(") InParentheses(tokens, text, () =>
        {
            while (tokens.TryPeek(out var token) && token != ")")
            {
                var word = Next(tokens, text);
                if (!Took(tokens, ":")) placed.Add(word);
                else if (Next(tokens, text) is var value && value == "Normal")
                    named[word] = $"{value}({InParentheses(tokens, text, () => Next(tokens, text))})";
                else named[word] = value;
                Took(tokens, ",");
            }
            return 0;
        });
        return (placed, named);
    }

    static double Read(string number, string text) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw Unreadable(text);

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
