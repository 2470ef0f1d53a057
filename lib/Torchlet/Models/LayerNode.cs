using System.Collections.Immutable;

namespace Torchlet;

/// <summary>A layer with its place in a net.</summary>
/// <param name="Call">What it is.</param>
/// <param name="Input">The shape of what one example brings it: [1, 28, 28].</param>
/// <param name="Output">The shape of what it gives.</param>
/// <param name="Parameters">The names of its parameters in the net, in the order of its kind: 0.weight, 0.bias. Of a Residual, all those within it.</param>
/// <param name="State">The names of what it remembers in the net: 1.running_mean, 1.running_var.</param>
/// <param name="Inner">The layers within it, one after the other.</param>
public sealed record LayerNode(
    LayerCall Call, ImmutableArray<long> Input, ImmutableArray<long> Output, ImmutableArray<string> Parameters, ImmutableArray<string> State,
    ImmutableArray<LayerNode> Inner)
{
    /// <summary>The layers of a net, one after the other.</summary>
    /// <param name="layer">The net's layers.</param>
    /// <param name="input">The shape of an example.</param>
    /// <exception cref="ArgumentException">One of them is a function of somebody's own, which no text describes, or cannot take what comes to it.</exception>
    public static ImmutableArray<LayerNode> Of(Layer layer, params ImmutableArray<long> input) => Of(LayerText.Calls(layer.Text), input, "");

    static ImmutableArray<LayerNode> Of(ImmutableArray<LayerCall> calls, ImmutableArray<long> input, string prefix) =>
        [.. calls.Zip(LayerText.Made(calls).FitEach(input)).Select((part, place) => Of(part.First, part.Second, prefix, $"{part.First.Name ?? $"{place}"}."))];

    static LayerNode Of(LayerCall call, Net net, string prefix, string own) => new(call, net.Input, net.Output,
        [.. net.Parameters.Select(slot => prefix + slot.Name)], [.. net.State.Select(slot => prefix + slot.Name)], Of(call.Inner, net.Input, prefix + own));
}
