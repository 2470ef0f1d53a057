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
public static class Layers
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

    static readonly LayerKind ConvKind = new("Conv", [Count("channels"), Pixels("kernel"), Pixels("stride").Or(1), Pixels("padding", 0).Or(0)], (call, input) =>
    {
        var (c, h, w) = Image(input);
        var (channels, kernel, stride, padding) = ((long)call["channels"], (long)call["kernel"], (long)call["stride"], (long)call["padding"]);
        var (fanIn, fanOut, draws) = (c * kernel * kernel, channels * kernel * kernel, call.Init ?? Initializer.Default);
        ImmutableArray<Slot> slots = [Weight(draws, [channels, c, kernel, kernel], fanIn, fanOut), Bias(draws, [channels], fanIn, fanOut)];
        return Plain(input, [channels, Windows(h, kernel, stride, padding), Windows(w, kernel, stride, padding)], slots,
            (p, x) => functional.conv2d(x, p[0], p[1], [stride, stride], [padding, padding]));
    }, (x, layer) => x.Then("Conv", layer.Parameters, [.. Window(layer.Call, "kernel"), new Ints("pads", 4, layer.Call["padding"])]))
    { TakesInitializer = true };

    /// <summary>
    /// Cross-correlation with kernels: [channels in, h, w] ↦ [channels, (h + 2·padding − kernel) / stride + 1, …]. PyTorch: nn.Conv2d;
    /// Source: LeCun et al. 1998.
    /// </summary>
    /// <param name="channels">Number of kernels.</param>
    /// <param name="kernel">Height and width of a kernel.</param>
    /// <param name="stride">Pixels from one place of the kernel to the next.</param>
    /// <param name="padding">Zeros at each edge.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    public static Layer Conv(int channels, int kernel, int stride = 1, int padding = 0, Initializer? init = null) =>
        ConvKind.Call([channels, kernel, stride, padding], init);

    static readonly LayerKind MaxPoolKind = Pool("MaxPool", "MaxPool", (x, size, stride) => functional.max_pool2d(x, [size, size], [stride, stride]));

    /// <summary>The largest number of each window: [c, h, w] ↦ [c, (h − size) / stride + 1, …]. PyTorch: nn.MaxPool2d.</summary>
    /// <param name="size">Height and width of a window.</param>
    /// <param name="stride">Pixels from one window to the next; its size if not given.</param>
    public static Layer MaxPool(int size, int? stride = null) => MaxPoolKind.Call([size, stride ?? size]);

    static readonly LayerKind AvgPoolKind = Pool("AvgPool", "AveragePool", (x, size, stride) => functional.avg_pool2d(x, [size, size], [stride, stride]));

    /// <summary>The mean of each window: [c, h, w] ↦ [c, (h − size) / stride + 1, …]. PyTorch: nn.AvgPool2d.</summary>
    /// <inheritdoc cref="MaxPool"/>
    public static Layer AvgPool(int size, int? stride = null) => AvgPoolKind.Call([size, stride ?? size]);

    static readonly LayerKind DropoutKind = new("Dropout", [new("probability", 0, 1, IsWhole: false)], (call, input) =>
        new(input, input, [], [], (_, state, x, pass) =>
        {
            var probability = call["probability"];
            if (!pass.IsTraining || probability == 0) return new(x, state, pass, (dy, _) => () => dy);
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

    static readonly LayerArgument Epsilon = new LayerArgument("epsilon", 0, double.PositiveInfinity, IsWhole: false).Or(1e-5);

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

    /// <summary>σ(x) = 1 / (1 + e⁻ˣ), elementwise, in (0, 1). PyTorch: nn.Sigmoid.</summary>
    /// <remarks>Written as 1 / (1 + exp(-x)), its derivative is NaN in float32 below x = -88, where exp(-x) overflows; libtorch's function is not.</remarks>
    public static Layer Sigmoid { get; } = Elementwise("Sigmoid", x => x.sigmoid(), y => y - y.Squared());

    /// <summary>max(x, 0), elementwise. PyTorch: nn.ReLU.</summary>
    public static Layer Relu { get; } = Elementwise("Relu", x => x.relu(), y => y.sign());

    /// <summary>(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), elementwise, in (−1, 1). PyTorch: nn.Tanh.</summary>
    public static Layer Tanh { get; } = Elementwise("Tanh", x => x.tanh(), y => ones_like(y).sub_(y.Squared()));

    /// <summary>x·Φ(x) with the normal distribution's Φ, elementwise. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415; PyTorch: nn.GELU.</summary>
    public static Layer Gelu { get; } = Elementwise("Gelu", functional.gelu, export: x =>
        x.Constant(Math.Sqrt(0.5), out var root).Then("Mul", root).Then("Erf").Constant(1, out var one).Then("Add", one).Then("Mul", x.Current)
            .Constant(0.5, out var half).Then("Mul", half));

    /// <summary>x where x > 0, else eˣ − 1, elementwise. Source: Clevert et al. 2015, arXiv:1511.07289; PyTorch: nn.ELU.</summary>
    public static Layer Elu { get; } = Elementwise("Elu", x => x.Elu()); // ONNX has the same alpha, 1, and 0.01 for LeakyRelu.

    /// <summary>x where x > 0, else 0.01·x, elementwise. Source: Maas et al. 2013; PyTorch: nn.LeakyReLU.</summary>
    public static Layer LeakyRelu { get; } = Elementwise("LeakyRelu", x => x.LeakyRelu(0.01));

    /// <summary>x·σ(x), elementwise, also called swish. Source: Elfwing et al. 2017, arXiv:1702.03118; PyTorch: nn.SiLU.</summary>
    public static Layer Silu { get; } = Elementwise("Silu", x => functional.silu(x), export: x => x.Then("Sigmoid").Then("Mul", x.Current));

    /// <summary>The identity as an activation, a layer of its own: it counts where layers are numbered.</summary>
    internal static Layer IdentityFunction { get; } = Elementwise("Identity", x => x.alias(), y => ones_like(y), x => x);

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

    /// <summary>Every kind of layer that a text can describe, by its name. A row here is all that another kind takes in this assembly.</summary>
    public static FrozenDictionary<string, LayerKind> Kinds { get; } = new[]
    {
        DenseKind, ConvKind, MaxPoolKind, AvgPoolKind, DropoutKind, BatchNormKind, LayerNormKind, ResidualKind, FlattenKind,
        Kind(Sigmoid), Kind(Relu), Kind(Tanh), Kind(Gelu), Kind(Elu), Kind(LeakyRelu), Kind(Silu), Kind(IdentityFunction),
    }.ToFrozenDictionary(kind => kind.Name);

    /// <summary>The nodes of a net after others.</summary>
    /// <exception cref="ArgumentException">One of its layers has no form in ONNX.</exception>
    public static OnnxGraph After(OnnxGraph x, Net net) => net.Layers.Aggregate(x, (graph, layer) =>
        layer.Call.Kind.Export is { } export ? export(graph, layer) : throw new ArgumentException($"ONNX has no form of {layer.Call.Text}."));

    static LayerKind Kind(Layer layer) => layer.Calls[0].Kind;

    /// <summary>An elementwise function.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="function">The function.</param>
    /// <param name="derivative">Its derivative as a function of its value y, if there is a short one; null for automatic differentiation.</param>
    /// <param name="export">Its nodes; the operator of its name if not given.</param>
    static Layer Elementwise(
        string name, Func<Tensor, Tensor> function, Func<Tensor, Tensor>? derivative = null, Func<OnnxGraph, OnnxGraph>? export = null) =>
        new LayerKind(name, [], (_, input) => derivative is null ? Plain(input, input, [], (_, x) => function(x)) : Pure(input, input, [], (_, x) =>
        {
            var y = function(x);
            return (y, (dy, _) => () => dy.mul_(derivative(y)));
        }), (x, _) => export is null ? x.Then(name) : export(x))
        { Function = function, IsToldByWidths = true }.Call();

    static LayerKind Pool(string name, string op, Func<Tensor, long, long, Tensor> pool) =>
        new(name, [Pixels("size"), Pixels("stride") with { Usual = numbers => numbers[0] }], (call, input) =>
        {
            var (c, h, w) = Image(input);
            var (size, stride) = ((long)call["size"], (long)call["stride"]);
            return Plain(input, [c, Windows(h, size, stride, 0), Windows(w, size, stride, 0)], [], (_, x) => pool(x, size, stride));
        }, (x, layer) => x.Then(op, [], Window(layer.Call, "size")));

    static ImmutableArray<OnnxAttribute> Window(LayerCall call, string size) =>
        [new Ints("kernel_shape", 2, call[size]), new Ints("strides", 2, call["stride"])];

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

    static (long Channels, long Height, long Width) Image(ImmutableArray<long> input) =>
        input is [var c, var h, var w] ? (c, h, w) : throw Wrong("want [channels, height, width]", input);

    static long Windows(long length, long size, long stride, long padding) =>
        (length + 2 * padding - size) is >= 0 and var room
            ? room / stride + 1
            : throw new ArgumentException($"want at least {size - 2 * padding} rows and columns, got {length}");

    static ArgumentException Wrong(string want, ImmutableArray<long> got) => new($"{want}, got {Shapes.Show(got.AsSpan())}");
}
