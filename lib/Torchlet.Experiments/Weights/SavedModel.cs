using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Torchlet;

/// <summary>A trained model out of a file.</summary>
/// <param name="Layer">What it is.</param>
/// <param name="Net">The same, for the inputs that it was trained on.</param>
/// <param name="Flat">Its parameters, laid out as <see cref="Model.Flat"/>.</param>
/// <param name="State">What its layers remember.</param>
/// <param name="Metadata">The file's description of it: pixels, data, …; empty if the format has none.</param>
public sealed record SavedModel(
    Layer Layer, Net Net, ReadOnlyMemory<float> Flat, ImmutableArray<ReadOnlyMemory<float>> State, ImmutableDictionary<string, string> Metadata)
{
    /// <summary>The model with its numbers in memory; the caller's scope owns it.</summary>
    public Model ToModel() => Net.Model(Flat, State);

    /// <summary>The tokens of the text that it was trained on; null if it was on none.</summary>
    /// <exception cref="TorchletException">The description of them is damaged.</exception>
    public Vocabulary? Vocabulary => TextFile.VocabularyOf("the weights file", Metadata);

    /// <summary>SavedModel: 784-50-100-10 sigmoid, 45,360 parameters.</summary>
    public override string ToString() => $"SavedModel: {Layer.Headline(Net)}";

    /// <summary>The name under which a file says what model it holds, as <see cref="LayerText"/> writes it, and of which shape an example is.</summary>
    internal const string ModelKey = "model", InputKey = "input";

    /// <summary>The name under which a file says which classes its outputs stand for, as <see cref="ClassesText"/> writes them.</summary>
    internal const string ClassesKey = "classes";

    /// <summary>Its value for a network that tells no classes apart.</summary>
    internal const string NoClasses = "[]";

    /// <summary>Whether a file's network predicts numbers: it was trained for no classes, or for a squared error.</summary>
    internal static bool IsRegression(IReadOnlyDictionary<string, string> metadata) =>
        metadata.GetValueOrDefault("objective") is "squared_error" or "reconstruction" || metadata.GetValueOrDefault(ClassesKey) == NoClasses;

    /// <summary>The name under which a file says whether it holds the weights of a training or their average, and its two values.</summary>
    internal const string WeightsKey = "weights", Raw = "raw", Averaged = "averaged";

    /// <summary>Names as one text: a list of JSON.</summary>
    internal static string ClassesText(IEnumerable<string> classes) => new JsonArray([.. classes.Select(name => (JsonNode?)name)]).ToJsonString();

    /// <summary>The names that such a text lists, fit for a line; null if it is none, or lists another number of them.</summary>
    internal static ImmutableArray<string>? ClassesOf(string text, int count)
    {
        try
        {
            return JsonNode.Parse(text) is JsonArray names && names.Count == count ? [.. names.Select(name => Printable.Of($"{name}"))] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The name under which a file says how a batch was prepared, where that is not the usual way.</summary>
    internal const string PrepareKey = "prepare";

    /// <summary>Why only the script that trained a file's network can use it; null if others can too.</summary>
    internal static string? WhyUnusable(WeightsFile file) =>
        file.Metadata.GetValueOrDefault(ModelKey, "").Contains($"{Named.Own}(", StringComparison.Ordinal)
            ? "the network contains a custom layer, which only the script that trained it has"
        : Named.IsOwn(file.Metadata.GetValueOrDefault(PrepareKey, ""))
            ? "the network was trained on inputs prepared by a custom function, which only the script that trained it has"
        : null;

    /// <summary>The same file, if others than the script that trained its network can use it.</summary>
    /// <exception cref="TorchletException">They cannot: it has a custom layer, or a custom preparation of its inputs.</exception>
    internal static WeightsFile Usable(WeightsFile file) => WhyUnusable(file) is { } reason ? throw new TorchletException(reason) : file;

    /// <summary>The model of a file's arrays: the one that its metadata describe, else a multilayer perceptron.</summary>
    /// <param name="file">The file.</param>
    /// <param name="activation">The function between the layers of a perceptron, where its file says none; sigmoid if not given.</param>
    /// <exception cref="TorchletException">They are not those of that model, or it contains a custom layer.</exception>
    public static SavedModel Of(WeightsFile file, string? activation = null)
    {
        if (file.Metadata.TryGetValue(ModelKey, out var text))
        {
            var (layer, net) = Described(text, file.Metadata.GetValueOrDefault(InputKey, ""));
            return Of(layer, net, file);
        }
        var arrays = LayerNames.Resolve(file.Arrays);
        var weights = arrays.Where(a => a.Shape.Length == 2).ToImmutableArray();
        var mlp = Mlp.Layer(weights[..^1].Select(w => (int)w.Shape[0]),
            Function(activation ?? file.Metadata.GetValueOrDefault("activation", "sigmoid")), (int)weights[^1].Shape[0]);
        return Of(mlp, mlp.Fit(weights[0].Shape[1]), file with { Arrays = arrays });
    }

    /// <summary>A file's arrays as those of a net: its parameters, one after the other, and its states.</summary>
    /// <exception cref="TorchletException">An array is missing, extra, of another shape, or holds NaN or infinity; the message names it.</exception>
    public static SavedModel Of(Layer layer, Net net, WeightsFile file)
    {
        var named = file.Arrays.ToLookup(a => a.Name);
        ImmutableArray<Slot> slots = [.. net.Parameters, .. net.State];
        if (slots.FirstOrDefault(s => !named.Contains(s.Name)) is { } missing)
            throw new TorchletException(
                $"{missing.Name} is missing; wanted are {LayerNames.Listed(slots.Select(s => s.Name))}, "
                + $"got {LayerNames.Listed(file.Arrays.Select(a => a.Name))}");
        var known = slots.Select(s => s.Name).ToHashSet();
        if (file.Arrays.FirstOrDefault(a => !known.Contains(a.Name)) is { } extra)
            throw new TorchletException($"{extra.Name} is not part of {Printable.Of(layer.Text)}");
        foreach (var slot in slots)
        {
            var array = named[slot.Name].First();
            if (!array.Shape.AsSpan().SequenceEqual(slot.Shape.AsSpan()))
                throw new TorchletException($"{slot.Name} has the shape {NamedArray.Show(array.Shape)}; wanted is {NamedArray.Show(slot.Shape)}");
            LayerNames.CheckFinite(array);
        }
        var flat = new float[net.Count];
        var at = 0;
        foreach (var slot in net.Parameters)
        {
            named[slot.Name].First().Values.CopyTo(flat.AsMemory(at));
            at += (int)slot.Count;
        }
        return new(layer, net, flat, [.. net.State.Select(s => named[s.Name].First().Values)], file.Metadata);
    }

    /// <summary>The parameters and states of a training's snapshot by name.</summary>
    internal static ImmutableArray<NamedArray> Arrays(Net net, Snapshot snapshot) =>
        Arrays(net, snapshot.Parameters.AsMemory(), snapshot.Layers.Select(values => values.Numbers.AsMemory()));

    /// <summary>Its own parameters and states by name.</summary>
    internal ImmutableArray<NamedArray> Arrays() => Arrays(Net, Flat, State);

    static ImmutableArray<NamedArray> Arrays(Net net, ReadOnlyMemory<float> parameters, IEnumerable<ReadOnlyMemory<float>> states)
    {
        var arrays = ImmutableArray.CreateBuilder<NamedArray>();
        var at = 0;
        foreach (var slot in net.Parameters)
        {
            arrays.Add(new(slot.Name, slot.Shape, parameters.Slice(at, (int)slot.Count)));
            at += (int)slot.Count;
        }
        arrays.AddRange(net.State.Zip(states, (slot, values) => new NamedArray(slot.Name, slot.Shape, values)));
        return arrays.ToImmutable();
    }

    static (Layer, Net) Described(string text, string input)
    {
        try
        {
            var layer = LayerText.Parse(text);
            var net = layer.Fit([.. input.Split(',').Select(n => long.Parse(n, NumberStyles.None, CultureInfo.InvariantCulture))]);
            return net.Products <= MostProducts ? (layer, net)
                : throw new ArgumentException("it takes more than 100,000,000,000 multiplications an example");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw new TorchletException($"its description of the model cannot be used here ({Printable.Of(e.Message.TrimEnd('.'))}); "
                + (text.Contains($"{Named.Own}(", StringComparison.Ordinal) ? "a custom layer is only in the script that trained it" : "make the file again"),
                e);
        }
    }

    // A second or two an example, ten times as many as the deepest nets for pictures take: a small file may ask for hours.
    const double MostProducts = 1e11;

    static Layer Function(string name) =>
        Activation.All.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Layer ?? throw new TorchletException(
            $"it says its activation is {Printable.Of(name)}, which is not known here; "
            + $"use --activation {string.Join(" or ", Activation.All.Select(a => a.Name))}");
}
