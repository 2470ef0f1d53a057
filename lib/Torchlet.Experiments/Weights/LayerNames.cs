using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>
/// Finds the layers of a multilayer perceptron among named arrays that do not say what they are of. Two habits are known: W1, b1, W2, … with W of shape
/// (in, out), as textbooks in numpy write x·W + b; and *.weight, *.bias with weight of shape (out, in), as PyTorch does.
/// </summary>
public static partial class LayerNames
{
    /// <summary>One layer's arrays under its names: weight [out, in] and bias [out].</summary>
    readonly record struct Layer(NamedArray Weight, NamedArray Bias)
    {
        public int In => (int)Weight.Shape[1];

        public int Out => (int)Weight.Shape[0];
    }

    /// <summary>The layers in order, whatever their names, each of which is there once, under the names fc1.weight, fc1.bias, fc2.weight, …</summary>
    /// <exception cref="TorchletException">An array is missing, extra, of the wrong shape, or holds NaN or infinity; the message names it.</exception>
    public static ImmutableArray<NamedArray> Resolve(ImmutableArray<NamedArray> arrays)
    {
        var layers = arrays.Any(a => Textbook().IsMatch(a.Name)) ? TextbookLayers(arrays) : TorchLayers(arrays);
        foreach (var array in arrays)
            CheckFinite(array);
        return [.. layers.Index().SelectMany(l =>
            new[] { l.Item.Weight with { Name = $"fc{l.Index + 1}.weight" }, l.Item.Bias with { Name = $"fc{l.Index + 1}.bias" } })];
    }

    static ImmutableArray<Layer> TextbookLayers(ImmutableArray<NamedArray> arrays)
    {
        var count = arrays.Where(a => Textbook().IsMatch(a.Name)).Max(a => int.Parse(a.Name[1..]));
        var prefixes = Enumerable.Range(1, Math.Min(count, arrays.Length + 1)).ToImmutableArray();
        var named = CheckedNames(arrays, [.. prefixes.SelectMany(n => new[] { $"W{n}", $"b{n}" })]);
        return CheckedChain([.. prefixes.Select(n => new Layer(Transposed(Matrix(named[$"W{n}"])), named[$"b{n}"]))]);
    }

    static ImmutableArray<Layer> TorchLayers(ImmutableArray<NamedArray> arrays)
    {
        var names = arrays.Select(a => a.Name).ToImmutableArray();
        ImmutableArray<string> prefixes = [.. names.Where(n => Torch().IsMatch(n)).Select(PrefixOf).Distinct()];
        if (prefixes.IsEmpty)
            throw new TorchletException($"it holds {Listed(names)}; wanted are W1, b1, W2, b2, … or fc1.weight, fc1.bias, fc2.weight, fc2.bias, …");
        var named = CheckedNames(arrays, [.. prefixes.SelectMany(p => new[] { p + "weight", p + "bias" })]);
        var numbered = ByNumber(prefixes);
        ImmutableArray<Layer> layers = [.. numbered.Select(p => new Layer(Matrix(named[p + "weight"]), named[p + "bias"]))];
        return IsSortedByLetters(names) ? CheckedSorted(layers)
            : numbered.SequenceEqual(prefixes) ? CheckedChain(layers)
            : throw new TorchletException(
                $"its layers stand in the order {Listed(prefixes.Select(p => p + "weight"))}, "
                + $"and their numbers say {Listed(numbered.Select(p => p + "weight"))}; "
                + "save them in the order in which they are applied");
    }

    static string PrefixOf(string name) => name[..(name.LastIndexOf('.') + 1)];

    /// <summary>
    /// Whether the file has its arrays by letters, as Python's safetensors does: then fc10 comes before fc2, a bias before its weight, and the
    /// order says nothing. Any other order is the one in which the layers were saved, and so applied.
    /// </summary>
    static bool IsSortedByLetters(ImmutableArray<string> names)
    {
        var firsts = names.DistinctBy(PrefixOf).ToList();
        return firsts.All(name => name.EndsWith("bias", StringComparison.Ordinal)) && firsts.SequenceEqual(firsts.Order(StringComparer.Ordinal));
    }

    /// <summary>The prefixes with those that differ only in numbers brought into the order of these, in the places that they have together.</summary>
    static ImmutableArray<string> ByNumber(ImmutableArray<string> prefixes)
    {
        var alike = prefixes.GroupBy(Unnumbered).ToDictionary(g => g.Key, g => new Queue<string>(g.OrderBy(Padded, StringComparer.Ordinal)));
        return [.. prefixes.Select(p => alike[Unnumbered(p)].Dequeue())];
    }

    static string Unnumbered(string name) => Number().Replace(name, "#");

    static string Padded(string name) => Number().Replace(name, digits => digits.Value.PadLeft(20, '0'));

    /// <summary>The layers of a file that was sorted by letters, of which no two under unlike names could change places.</summary>
    static ImmutableArray<Layer> CheckedSorted(ImmutableArray<Layer> layers)
    {
        var weights = layers.Select(layer => layer.Weight).ToImmutableArray();
        var sorted = $"its layers are sorted by letters, {Listed(weights.Select(w => w.Name))}";
        const string advice = "number them in the order in which they are applied, as fc1.weight, fc2.weight, …";
        var alike = weights.GroupBy(w => (w.Shape[0], w.Shape[1])).Select(same => same.DistinctBy(w => Unnumbered(w.Name)).ToList());
        if (alike.FirstOrDefault(same => same.Count > 1) is [var one, var other, ..])
            throw new TorchletException($"{sorted}, and {one.Name} and {other.Name} could change places unnoticed; {advice}");
        return CheckedChain(layers, weights.DistinctBy(w => Unnumbered(w.Name)).Count() > 1 ? $": {sorted}; {advice}" : "");
    }

    /// <summary>The arrays by name, which are the wanted ones, each once.</summary>
    static Dictionary<string, NamedArray> CheckedNames(ImmutableArray<NamedArray> arrays, ImmutableArray<string> wanted)
    {
        var got = arrays.Select(a => a.Name).ToImmutableArray();
        if (wanted.Except(got).ToImmutableArray() is { Length: > 0 } missing)
            throw new TorchletException($"{Listed(missing)} is missing; wanted are {Listed(wanted)}, got {Listed(got)}");
        if (got.Except(wanted).ToImmutableArray() is { Length: > 0 } extra)
            throw new TorchletException($"{Listed(extra)} is not part of a multilayer perceptron; wanted are {Listed(wanted)} and nothing else");
        return arrays.ToDictionary(a => a.Name);
    }

    static NamedArray Matrix(NamedArray array) => array is { Shape: [> 0, > 0] } ? array : throw WrongShape(array, "a matrix");

    static ImmutableArray<Layer> CheckedChain(ImmutableArray<Layer> layers, string advice = "")
    {
        foreach (var layer in layers.Where(layer => !layer.Bias.Shape.SequenceEqual([layer.Out])))
            throw WrongShape(layer.Bias, NamedArray.Show([layer.Out]));
        foreach (var (before, layer) in layers.Zip(layers.Skip(1)).Where(pair => pair.First.Out != pair.Second.In))
            throw new TorchletException($"{layer.Weight.Name} takes {layer.In} inputs; wanted are {before.Out}, the outputs of {before.Weight.Name}{advice}");
        return layers;
    }

    /// <summary>Fails for an array with a number that is none.</summary>
    internal static void CheckFinite(NamedArray array)
    {
        var values = array.Values.Span;
        for (var i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i]))
                throw new TorchletException($"{array} holds {(float.IsNaN(values[i]) ? "NaN" : "infinity")} at position {i}; these weights cannot be used");
    }

    static NamedArray Transposed(NamedArray matrix)
    {
        var (rows, columns) = ((int)matrix.Shape[0], (int)matrix.Shape[1]);
        var from = matrix.Values.Span;
        var to = new float[rows * columns];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                to[column * rows + row] = from[row * columns + column];
        return matrix with { Shape = [columns, rows], Values = to };
    }

    static TorchletException WrongShape(NamedArray array, string wanted) =>
        new($"{array.Name} has the shape {NamedArray.Show(array.Shape)}; wanted is {wanted}");

    internal static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(12)) + (all.Length > 12 ? $", … ({all.Length} in all)" : "");
    }

    [GeneratedRegex(@"^W[1-9][0-9]{0,3}$")]
    private static partial Regex Textbook();

    [GeneratedRegex(@"^(.*\.)?(weight|bias)$")]
    private static partial Regex Torch();

    [GeneratedRegex(@"[0-9]+")]
    private static partial Regex Number();
}
