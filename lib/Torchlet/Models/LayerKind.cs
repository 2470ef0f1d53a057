using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A kind of layer, a row of the table in <see cref="Layers"/>: how it is written, fitted and exported.</summary>
/// <param name="Name">Its name, as a script writes it: Dense.</param>
/// <param name="Arguments">Its numbers, in the order in which they are written.</param>
/// <param name="Fit">The net for an input's shape; it throws an ArgumentException that says "want …, got …" where it cannot take it.</param>
/// <param name="Export">The same as nodes of ONNX, after the nodes of the layers before it; null if ONNX has no such form.</param>
public sealed record LayerKind(
    string Name, ImmutableArray<LayerArgument> Arguments, Func<LayerCall, ImmutableArray<long>, Net> Fit, Func<OnnxGraph, FittedLayer, OnnxGraph>? Export)
{
    /// <summary>Whether an initializer may be given: <c>Dense(50, init: He)</c>.</summary>
    public bool TakesInitializer { get; init; }

    /// <summary>The argument of which it takes a list, after the others: the lengths of Reshape(49, 16); null for none.</summary>
    public LayerArgument? List { get; init; }

    /// <summary>How many layers it is made of: 1 for Residual(layer).</summary>
    public int InnerLayers { get; init; }

    /// <summary>Whether it is made of any number of layers, from <see cref="InnerLayers"/>: FanOut(layer, layer, …).</summary>
    public bool TakesMoreLayers { get; init; }

    /// <summary>About how many multiplications it takes for an example, given those of the layers inside it; null for what its weights tell.</summary>
    public Func<FittedLayer, double, double>? Products { get; init; }

    /// <summary>Whether the widths of a net tell enough of it for a title: of affine maps, activations and dropout.</summary>
    public bool IsToldByWidths { get; init; }

    /// <summary>The function, where the layer is an elementwise one, which is written without parentheses if all its numbers are the usual ones.</summary>
    public Func<LayerCall, Tensor, Tensor>? Function { get; init; }

    /// <summary>The cell, where it is one of a recurrent layer.</summary>
    internal RecurrentCell? Cell { get; init; }

    /// <summary>Whether it is a custom layer, which no text makes again.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Whether integers reach it as they are: ids, for a custom layer that looks them up.</summary>
    public bool TakesIntegers { get; init; }

    /// <summary>An input as it takes it: integers as float32, where it does not take them themselves.</summary>
    /// <exception cref="ArgumentException">They are bytes, which may be pixels or numbers.</exception>
    internal Tensor Taken(Tensor x) =>
        TakesIntegers || x.is_floating_point() ? x
        : x.dtype != ScalarType.Byte ? x.to_type(ScalarType.Float32)
        : throw new ArgumentException($"want float numbers, got bytes of shape {Shapes.Show(x.shape)}: Batches.Floats(x) makes pixels of them, in 0 to 1, and "
            + "x.to_type(ScalarType.Float32) leaves the numbers as they are; a run's Objective.Prepare does the first for pictures, "
            + "[count, 1 or 3, height, width]");

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    /// <summary>A layer of this kind.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal Layer Call(ImmutableArray<double> numbers = default, Initializer? init = null, params ImmutableArray<Layer> inner)
    {
        var call = new LayerCall(this, numbers.IsDefault ? [] : numbers) { Init = init, Inner = inner };
        var (least, most) = List is null ? (Arguments.Length, Arguments.Length) : (Arguments.Length + 1, Arguments.Length + LongestList);
        if (call.Numbers.Length < least || call.Numbers.Length > most)
            throw new ArgumentException($"{Name}: want {least}{(most > least ? $" to {most}" : "")} numbers, got {call.Numbers.Length}.");
        foreach (var (argument, number) in call.Values)
            if (!argument.Allows(number)) throw new ArgumentException($"{call.Text}: want {argument.Name} {argument.Wanted}, got {LayerCall.Show(number)}.");
        if (call.Inner.Length < InnerLayers || call.Inner.Length > (TakesMoreLayers ? MostLayers : InnerLayers))
            throw new ArgumentException($"{Name}: want {InnerLayers}{(TakesMoreLayers ? $" to {MostLayers}" : "")} layers, got {call.Inner.Length}.");
        return call.Depth < LayerText.Deepest ? new([call])
            : throw new ArgumentException($"{Name}: want layers nested at most {LayerText.Deepest} deep, got {call.Depth + 1}.");
    }

    // More than any net needs: what a file from a stranger may ask for.
    const int LongestList = 10, MostLayers = 100;
}

/// <summary>A number that a kind of layer takes, or one of some words, whose place in their list is the number.</summary>
/// <param name="Name">Its name: stride.</param>
/// <param name="Least">The least value.</param>
/// <param name="Below">The value that it must stay below.</param>
/// <param name="IsWhole">Whether it must be a whole number.</param>
public sealed record LayerArgument(string Name, double Least, double Below, bool IsWhole)
{
    // A file from a stranger may ask for any number; none of these is of use in a net.
    const double TooMany = 1e7, TooLarge = 4097;

    /// <summary>The value where none is written, given the numbers before it; null where one must be.</summary>
    public Func<ImmutableArray<double>, double>? Usual { get; init; }

    /// <summary>The words that stand for the numbers 0, 1, …; none for an argument that is written as a number.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>One of some words: <c>mode: nearest</c>.</summary>
    public static LayerArgument OneOf(string name, params ImmutableArray<string> words) => new(name, 0, words.Length, IsWhole: true) { Words = words };

    /// <summary>Whether it is so, false where it is not written: <c>causal: true</c>.</summary>
    public static LayerArgument Flag(string name) => OneOf(name, "false", "true").Or(0);

    /// <summary>A number of units or channels, from 1.</summary>
    public static LayerArgument Count(string name) => new(name, 1, TooMany, IsWhole: true);

    /// <summary>A number of pixels.</summary>
    public static LayerArgument Pixels(string name, int least = 1) => new(name, least, TooLarge, IsWhole: true);

    /// <summary>The same argument, with a value where none is written.</summary>
    public LayerArgument Or(double usual) => this with { Usual = _ => usual };

    /// <summary>Whether it can be this number.</summary>
    public bool Allows(double number) => number >= Least && number < Below && (!IsWhole || number == Math.Floor(number));

    /// <summary>Its range in words.</summary>
    public string Wanted => !Words.IsEmpty ? string.Join(" or ", Words)
        : string.Create(CultureInfo.InvariantCulture, $"from {Least} to {(IsWhole ? $"{Below - 1}" : $"less than {Below}")}");

    /// <summary>A value as it is written.</summary>
    internal string Show(double value) => Words.IsEmpty || !Allows(value) ? LayerCall.Show(value) : Words[(int)value];

    /// <summary>The value of a word or number; null if it is none.</summary>
    internal double? Read(string written) => Words.IsEmpty
        ? double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null
        : Words.IndexOf(written) is >= 0 and var place ? place : null;
}

/// <summary>One layer as data: <c>Conv(6, 5, padding: 2).As("first")</c>.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Numbers">A number for each of the kind's arguments, whether it is written or not, then those of its list: 6, 5, 1, 2.</param>
public sealed partial record LayerCall(LayerKind Kind, ImmutableArray<double> Numbers)
{
    /// <summary>First values of its weights; null for PyTorch's own.</summary>
    public Initializer? Init { get; init; }

    /// <summary>The layers that it is made of.</summary>
    public ImmutableArray<Layer> Inner { get; init; } = [];

    /// <summary>How deep the layers within it are nested; 0 for none.</summary>
    internal int Depth => Inner.Select(layer => layer.Depth).DefaultIfEmpty().Max();

    /// <summary>The name that <see cref="Layer.As"/> gave it; null for its place in the chain.</summary>
    public string? Name { get; private init; }

    /// <summary>The numbers of the kind's list: 49, 16 of Reshape(49, 16).</summary>
    public ImmutableArray<double> List => Numbers[Kind.Arguments.Length..];

    /// <summary>Each number, with the argument that it is of.</summary>
    internal IEnumerable<(LayerArgument Argument, double Number)> Values =>
        Kind.Arguments.Zip(Numbers).Concat(List.Select(number => (Kind.List!, number)));

    /// <summary>The name before its parameters, in this place of a chain.</summary>
    internal string NameAt(int place) => Name ?? $"{place}";

    /// <summary>The number of this argument.</summary>
    public double this[string argument] => Numbers[Kind.Arguments.IndexOf(Kind.Arguments.First(a => a.Name == argument))];

    /// <summary>
    /// The layer as code: its numbers, the layers that it is made of, then by name those numbers that have a usual value and here another one.
    /// </summary>
    public string Text => TextWithoutName + (Name is null ? "" : $".As(\"{Name}\")");

    /// <summary>Its text.</summary>
    public override string ToString() => Text;

    internal string TextWithoutName
    {
        get
        {
            var values = Values.Index().ToLookup(v => v.Item.Argument.Usual is null);
            string[] written =
            [
                .. values[true].Select(v => v.Item.Argument.Show(v.Item.Number)),
                .. Inner.Select(layer => layer.Text),
                .. values[false].Where(v => v.Item.Argument.Usual!(Numbers[..v.Index]) != v.Item.Number)
                    .Select(v => $"{v.Item.Argument.Name}: {v.Item.Argument.Show(v.Item.Number)}"),
                .. Init is { } init && init != Initializer.Default ? [$"init: {init.Text}"] : (string[])[],
            ];
            var isBare = Kind.Function is not null || Kind.Arguments.IsEmpty && Kind.List is null && Kind.InnerLayers == 0;
            return isBare && written.Length == 0 ? Kind.Name : $"{Kind.Name}({string.Join(", ", written)})";
        }
    }

    /// <summary>The same layer under a name.</summary>
    internal LayerCall As(string name) => this with { Name = CheckedName(name) };

    /// <summary>A name that a weights file can hold.</summary>
    /// <exception cref="ArgumentException">It has other characters than letters, digits, _, - and the dot, or is longer than 100.</exception>
    internal static string CheckedName(string name) => NameOfLayer().IsMatch(name) ? name
        : throw new ArgumentException($"name: want at most 100 letters, digits, _, - and ., got '{name}'.", nameof(name));

    /// <summary>
    /// A custom layer. Its text is <c>own(name)</c>, whatever it computes, and what it computes is compared with what it declares.
    /// </summary>
    /// <exception cref="ArgumentException">The name is longer than 100 characters, or does not fit into a line.</exception>
    internal static LayerCall Own(string name, Func<ImmutableArray<long>, Net> fit) => !NameOfOwn().IsMatch(name)
        ? throw new ArgumentException($"name: want at most 100 characters that are printed in one line, got '{name}'.", nameof(name))
        : new(new($"{Named.Own}({name})", [], (_, input) => Checked(fit(input)), Export: null) { IsOwn = true, TakesIntegers = true }, []);

    internal static string Show(double number) => number.ToString(CultureInfo.InvariantCulture);

    // A custom function may change a state in place. It gets copies, so that this is a next state in training, and nothing in evaluation.
    static Net Checked(Net? net) => net is null ? throw new ArgumentException("want a net, got null") : net with
    {
        Forward = (p, state, x, pass) =>
        {
            var result = net.Forward(p, [.. state.Select(s => s.clone())], x, pass);
            _ = result.Y.Want("output", [x.size(0), .. net.Output]);
            var next = result.State.IsDefault ? [] : result.State;
            if (next.Length != net.State.Length) throw new ArgumentException($"state: want {net.State.Length} tensors, got {next.Length}.");
            foreach (var (slot, values) in net.State.Zip(next)) _ = values.Want(slot.Name, slot.Shape.AsSpan()).Want(slot.Name, ScalarType.Float32);
            return result with { State = next };
        },
        HasPullback = net.HasPullback,
    };

    [GeneratedRegex(@"^[\p{L}\p{N}_.\-]{1,100}\z")]
    private static partial Regex NameOfLayer();

    [GeneratedRegex(@"^[^\p{C}\u2028\u2029]{0,100}\z")]
    private static partial Regex NameOfOwn();
}
