using System.Collections.Immutable;
using static Torchlet.OnnxAttribute;
using static TorchSharp.torch;

namespace Torchlet;

// Layers made of other layers, and those that turn, cut or join the axes of an example.
public static partial class Layers
{
    static readonly LayerKind EachKind = new("Each", [], (call, input) =>
    {
        if (input.Length < 2) throw Wrong("want [rows, …]", input);
        var (rows, net) = (input[0], call.Inner[0].Fit(input[1..]));
        if (rows * net.Largest > Layer.MostNumbers)
            throw new ArgumentException($"want at most {Layer.MostNumbers} numbers in a layer, got {rows} rows of {net.Largest}");
        return net with
        {
            Input = input,
            Output = [rows, .. net.Output],
            Rows = rows,
            Forward = (p, state, x, pass) =>
            {
                var result = net.Forward(p, state, x.flatten(0, 1), pass);
                return result with { Y = result.Y.reshape([-1, rows, .. net.Output]), Pullback = Back };

                Func<Tensor> Back(Tensor dy, ImmutableArray<Tensor> into)
                {
                    var dx = result.Pullback!(dy.flatten(0, 1), into);
                    return () => dx().reshape([-1, .. input]);
                }
            },
            HasPullback = net.HasPullback,
        };
    }, (x, layer) => Reshaped(After(Reshaped(x, layer.Net.Input[1..]), layer.Net), layer.Net.Output))
    { InnerLayers = 1, TakesIntegers = true, Products = (layer, inner) => layer.Net.Rows * inner };

    /// <summary>
    /// The same layer for each row of an example, such as the tokens of a text or the patches of a picture: [rows, …] ↦ [rows, f(…)]. All rows go
    /// through it at once, as rows of one larger batch: <c>Each(Dense(64))</c> is nn.Linear on the last axis.
    /// </summary>
    /// <param name="inner">f, which sees the rows as examples.</param>
    public static Layer Each(Layer inner) => EachKind.Call(inner: inner);

    static readonly LayerKind RepeatKind = new("Repeat", [new("times", 1, 1001, IsWhole: true)], (call, input) =>
    {
        var net = call.Inner[0].Fit(input);
        if (!net.Output.AsSpan().SequenceEqual(input.AsSpan())) throw Wrong($"want an output of the input's shape, {Shapes.Show(input.AsSpan())}", net.Output);
        return net with
        {
            Forward = (p, state, x, pass) =>
            {
                var result = new LayerResult(x, state, pass);
                for (var i = 0; i < call["times"]; i++) result = net.Forward(p, result.State, result.Y, result.Pass);
                return result;
            },
        };
    }, (x, layer) => Enumerable.Range(0, (int)layer.Call["times"]).Aggregate(x, (graph, _) => After(graph, layer.Net)))
    { InnerLayers = 1, TakesIntegers = true, Products = (layer, inner) => layer.Call["times"] * inner };

    /// <summary>f(f(… x)), the same layer several times with the same weights.</summary>
    /// <example><c>Repeat(3, Dense(64) >> Relu)</c></example>
    /// <param name="times">How often.</param>
    /// <param name="inner">f, whose output has the shape of its input.</param>
    public static Layer Repeat(int times, Layer inner) => RepeatKind.Call([times], inner: inner);

    static readonly LayerKind FanOutKind = new("FanOut", [], (call, input) => LayerBuilder.Net(input, m =>
    {
        ImmutableArray<SubLayer> parts = [.. call.Inner.Select((layer, i) => m.Layer($"{i}", layer, input))];
        var (output, axis) = Joined(parts);
        return (output, (pass, x) => cat([.. parts.Select(part => pass.Apply(part, x))], axis + 1));
    }), (x, layer) => JoinedOutputs(layer, (_, graph) => graph, x))
    { InnerLayers = 1, TakesMoreLayers = true, TakesIntegers = true };

    /// <summary>
    /// Several layers on the same input, their outputs joined along the features: the channels of pictures [channels, h, w], else the last axis.
    /// stax: FanOut and FanInConcat.
    /// </summary>
    /// <example><c>FanOut(Dense(10), Dense(2))</c> gives 12 numbers.</example>
    /// <param name="layers">The layers. Their outputs differ in the number of features only.</param>
    public static Layer FanOut(params ImmutableArray<Layer> layers) => FanOutKind.Call(inner: layers);

    static readonly LayerKind ParallelKind = new("Parallel", [], (call, input) => input.Length < 2 || input[0] != call.Inner.Length
        ? throw Wrong($"want [{call.Inner.Length}, …], a part for each layer", input)
        : LayerBuilder.Net(input, m =>
        {
            ImmutableArray<SubLayer> parts = [.. call.Inner.Select((layer, i) => m.Layer($"{i}", layer, input[1..]))];
            var (output, axis) = Joined(parts);
            return (output, (pass, x) => cat([.. parts.Select((part, i) => pass.Apply(part, x.select(1, i)))], axis + 1));
        }), (x, layer) => JoinedOutputs(layer, Part, x))
    { InnerLayers = 1, TakesMoreLayers = true, TakesIntegers = true };

    /// <summary>
    /// Several layers, each on its part of the input: [layers, …], of which the first layer sees the first […], and so on. The outputs are joined as
    /// those of <see cref="FanOut"/>. <c>Reshape(2, 4) >> Parallel(a, b)</c> divides 8 numbers. stax: parallel.
    /// </summary>
    /// <param name="layers">As many layers as the input has parts.</param>
    public static Layer Parallel(params ImmutableArray<Layer> layers) => ParallelKind.Call(inner: layers);

    static readonly LayerKind ReshapeKind = new("Reshape", [], (call, input) =>
    {
        ImmutableArray<long> output = [.. call.List.Select(length => (long)length)];
        return Shapes.Count(output.AsSpan()) != Shapes.Count(input.AsSpan())
            ? throw Wrong($"want {Shapes.Count(output.AsSpan())} numbers for {Shapes.Show(output.AsSpan())}", input)
            : Pure(input, output, [], (_, x) => (x.reshape([-1, .. output]), (dy, _) => () => dy.reshape([-1, .. input])));
    }, (x, layer) => Reshaped(x, layer.Net.Output))
    { List = LayerArgument.Count("length"), TakesIntegers = true };

    /// <summary>The same numbers in another shape, row by row: <c>Reshape(49, 16)</c>. PyTorch: nn.Unflatten.</summary>
    /// <param name="lengths">The shape of an example.</param>
    public static Layer Reshape(params ImmutableArray<long> lengths) => ReshapeKind.Call([.. lengths.Select(length => (double)length)]);

    static readonly LayerKind PermuteKind = new("Permute", [], (call, input) =>
    {
        ImmutableArray<int> axes = [.. call.List.Select(axis => (int)axis)];
        return !axes.Order().SequenceEqual(Enumerable.Range(0, input.Length))
            ? throw Wrong($"want an input of {axes.Length} axes, each named once from 0", input)
            : Plain(input, [.. axes.Select(axis => input[axis])], [], (_, x) => x.permute([0, .. axes.Select(axis => axis + 1L)]));
    }, (x, layer) => x.Then("Transpose", [], [new Ints("perm", [0, .. layer.Call.List.Select(axis => (long)axis + 1)])]))
    { List = Axis, TakesIntegers = true };

    /// <summary>The axes in another order: <c>Permute(1, 0)</c> transposes. The axes are those of an example, from 0.</summary>
    /// <param name="axes">The place of each axis in the input.</param>
    public static Layer Permute(params ImmutableArray<int> axes) => PermuteKind.Call([.. axes.Select(axis => (double)axis)]);

    static readonly LayerKind MeanKind = Reduction("Mean", (x, axis) => x.mean([axis]),
        (x, axis) => x.Then("ReduceMean", [], [new Ints("axes", [axis]), NoAxis]));

    /// <summary>The mean over an axis of an example, from 0: <c>Mean(0)</c> of [tokens, width] is [width].</summary>
    /// <param name="axis">The axis, which goes.</param>
    public static Layer Mean(int axis) => MeanKind.Call([axis]);

    static readonly LayerKind SumKind = Reduction("Sum", (x, axis) => x.sum([axis]),
        (x, axis) => x.Constant(new Ints("value_ints", [axis]), out var axes).Then("ReduceSum", [axes], [NoAxis]));

    /// <summary>The sum over an axis of an example, from 0: <c>Sum(0)</c> of [tokens, width] is [width].</summary>
    /// <param name="axis">The axis, which goes.</param>
    public static Layer Sum(int axis) => SumKind.Call([axis]);

    static readonly LayerKind LastKind = new("Last", [], (_, input) => input.Length < 2 ? throw Wrong("want [rows, …]", input)
        : Plain(input, input[1..], [], (_, x) => x.select(1, -1)), (x, layer) => Part((int)layer.Net.Input[0] - 1, x))
    { TakesIntegers = true };

    /// <summary>The last row of an example, such as the last token: [rows, …] ↦ […].</summary>
    public static Layer Last { get; } = LastKind.Call();

    static LayerArgument Axis => new("axis", 0, 10, IsWhole: true);

    static Int NoAxis => new("keepdims", 0);

    static LayerKind Reduction(string name, Func<Tensor, long, Tensor> reduce, Func<OnnxGraph, long, OnnxGraph> export) => new(name, [Axis], (call, input) =>
    {
        var axis = (int)call["axis"];
        return axis < input.Length ? Plain(input, input.RemoveAt(axis), [], (_, x) => reduce(x, axis + 1)) : throw Wrong($"want an axis {axis}", input);
    }, (x, layer) => export(x, (long)layer.Call["axis"] + 1));

    /// <summary>The shape of outputs that are joined, and the axis along which they are.</summary>
    static (ImmutableArray<long> Output, int Axis) Joined(ImmutableArray<SubLayer> parts)
    {
        var first = parts[0].Output;
        var axis = AxisOfFeatures(first);
        return axis >= 0 && parts.All(part => part.Output.Length == first.Length && part.Output.SetItem(axis, first[axis]).SequenceEqual(first))
            ? (first.SetItem(axis, parts.Sum(part => part.Output[axis])), axis)
            : throw new ArgumentException(
                $"want outputs that differ in their features only, got {string.Join(", ", parts.Select(part => Shapes.Show(part.Output.AsSpan())))}");
    }

    static int AxisOfFeatures(ImmutableArray<long> shape) => shape.Length == 3 ? 0 : shape.Length - 1;

    static OnnxGraph JoinedOutputs(FittedLayer layer, Func<int, OnnxGraph, OnnxGraph> part, OnnxGraph x)
    {
        var outputs = ImmutableArray.CreateBuilder<string>();
        foreach (var (i, sub) in layer.Net.SubLayers.Index())
        {
            x = x.Aside(graph => After(part(i, graph), sub.Net), out var output);
            outputs.Add(output);
        }
        return (x with { Current = outputs[0] }).Then("Concat", [.. outputs.Skip(1)], [new Int("axis", AxisOfFeatures(layer.Net.Output) + 1)]);
    }

    static OnnxGraph Part(int place, OnnxGraph x) => x.Constant(new Int("value_int", place), out var index).Then("Gather", [index], [new Int("axis", 1)]);

    static OnnxGraph Reshaped(OnnxGraph x, ImmutableArray<long> shape) =>
        x.Constant(new Ints("value_ints", [-1, .. shape]), out var lengths).Then("Reshape", lengths);
}
