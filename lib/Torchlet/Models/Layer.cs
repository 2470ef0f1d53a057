using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A layer, or several one after the other, before the shape of the input is known: a list of calls such as <c>Dense(50)</c>. Layers are composed
/// by <c>>></c>, and any function from a tensor to a tensor is a layer: <c>Dense(50) >> Sigmoid >> Dense(10)</c>.
/// </summary>
/// <remarks>
/// Composition is associative and <see cref="Layers.Identity"/> is its identity. Parameters are named as nn.Sequential numbers them,
/// or after the layer's name where <see cref="As"/> gave one.
/// </remarks>
public sealed record Layer
{
    internal Layer(ImmutableArray<LayerCall> calls) => (Calls, Depth) = (calls, 1 + calls.Select(call => call.Depth).DefaultIfEmpty().Max());

    /// <summary>A custom layer, wired by hand; <see cref="Layers.Custom"/> builds one from sub-layers, weights and states.</summary>
    /// <param name="name">Its name; it is recorded as <c>own(name)</c>.</param>
    /// <param name="fit">The net for an input's shape; it throws an ArgumentException that says "want …, got …" where it cannot take it.</param>
    public Layer(string name, Func<ImmutableArray<long>, Net> fit) : this([LayerCall.Own(name, fit)]) { }

    /// <summary>The layers, one after the other.</summary>
    public ImmutableArray<LayerCall> Calls { get; }

    /// <summary>How deep its layers are nested: 1 for a chain, 2 for Residual(chain).</summary>
    internal int Depth { get; }

    /// <summary>The layers and those inside them, such as those of a Residual.</summary>
    public IEnumerable<LayerCall> AllCalls => Calls.SelectMany(call => call.Inner.SelectMany(inner => inner.AllCalls).Prepend(call));

    /// <summary>The layers as code; <see cref="LayerText.Parse"/> reads it.</summary>
    public string Text => Calls.IsEmpty ? nameof(Layers.Identity) : string.Join(" >> ", Calls.Select(call => call.Text));

    /// <summary>The name in titles, where the widths alone do not describe the layers.</summary>
    string? Called { get; init; }

    /// <summary>Layers one after the other, as a chain of <c>>></c>.</summary>
    public static Layer Serial(params IEnumerable<Layer> layers) => layers.ToList() is [var only] ? only : new([.. layers.SelectMany(layer => layer.Calls)]);

    /// <summary>The first layer, then the second.</summary>
    public static Layer operator >>(Layer first, Layer second) => Serial(first, second);

    /// <summary>The layer, then the function.</summary>
    public static Layer operator >>(Layer first, Func<Tensor, Tensor> second) => first >> Layers.Function(second);

    /// <summary>A layer without parameters applied to a tensor, whose first axis counts examples: <c>logits | Sigmoid</c>.</summary>
    /// <exception cref="ArgumentException">The layer has parameters or states.</exception>
    public static Tensor operator |(Tensor x, Layer layer)
    {
        if (layer.Calls.All(call => call.Kind.Function is not null)) return layer.Calls.Aggregate(x.alias(), (y, call) => call.Kind.Function!(call, y));
        using var scope = NewDisposeScope();
        var net = layer.Fit([.. x.shape[1..]]);
        return net.Parameters.IsEmpty && net.State.IsEmpty ? net.Init(TorchRandom.Seeded(0)).Model.Apply(x).MoveToOuterDisposeScope()
            : throw new ArgumentException($"{layer.Text}: want a layer without parameters after |; draw a model of it first.");
    }

    /// <summary>A function is a layer.</summary>
    public static implicit operator Layer(Func<Tensor, Tensor> function) => Layers.Function(function);

    /// <summary><c>LeakyRelu</c> is <c>LeakyRelu(0.01)</c>.</summary>
    public static implicit operator Layer(OfSlope activation) => activation();

    /// <summary>The same layer with a name for its parameters: <c>Dense(50).As("fc1")</c> has fc1.weight and fc1.bias.</summary>
    /// <exception cref="ArgumentException">
    /// There are several layers, or the name is longer than 100 characters or has others than letters, digits, _, - and the dot.
    /// </exception>
    public Layer As(string name) => Calls is [var only]
        ? new([only.As(name)])
        : throw new ArgumentException($"As: want one layer, got {Calls.Length}; name each.", nameof(name));

    /// <summary>The same layers with a name in titles. A layer composed of this one does not inherit it.</summary>
    public Layer Titled(string title) => this with { Called = title };

    /// <summary>The net for an input of this shape, the shape of one example.</summary>
    /// <exception cref="ArgumentException">A layer cannot take its input; the message names the layer, what it wants and what it got.</exception>
    public Net Fit(params ImmutableArray<long> input)
    {
        if (input.Any(length => length < 1))
            throw new ArgumentException($"{Text}: want an input whose axes have a length of 1 or more, got {Shapes.Show(input.AsSpan())}.");
        var layers = ImmutableArray.CreateBuilder<FittedLayer>(Calls.Length);
        foreach (var (place, call) in Calls.Index()) layers.Add(Fit(call, place, layers.Count == 0 ? input : layers[^1].Net.Output));
        var net = Serial(input, layers.MoveToImmutable(), [.. Calls.Select((call, place) => call.NameAt(place))]);
        return net.Parameters.Concat(net.State).CountBy(slot => slot.Name).FirstOrDefault(n => n.Value > 1).Key is { } twice
            ? throw new ArgumentException($"{Text}: two tensors have the name {twice}; give each layer a name of its own.")
            : net;
    }

    /// <summary>
    /// A title of at most 60 characters: the widths of a net of affine maps, activations and dropout, 784-50-100-10, else the name given by
    /// <see cref="Titled"/>, else the first of the layers.
    /// </summary>
    public string Title(Net net)
    {
        const int longest = 60;
        if (Calls.All(call => call.Kind.IsToldByWidths))
            return string.Join('-', [Shapes.Count(net.Input.AsSpan()), .. net.Parameters.Where(Slot.IsWeight).Select(slot => slot.Shape[0])]);
        return Called ?? (Text.Length <= longest ? Text : $"{Text[..longest].TrimEnd()} …");
    }

    // 1 GiB for one example. A file from a stranger may ask for more than any machine has.
    internal const long MostNumbers = 1 << 28;

    /// <summary>The layers as code.</summary>
    public override string ToString() => Text;

    /// <summary>Title, activations and number of parameters: 784-50-100-10 sigmoid, 45,360 parameters.</summary>
    internal string Headline(Net net)
    {
        var activations = !Calls.All(call => call.Kind.IsToldByWidths) ? []
            : Calls.Where(call => call.Kind.Function is not null)
                .Select(Activation.NameOf).Distinct().ToList();
        return $"{Title(net)}{(activations.Count == 0 ? "" : $" {string.Join(", ", activations)}")}, {Plural.Of(net.Count, "parameter")}";
    }

    static FittedLayer Fit(LayerCall call, int place, ImmutableArray<long> input)
    {
        try
        {
            var net = call.Kind.Fit(call, input);
            return Shapes.Count(net.Output.AsSpan()) <= MostNumbers ? new(call, net.Prefixed($"{call.NameAt(place)}."))
                : throw new ArgumentException($"want an output of at most {MostNumbers} numbers, got {Shapes.Show(net.Output.AsSpan())}");
        }
        catch (ArgumentException e)
        {
            throw In(call, place, e);
        }
    }

    /// <summary>The forward pass is a fold over the layers, and back-propagation the fold of their pullbacks in the opposite direction.</summary>
    static Net Serial(ImmutableArray<long> input, ImmutableArray<FittedLayer> layers, ImmutableArray<string> names) => new(
        input, layers.IsEmpty ? input : layers[^1].Net.Output,
        [.. layers.SelectMany(layer => layer.Net.Parameters)], [.. layers.SelectMany(layer => layer.Net.State)],
        (parameters, state, x, pass) =>
        {
            var (states, backs) = (ImmutableArray.CreateBuilder<Tensor>(state.Length), new Stack<(Pullback? Pullback, Range Into)>(layers.Length));
            var (p, s) = (0, 0);
            for (var place = 0; place < layers.Length; place++)
            {
                var net = layers[place].Net;
                var (mine, mineToo) = (p..(p += net.Parameters.Length), s..(s += net.State.Length));
                LayerResult result;
                try
                {
                    result = net.Forward(parameters[mine], state[mineToo], layers[place].Call.Kind.Taken(x), pass.Inside(names[place]));
                    if (net.HasPullback && result.Pullback is null) throw new ArgumentException("want a pullback, as HasPullback says, got none");
                }
                catch (Exception e) when (e is ArgumentException or ExternalException)
                {
                    throw In(layers[place].Call, place, e);
                }
                (x, pass) = (result.Y, result.Pass with { Watch = pass.Watch });
                pass.Watch?.Invoke(names[place], x);
                states.AddRange(result.State);
                backs.Push((result.Pullback, mine));
            }
            return new(x, states.MoveToImmutable(), pass,
                (dy, into) => backs.Aggregate((Func<Tensor>)(() => dy), (d, back) => back.Pullback!(d(), into[back.Into])));
        })
    {
        HasPullback = layers.All(layer => layer.Net.HasPullback), Layers = layers,
    };

    // libtorch appends the frames of its own stack to a message.
    static ArgumentException In(LayerCall call, int place, Exception e) => new($"layer {place}, {call.Text}: {e.Message.Split('\n')[0].TrimEnd()}", e);
}
