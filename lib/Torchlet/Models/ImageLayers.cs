using System.Collections.Immutable;
using static Torchlet.LayerArgument;
using static Torchlet.OnnxAttribute;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Torchlet;

// Layers of pictures: [channels, height, width].
public static partial class Layers
{
    static readonly LayerKind ConvKind = new("Conv",
        [Count("channels"), Pixels("kernel"), Pixels("stride").Or(1), Pixels("padding", 0).Or(0), Count("groups").Or(1)], (call, input) =>
    {
        _ = OneDnn.ComputesConvolutions; // Decided before the first of them.
        var (c, h, w) = Image(input);
        var (channels, kernel, stride, padding) = ((long)call["channels"], (long)call["kernel"], (long)call["stride"], (long)call["padding"]);
        var groups = (long)call["groups"];
        if (c % groups + channels % groups > 0) throw new ArgumentException($"want channels that {groups} groups divide, got {c} in and {channels} out");
        var (fanIn, fanOut, draws) = (c / groups * kernel * kernel, channels * kernel * kernel, call.Init ?? Initializer.Default);
        ImmutableArray<Slot> slots = [Weight(draws, [channels, c / groups, kernel, kernel], fanIn, fanOut), Bias(draws, [channels], fanIn, fanOut)];
        return Plain(input, [channels, Windows(h, kernel, stride, padding), Windows(w, kernel, stride, padding)], slots,
            (p, x) => functional.conv2d(x, p[0], p[1], [stride, stride], [padding, padding], groups: groups));
    }, (x, layer) => x.Then("Conv", layer.Parameters,
        [.. Window(layer.Call, "kernel"), new Ints("pads", 4, layer.Call["padding"]), new Int("group", (long)layer.Call["groups"])]))
    { TakesInitializer = true };

    /// <summary>
    /// Cross-correlation with kernels: [channels in, h, w] ↦ [channels, (h + 2·padding − kernel) / stride + 1, …]. PyTorch: nn.Conv2d;
    /// Source: LeCun et al. 1998.
    /// </summary>
    /// <example>A depthwise one of 16 channels, with a kernel for each: <c>Conv(16, 3, padding: 1, groups: 16)</c>.</example>
    /// <param name="channels">Number of kernels.</param>
    /// <param name="kernel">Height and width of a kernel.</param>
    /// <param name="stride">Pixels from one place of the kernel to the next.</param>
    /// <param name="padding">Zeros at each edge.</param>
    /// <param name="groups">
    /// Into how many parts the channels are divided, those that come in and those that go out; a kernel sees those of its part only.
    /// </param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    public static Layer Conv(int channels, int kernel, int stride = 1, int padding = 0, int groups = 1, Initializer? init = null) =>
        ConvKind.Call([channels, kernel, stride, padding, groups], init);

    static readonly LayerKind ConvTransposeKind = new("ConvTranspose",
        [Count("channels"), Pixels("kernel"), Pixels("stride").Or(1), Pixels("padding", 0).Or(0)], (call, input) =>
    {
        _ = OneDnn.ComputesConvolutions; // Decided before the first of them.
        var (c, h, w) = Image(input);
        var (channels, kernel, stride, padding) = ((long)call["channels"], (long)call["kernel"], (long)call["stride"], (long)call["padding"]);
        // PyTorch counts the second axis of any weight as the one that comes in.
        var (fanIn, fanOut, draws) = (channels * kernel * kernel, c * kernel * kernel, call.Init ?? Initializer.Default);
        ImmutableArray<Slot> slots = [Weight(draws, [c, channels, kernel, kernel], fanIn, fanOut), Bias(draws, [channels], fanIn, fanOut)];
        return Plain(input, [channels, Length(h), Length(w)], slots,
            (p, x) => functional.conv_transpose2d(x, p[0], p[1], [stride, stride], [padding, padding]));

        long Length(long length) => (length - 1) * stride + kernel - 2 * padding is > 0 and var all ? all
            : throw new ArgumentException($"want a padding below {((length - 1) * stride + kernel + 1) / 2}, got {padding}");
    }, (x, layer) => x.Then("ConvTranspose", layer.Parameters, [.. Window(layer.Call, "kernel"), new Ints("pads", 4, layer.Call["padding"])]))
    {
        TakesInitializer = true, // Its weights meet each place of the input, not of the output.
        Products = (layer, _) => (double)Shapes.Count(layer.Net.Input.AsSpan()) * Shapes.Count(layer.Net.Parameters[0].Shape.AsSpan(1..)),
    };

    /// <summary>
    /// Each pixel adds its kernel to the picture that comes out, the transpose of <see cref="Conv"/>:
    /// [channels in, h, w] ↦ [channels, (h − 1)·stride + kernel − 2·padding, …]. PyTorch: nn.ConvTranspose2d; Source: Zeiler et al. 2010.
    /// </summary>
    /// <example><c>ConvTranspose(8, 2, stride: 2)</c> doubles height and width.</example>
    /// <param name="channels">Number of channels that come out.</param>
    /// <param name="kernel">Height and width of a kernel.</param>
    /// <param name="stride">Pixels between the kernels of two neighbours.</param>
    /// <param name="padding">Pixels cut off at each edge.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    public static Layer ConvTranspose(int channels, int kernel, int stride = 1, int padding = 0, Initializer? init = null) =>
        ConvTransposeKind.Call([channels, kernel, stride, padding], init);

    static readonly LayerKind MaxPoolKind = Pool("MaxPool", "MaxPool", (x, size, stride) => functional.max_pool2d(x, [size, size], [stride, stride]));

    /// <summary>The largest number of each window: [c, h, w] ↦ [c, (h − size) / stride + 1, …]. PyTorch: nn.MaxPool2d.</summary>
    /// <param name="size">Height and width of a window.</param>
    /// <param name="stride">Pixels from one window to the next; its size if not given.</param>
    public static Layer MaxPool(int size, int? stride = null) => MaxPoolKind.Call([size, stride ?? size]);

    static readonly LayerKind AvgPoolKind = Pool("AvgPool", "AveragePool", (x, size, stride) => functional.avg_pool2d(x, [size, size], [stride, stride]));

    /// <summary>The mean of each window: [c, h, w] ↦ [c, (h − size) / stride + 1, …]. PyTorch: nn.AvgPool2d.</summary>
    /// <inheritdoc cref="MaxPool"/>
    public static Layer AvgPool(int size, int? stride = null) => AvgPoolKind.Call([size, stride ?? size]);

    static readonly LayerKind GlobalAvgPoolKind = new("GlobalAvgPool", [], (_, input) => Plain(input, [Image(input).Channels], [], (_, x) => x.mean([2, 3])),
        (x, _) => x.Then("GlobalAveragePool").Then("Flatten"));

    /// <summary>
    /// The mean of each channel over all places: [c, h, w] ↦ [c]. PyTorch: nn.AdaptiveAvgPool2d(1), then nn.Flatten.
    /// Source: Lin et al. 2013, arXiv:1312.4400.
    /// </summary>
    public static Layer GlobalAvgPool { get; } = GlobalAvgPoolKind.Call();

    static readonly LayerKind UpsampleKind = new("Upsample", [Pixels("factor")], (call, input) =>
    {
        var ((c, h, w), factor) = (Image(input), (long)call["factor"]);
        return Plain(input, [c, h * factor, w * factor], [], (_, x) => functional.upsample_nearest2d(x, [h * factor, w * factor]));
    }, (x, layer) => x.Constant(new Floats("value_floats", [1, 1, layer.Call["factor"], layer.Call["factor"]]), out var scales).Then("Resize", "", scales));

    /// <summary>Each pixel as a square of equal ones, the nearest neighbour: [c, h, w] ↦ [c, factor·h, factor·w]. PyTorch: nn.Upsample.</summary>
    /// <param name="factor">Height and width of a square.</param>
    public static Layer Upsample(int factor) => UpsampleKind.Call([factor]);

    static readonly LayerKind GroupNormKind = new("GroupNorm", [Count("groups"), Epsilon], (call, input) =>
    {
        var (c, groups, epsilon) = (input[0], (long)call["groups"], call["epsilon"]);
        return c % groups == 0
            ? Plain(input, input, [Filled("weight", [c], 1), Filled("bias", [c], 0)], (p, x) => functional.group_norm(x, groups, p[0], p[1], epsilon))
            : throw new ArgumentException($"want channels that {groups} groups divide, got {c}");
    }, (x, layer) =>
    {
        var (gamma, beta) = (layer.Parameters[0], layer.Parameters[1]);
        var parts = x.Constant(new Ints("value_ints", [0, (long)layer.Call["groups"], -1]), out var apart).Then("Reshape", apart)
            .Aside(group => group.Then("ReduceMean", [], [new Ints("axes", [2])]), out var mean).Then("Sub", mean);
        var norm = OverRoot(parts, [2], layer.Call).Constant(new Ints("value_ints", [0, .. layer.Net.Input]), out var whole).Then("Reshape", whole);
        return ByChannel(ByChannel(norm, "Mul", gamma), "Add", beta);

        // [c] as [c, 1, 1], which ONNX then spreads over the places.
        OnnxGraph ByChannel(OnnxGraph norm, string op, string numbers) => layer.Net.Input.Length == 1 ? norm.Then(op, numbers)
            : norm.Constant(new Ints("value_ints", Axes(layer.Net.Input[1..])), out var axes)
                .Aside(graph => (graph with { Current = numbers }).Then("Unsqueeze", axes), out var spread).Then(op, spread);
    });

    /// <summary>
    /// (x − mean) / √(variance + ε) · γ + β, with mean and variance over each group of channels and all their places, and γ and β of each channel:
    /// [c, …] ↦ the same. Source: Wu and He 2018, arXiv:1803.08494; PyTorch: nn.GroupNorm.
    /// </summary>
    /// <param name="groups">Number of groups, which divides that of the channels.</param>
    /// <param name="epsilon">ε.</param>
    public static Layer GroupNorm(int groups, double epsilon = 1e-5) => GroupNormKind.Call([groups, epsilon]);

    static LayerKind Pool(string name, string op, Func<Tensor, long, long, Tensor> pool) =>
        new(name, [Pixels("size"), Pixels("stride") with { Usual = numbers => numbers[0] }], (call, input) =>
        {
            var (c, h, w) = Image(input);
            var (size, stride) = ((long)call["size"], (long)call["stride"]);
            return Plain(input, [c, Windows(h, size, stride, 0), Windows(w, size, stride, 0)], [], (_, x) => pool(x, size, stride));
        }, (x, layer) => x.Then(op, [], Window(layer.Call, "size")));

    static ImmutableArray<OnnxAttribute> Window(LayerCall call, string size) =>
        [new Ints("kernel_shape", 2, call[size]), new Ints("strides", 2, call["stride"])];

    static (long Channels, long Height, long Width) Image(ImmutableArray<long> input) =>
        input is [var c, var h, var w] ? (c, h, w) : throw Wrong("want [channels, height, width]", input);

    static long Windows(long length, long size, long stride, long padding) =>
        (length + 2 * padding - size) is >= 0 and var room
            ? room / stride + 1
            : throw new ArgumentException($"want at least {size - 2 * padding} rows and columns, got {length}");
}
