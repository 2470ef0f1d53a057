using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A layer, or several one after the other: what it is, before it knows the shape of its input. Layers are composed by <c>>></c>, and any
/// function from a tensor to a tensor is a layer: <c>Dense(50) >> Sigmoid >> Dense(10)</c>.
/// </summary>
/// <remarks>
/// Composition is associative and <see cref="Layers.Identity"/> is its identity. Parameters are named as nn.Sequential numbers them,
/// or after the layer's name where <see cref="As"/> gave one.
/// </remarks>
public sealed record Layer
{
    readonly ImmutableArray<Layer> parts; // Empty where the layer is one.
    readonly Func<ImmutableArray<long>, Net>? fit;

    /// <summary>One layer.</summary>
    /// <param name="text">How it is written, so that it can be made again: <c>Dense(50)</c>.</param>
    /// <param name="fit">The net for an input's shape; it throws an ArgumentException that says "want …, got …" where it cannot take it.</param>
    public Layer(string text, Func<ImmutableArray<long>, Net> fit) => (Text, this.fit, parts) = (text, fit, []);

    Layer(ImmutableArray<Layer> parts) => (Text, this.parts) = (parts.IsEmpty ? "Identity" : string.Join(" >> ", parts.Select(p => p.Text)), parts);

    /// <summary>How it is written; <see cref="LayerText.Parse"/> reads it.</summary>
    public string Text { get; }

    /// <summary>The name that its parameters bear; null for its place in the row.</summary>
    public string? Name { get; private init; }

    /// <summary>What a title calls it, where its widths do not say it all.</summary>
    string? Called { get; init; }

    /// <summary>What is composed; the layer itself where it is one.</summary>
    public ImmutableArray<Layer> Parts => fit is null ? parts : [this];

    /// <summary>Layers one after the other: what a chain of <c>>></c> makes.</summary>
    public static Layer Serial(params IEnumerable<Layer> layers) =>
        layers.SelectMany(l => l.Parts).ToImmutableArray() is var all && all is [var only] ? only : new(all);

    /// <summary>First the one, then the other.</summary>
    public static Layer operator >>(Layer first, Layer second) => Serial(first, second);

    /// <summary>First the layer, then the function.</summary>
    public static Layer operator >>(Layer first, Func<Tensor, Tensor> second) => first >> Layers.Function(second);

    /// <summary>The same layer, its parameters named so: <c>Dense(50).As("fc1")</c> has fc1.weight and fc1.bias.</summary>
    public Layer As(string name) => fit is null
        ? throw new ArgumentException($"As: want one layer, got {parts.Length}; name each.", nameof(name))
        : new($"{Text}.As(\"{name}\")", fit) { Name = name };

    /// <summary>The same layers, called so in titles. What is composed further on is another one, without the title.</summary>
    public Layer Titled(string title) => this with { Called = title };

    /// <summary>The net for an input of this shape, that of one example.</summary>
    /// <exception cref="ArgumentException">A layer cannot take what comes to it; the message names the layer, what it wants and what it got.</exception>
    public Net Fit(params ImmutableArray<long> input)
    {
        var all = FitEach(input);
        if (all.SelectMany(n => n.Parameters.Concat(n.State)).CountBy(s => s.Name).FirstOrDefault(n => n.Value > 1).Key is { } twice)
            throw new ArgumentException($"{Text}: the name {twice} stands twice; name each layer once.");
        return new(input, all.IsEmpty ? input : all[^1].Output, [.. all.SelectMany(n => n.Parameters)], [.. all.SelectMany(n => n.State)],
            OneAfterTheOther(all), all.All(n => n.HasPullback));
    }

    /// <summary>The nets of the parts, each for what the one before it gives; their names are those that they have in the net.</summary>
    internal ImmutableArray<Net> FitEach(ImmutableArray<long> input)
    {
        var nets = ImmutableArray.CreateBuilder<Net>();
        foreach (var (i, part) in Parts.Index())
        {
            var net = part.Fit(i, nets.Count == 0 ? input : nets[^1].Output);
            nets.Add(net);
        }
        return nets.ToImmutable();
    }

    /// <summary>
    /// Short enough for a title: the widths where there are only affine maps, functions and dropout between them,
    /// 784-50-100-10, else what it is called, else the first of the layers.
    /// </summary>
    public string Title(Net net)
    {
        const int longest = 60;
        if (Parts.All(part => part.Text.Split('(')[0] is nameof(Layers.Dense) or nameof(Layers.Dropout) || Activation.All.Any(a => a.LayerName == part.Text)))
            return string.Join('-', [Shapes.Count(net.Input.AsSpan()), .. net.Parameters.Where(Slot.IsWeight).Select(slot => slot.Shape[0])]);
        return Called ?? (Text.Length <= longest ? Text : $"{Text[..longest].TrimEnd()} …");
    }

    Net Fit(int place, ImmutableArray<long> input)
    {
        try
        {
            var net = fit!(input);
            return net with { Parameters = Prefixed(net.Parameters), State = Prefixed(net.State) };
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"layer {place}, {Text}: {e.Message}", e);
        }

        ImmutableArray<Slot> Prefixed(ImmutableArray<Slot> slots) => [.. slots.Select(s => s with { Name = $"{Name ?? $"{place}"}.{s.Name}" })];
    }

    /// <summary>Forward is a fold over the nets, and back-propagation the fold of their pullbacks in the opposite direction.</summary>
    static Forward OneAfterTheOther(ImmutableArray<Net> nets) => (parameters, state, x, pass) =>
    {
        var (states, backs) = (ImmutableArray.CreateBuilder<Tensor>(state.Length), new Stack<(Pullback? Pullback, Range Into)>(nets.Length));
        var (p, s) = (0, 0);
        foreach (var net in nets)
        {
            var (mine, mineToo) = (p..(p += net.Parameters.Length), s..(s += net.State.Length));
            (x, var next, pass, var pullback) = net.Forward(parameters[mine], state[mineToo], x, pass);
            states.AddRange(next);
            backs.Push((pullback, mine));
        }
        return new(x, states.MoveToImmutable(), pass,
            (dy, into) => backs.Aggregate((Func<Tensor>)(() => dy), (d, back) => back.Pullback!(d(), into[back.Into])));
    };
}
