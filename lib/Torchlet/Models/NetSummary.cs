using System.Collections.Immutable;
using static System.FormattableString;

namespace Torchlet;

/// <summary>
/// A net as a table: name, layer, output shape of one example and number of parameters of each layer, and the total; Keras: Model.summary. <c>net.Summary</c>
/// is the value, and <c>WriteLine(net)</c> prints it.
/// </summary>
/// <param name="Input">Shape of the net's input.</param>
/// <param name="Rows">The layers in order, each followed by the layers inside it.</param>
/// <param name="Parameters">Number of parameters of the whole net.</param>
/// <param name="State">Number of values that the layers update themselves, such as running statistics; they do not count as parameters.</param>
public sealed record NetSummary(ImmutableArray<long> Input, ImmutableArray<LayerSummary> Rows, long Parameters, long State)
{
    internal static NetSummary Of(Net net) => new(net.Input, [.. Inside(net, depth: 0)], net.Count, StateOf(net));

    /// <summary>The table as text, a line for each layer, with a column of state if a layer has any.</summary>
    public override string ToString()
    {
        string[][] rows =
        [
            ["", "layer", "output", "parameters", "state"],
            .. Rows.Select(row => (string[])[new string(' ', 2 * row.Depth) + row.Name, row.Layer, Shapes.Show(row.Output.AsSpan()),
                Invariant($"{row.Parameters:n0}"), Invariant($"{row.State:n0}")]),
        ];
        var columns = State == 0 ? 4 : 5;
        var widths = Enumerable.Range(0, columns).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row =>
            "  " + string.Join("  ", row.Take(columns).Select((text, i) => i < 3 ? text.PadRight(widths[i]) : text.PadLeft(widths[i]))));
        var state = State == 0 ? "" : $", {Plural.Of(State, "number")} of state";
        return string.Join('\n', [$"inputs {Shapes.Show(Input.AsSpan())}, {Plural.Of(Parameters, "parameter")}{state}", .. Rows.IsEmpty ? [] : lines]);
    }

    static IEnumerable<LayerSummary> Inside(Net net, int depth) =>
    [
        .. net.Layers.Index().SelectMany(layer => Row(layer.Item.Call.NameAt(layer.Index), layer.Item.Call, layer.Item.Net, depth)),
        .. net.SubLayers.SelectMany(sub => sub.Net.Layers is [var only] ? Row(sub.Name, only.Call, only.Net, depth)
            : Inside(sub.Net, depth + 1).Prepend(new(depth, sub.Name, "", sub.Net.Output, sub.Net.Count, StateOf(sub.Net)))),
    ];

    // The layers inside have rows of their own, so the text of the outer one leaves them out.
    static IEnumerable<LayerSummary> Row(string name, LayerCall call, Net net, int depth) => Inside(net, depth + 1)
        .Prepend(new(depth, name, call.Inner.IsEmpty ? call.TextWithoutName : call.Kind.Name, net.Output, net.Count, StateOf(net)));

    static long StateOf(Net net) => net.State.Sum(slot => slot.Count);
}

/// <summary>A layer in the table of a net.</summary>
/// <param name="Depth">0 for a layer of the net, 1 for one inside such a layer, and so on.</param>
/// <param name="Name">Its name, or its place in the chain.</param>
/// <param name="Layer">The layer as code; empty for a part of a custom layer that consists of several layers.</param>
/// <param name="Output">Shape of the output of one example.</param>
/// <param name="Parameters">Number of its parameters, those of the layers inside it included.</param>
/// <param name="State">Number of values that it updates itself.</param>
public sealed record LayerSummary(int Depth, string Name, string Layer, ImmutableArray<long> Output, long Parameters, long State)
{
    /// <summary>The row in a line.</summary>
    public override string ToString() => $"{Name} {Layer}: outputs {Shapes.Show(Output.AsSpan())}, {Plural.Of(Parameters, "parameter")}";
}
