using System.Collections.Frozen;
using System.Collections.Immutable;
using static Torchlet.LayerArgument;
using static Torchlet.OnnxAttribute;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Torchlet;

/// <summary>
/// The layers, and the table of their kinds: one row says how a kind is written, fitted to an input's shape and exported to ONNX. The draw page
/// has the same kinds in JavaScript. Shapes in the descriptions are those of one example; a batch has one axis more in front.
/// </summary>
public static partial class Layers
{
    /// <summary>x ↦ x: the identity of composition.</summary>
    public static Layer Identity { get; } = Layer.Serial();

    static readonly LayerKind FlattenKind = new("Flatten", [], (_, input) => Pure(input, [Shapes.Count(input.AsSpan())], [], (_, x) =>
        (x.flatten(1), (dy, _) => () => dy.view([-1, .. input]))), (x, _) => x.Then("Flatten"))
    { TakesIntegers = true };

    /// <summary>x with its axes joined: [c, h, w] ↦ [c·h·w]. PyTorch: nn.Flatten.</summary>
    public static Layer Flatten { get; } = FlattenKind.Call();

    static readonly LayerKind DenseKind = new("Dense", [Count("units")], (call, input) =>
    {
        var (width, units, draws) = (Shapes.Count(input.AsSpan()), (long)call["units"], call.Init ?? Initializer.Default);
        ImmutableArray<Slot> slots = [Weight(draws, [units, width], width, units), Bias(draws, [units], width, units)];
        return Pure(input, [units], slots, (p, given) =>
        {
            var x = given.ndim == 2 ? given : given.flatten(1);
            Pullback pullback = (dy, into) =>
            {
                into[0].addmm_(dy.t(), x, beta: 0, alpha: 1);
                into[1].copy_(dy.sum([0])); // A bare 0 would be taken for the element type uint8.
                return () => given.ndim == 2 ? dy.matmul(p[0]) : dy.matmul(p[0]).view([-1, .. input]);
            };
            return (addmm(p[1], x, p[0].t(), beta: 1, alpha: 1), pullback);
        });
    }, (x, layer) => (layer.Net.Input.Length == 1 ? x : x.Then("Flatten")).Then("Gemm", layer.Parameters, [new Int("transB", 1)]))
    { TakesInitializer = true, IsToldByWidths = true };

    /// <summary>x·Wᵀ + b over all numbers of an example: [any] ↦ [units]. PyTorch: nn.Linear; in PyTorch's order, weight and then bias.</summary>
    /// <param name="units">How many numbers come out.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    public static Layer Dense(int units, Initializer? init = null) => DenseKind.Call([units], init);

    static readonly LayerKind DropoutKind = new("Dropout", [new("probability", 0, 1, IsWhole: false)], (call, input) =>
        new(input, input, [], [], (_, state, x, pass) =>
        {
            var probability = call["probability"];
            if (!pass.HasDropout || probability == 0) return new(x, state, pass, (dy, _) => () => dy);
            var (kept, next) = pass.Draw(x.size(0), (random, rows) => random.Bernoulli(x.new_empty([rows, .. x.shape[1..]]), 1 - probability));
            var scale = kept.Over_(1 - probability);
            return new(x * scale, state, next, (dy, _) => () => dy.mul_(scale));
        })
        { HasPullback = true }, (x, _) => x)
    { IsToldByWidths = true };

    /// <summary>
    /// In training each number is 0 with a probability, and the others are divided by the rest of it; in evaluation x ↦ x.
    /// Source: Srivastava et al. 2014; PyTorch: nn.Dropout, draw for draw.
    /// </summary>
    /// <param name="probability">That a number is dropped, from 0 to less than 1.</param>
    public static Layer Dropout(double probability) => DropoutKind.Call([probability]);

    /// <summary><see cref="Dropout"/>, or no layer at all where nothing is dropped.</summary>
    internal static Layer DropoutOrNone(double probability) => probability == 0 ? Identity : Dropout(probability);

    // A property, since the fields of the files of this class are set in no fixed order.
    static LayerArgument Epsilon => new LayerArgument("epsilon", 0, double.PositiveInfinity, IsWhole: false).Or(1e-5);

    static readonly LayerKind BatchNormKind = new("BatchNorm", [new LayerArgument("momentum", 0, 1.000001, IsWhole: false).Or(0.1), Epsilon], (call, input) =>
    {
        var c = input.Length is 1 or 3 ? input[0] : throw Wrong("want [channels] or [channels, height, width]", input);
        return new(input, input, [Filled("weight", [c], 1), Filled("bias", [c], 0)], [Filled("running_mean", [c], 0), Filled("running_var", [c], 1)],
            (p, state, x, pass) =>
            {
                if (pass.IsTraining && x.numel() == c)
                    throw new ArgumentException($"want more than one value of each channel in training, got {Shapes.Show(x.shape)}");
                // libtorch updates the statistics that it is given, and those are the caller's.
                ImmutableArray<Tensor> next = pass.IsTraining ? [state[0].clone(), state[1].clone()] : state;
                return new(functional.batch_norm(x, next[0], next[1], p[0], p[1], pass.IsTraining, call["momentum"], call["epsilon"]), next, pass);
            });
    }, (x, layer) => x.Then("BatchNormalization", [.. layer.Parameters, .. layer.State], [new Float("epsilon", layer.Call["epsilon"])]));

    /// <summary>
    /// (x − mean) / √(variance + ε) · γ + β of each channel, over the batch and the places of an image: [c, …] ↦ [c, …]. In training mean and
    /// variance are the batch's, of two values or more, and the running ones move towards them; in evaluation they are the running ones.
    /// Source: Ioffe and Szegedy 2015, arXiv:1502.03167; PyTorch: nn.BatchNorm1d and nn.BatchNorm2d.
    /// </summary>
    /// <param name="momentum">How far the running statistics move at a step, in 0 … 1.</param>
    /// <param name="epsilon">ε.</param>
    public static Layer BatchNorm(double momentum = 0.1, double epsilon = 1e-5) => BatchNormKind.Call([momentum, epsilon]);

    static readonly LayerKind LayerNormKind = new("LayerNorm", [Epsilon], (call, input) =>
        Plain(input, input, [Filled("weight", input, 1), Filled("bias", input, 0)],
            (p, x) => functional.layer_norm(x, [.. input], p[0], p[1], call["epsilon"])),
        (x, layer) => x.Then("LayerNormalization", layer.Parameters, [new Int("axis", 1), new Float("epsilon", layer.Call["epsilon"])]));

    /// <summary>
    /// (x − mean) / √(variance + ε) · γ + β over all numbers of an example: any shape ↦ the same.
    /// Source: Ba et al. 2016, arXiv:1607.06450; PyTorch: nn.LayerNorm.
    /// </summary>
    /// <param name="epsilon">ε.</param>
    public static Layer LayerNorm(double epsilon = 1e-5) => LayerNormKind.Call([epsilon]);

    static readonly LayerKind RmsNormKind = new("RmsNorm", [Epsilon.Or(RmsEpsilon)], (call, input) =>
        Plain(input, input, [Filled("weight", input, 1)], (p, x) =>
            x * x.Squared().mean([.. Axes(input)], keepdim: true).Plus(call["epsilon"]).rsqrt() * p[0]),
        (x, layer) => OverRoot(x, Axes(layer.Net.Input), layer.Call).Then("Mul", layer.Parameters[0]));

    /// <summary>
    /// x / √(mean of x² + ε) · γ over all numbers of an example: any shape ↦ the same. Source: Zhang and Sennrich 2019, arXiv:1910.07467; PyTorch: nn.RMSNorm.
    /// </summary>
    /// <param name="epsilon">ε; PyTorch's own if not given, the distance from 1 to the next float32.</param>
    public static Layer RmsNorm(double epsilon = RmsEpsilon) => RmsNormKind.Call([epsilon]);

    const double RmsEpsilon = 1.1920928955078125e-7;

    static readonly LayerKind ResidualKind = new("Residual", [], (call, input) =>
    {
        var net = call.Inner[0].Fit(input);
        if (!net.Output.AsSpan().SequenceEqual(input.AsSpan())) throw Wrong($"want an output of the input's shape, {Shapes.Show(input.AsSpan())}", net.Output);
        return net with
        {
            Forward = (p, state, x, pass) =>
            {
                var result = net.Forward(p, state, x, pass);
                return result with { Y = x.Plus(result.Y), Pullback = Back };

                Func<Tensor> Back(Tensor dy, ImmutableArray<Tensor> into)
                {
                    var dx = result.Pullback!(dy.clone(), into);
                    return () => dx().Plus(dy);
                }
            },
            HasPullback = net.HasPullback,
        };
    }, (x, layer) => After(x, layer.Net).Then("Add", x.Current))
    { InnerLayers = 1 };

    /// <summary>x + f(x). Source: He et al. 2015, arXiv:1512.03385.</summary>
    /// <param name="inner">f, whose output has the shape of its input.</param>
    public static Layer Residual(Layer inner) => ResidualKind.Call(inner: inner);

    static readonly LayerKind RescaleKind = new(
        "Rescale", [new("scale", double.Epsilon, 1e38, IsWhole: false), new LayerArgument("offset", -1e38, 1e38, IsWhole: false).Or(0)],
        (call, input) => Pure(input, input, [], (_, x) => (x.Times(call["scale"]).Plus_(call["offset"]), (dy, _) => () => dy.Times_(call["scale"]))),
        (x, layer) => x.Constant(layer.Call["scale"], out var scale).Then("Mul", scale).Constant(layer.Call["offset"], out var offset).Then("Add", offset))
    { IsToldByWidths = true };

    /// <summary>scale·x + offset, elementwise, by constants that are not learned. Keras: Rescaling.</summary>
    /// <param name="scale">Above 0.</param>
    /// <param name="offset">0 if not given.</param>
    public static Layer Rescale(double scale, double offset = 0) => RescaleKind.Call([scale, offset]);

    /// <summary>
    /// A custom function of a batch, which leaves the first axis alone: <c>Function(x => x * x.sigmoid())</c>, or just the function between two
    /// layers. It is recorded as <c>own</c>, with the name of its method if it has one.
    /// </summary>
    public static Layer Function(Func<Tensor, Tensor> function) => new(function.Method.Name is var name && name.All(char.IsLetterOrDigit) ? name : "", input =>
        Plain(input, OutputOf(function, input), [], (_, x) => function(x)));

    /// <summary>
    /// A custom layer, built from sub-layers, weights and states. The builder keeps names, next states and the generator, draws random numbers for the
    /// whole batch, and checks the output's shape; the gradient is found by automatic differentiation. haiku: transform; flax: @compact.
    /// </summary>
    /// <example><c>Custom("Twice", m => { var f = m.Layer("f", Dense(10), m.Input); return (f.Output, (pass, x) => pass.Apply(f, x) * 2); })</c></example>
    /// <param name="name">Its name; it is recorded as <c>own(name)</c>.</param>
    /// <param name="build">Declares what the layer consists of; returns the output's shape and the forward function.</param>
    public static Layer Custom(string name, Func<LayerBuilder, (ImmutableArray<long> Output, Func<LayerPass, Tensor, Tensor> Forward)> build) =>
        new(name, input => LayerBuilder.Net(input, build));

    extension(Func<Tensor, Tensor>)
    {
        /// <summary>The function, then the layer.</summary>
        public static Layer operator >>(Func<Tensor, Tensor> first, Layer second) => Function(first) >> second;
    }

    /// <summary>Every kind of layer that a text can describe, by its name.</summary>
    public static FrozenDictionary<string, LayerKind> Kinds => Table.Kinds;

    /// <summary>A name here is all that another kind takes in this assembly.</summary>
    static class Table // A class of its own, so that the fields of the files of the outer one are set before.
    {
        internal static readonly FrozenDictionary<string, LayerKind> Kinds = ((LayerKind[])
        [
            DenseKind, DropoutKind, FlattenKind, ResidualKind, RescaleKind,
            BatchNormKind, GroupNormKind, LayerNormKind, RmsNormKind,
            ConvKind, ConvTransposeKind, MaxPoolKind, AvgPoolKind, GlobalAvgPoolKind, UpsampleKind,
            EachKind, RepeatKind, FanOutKind, ParallelKind, ReshapeKind, PermuteKind, MeanKind, SumKind, LastKind,
            RecurrentKind, RnnKind, LstmKind, GruKind, EmbeddingKind, PositionalKind, AttentionKind,
            .. ActivationKinds,
        ]).ToFrozenDictionary(kind => kind.Name);
    }

    /// <summary>The nodes of a net after others.</summary>
    /// <exception cref="ArgumentException">One of its layers has no form in ONNX.</exception>
    public static OnnxGraph After(OnnxGraph x, Net net) => net.Layers.Aggregate(x, (graph, layer) =>
        layer.Call.Kind.Export is { } export ? export(graph, layer) : throw new ArgumentException($"ONNX has no form of {layer.Call.Text}."));

    /// <summary>The axes of an example in a batch: 1, 2, …</summary>
    static ImmutableArray<long> Axes(ImmutableArray<long> shape) => [.. shape.Select((_, axis) => axis + 1L)];

    /// <summary>Nodes for x / √(mean of x² over some axes + ε).</summary>
    static OnnxGraph OverRoot(OnnxGraph x, ImmutableArray<long> axes, LayerCall call) => x.Aside(graph =>
        graph.Then("Mul", graph.Current).Then("ReduceMean", [], [new Ints("axes", axes)])
            .Constant(call["epsilon"], out var epsilon).Then("Add", epsilon).Then("Sqrt"), out var root).Then("Div", root);

    /// <summary>A net without state whose gradient is found by automatic differentiation.</summary>
    static Net Plain(
        ImmutableArray<long> input, ImmutableArray<long> output, ImmutableArray<Slot> slots, Func<ImmutableArray<Tensor>, Tensor, Tensor> forward) =>
        new(input, output, slots, [], (p, state, x, pass) => new(forward(p, x), state, pass));

    /// <summary>A net without state that brings its derivative.</summary>
    static Net Pure(
        ImmutableArray<long> input, ImmutableArray<long> output, ImmutableArray<Slot> slots,
        Func<ImmutableArray<Tensor>, Tensor, (Tensor Y, Pullback Pullback)> forward) =>
        new(input, output, slots, [], (p, state, x, pass) =>
        {
            var (y, pullback) = forward(p, x);
            return new(y, state, pass, pullback);
        })
        { HasPullback = true };

    static Slot Weight(Initializer init, ImmutableArray<long> shape, long fanIn, long fanOut) =>
        new("weight", shape, random => init.Weight(random, shape.AsSpan(), fanIn, fanOut));

    static Slot Bias(Initializer init, ImmutableArray<long> shape, long fanIn, long fanOut) =>
        new("bias", shape, random => init.Bias(random, shape.AsSpan(), fanIn, fanOut));

    internal static Slot Filled(string name, ImmutableArray<long> shape, double value) =>
        new(name, shape, random => (Scalars.Filled(shape.AsSpan(), value), random));

    // Two examples, so that a function which exchanges the axes of batch and example does not pass.
    static ImmutableArray<long> OutputOf(Func<Tensor, Tensor> function, ImmutableArray<long> input)
    {
        using var scope = NewDisposeScope();
        var shape = function(zeros([2, .. input])).shape;
        return shape is [2, ..] ? [.. shape[1..]] : throw Wrong("want a function that keeps the first axis, of length 2", [.. shape]);
    }

    static ArgumentException Wrong(string want, ImmutableArray<long> got) => new($"{want}, got {Shapes.Show(got.AsSpan())}");
}
