using System.Collections.Immutable;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Torchlet;

/// <summary>The layers that there are. Shapes in their descriptions are those of one example; a batch has one axis more in front.</summary>
public static class Layers
{
    /// <summary>x ↦ x: the identity of composition.</summary>
    public static Layer Identity { get; } = Layer.Serial();

    /// <summary>x, its axes made one: [c, h, w] ↦ [c·h·w]. PyTorch: nn.Flatten.</summary>
    public static Layer Flatten { get; } = new("Flatten", input => Pure(input, [Shapes.Count(input.AsSpan())], [], (_, x) =>
        (x.flatten(1), (dy, _) => () => dy.view([-1, .. input]))));

    /// <summary>x·Wᵀ + b over all of an example's numbers: [any] ↦ [units]. PyTorch: nn.Linear; in PyTorch's order, weight and then bias.</summary>
    /// <param name="units">How many numbers come out.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    public static Layer Dense(int units, Initializer? init = null) => new(Call("Dense", [Positive(units)], init), input =>
    {
        var (width, draws) = (Shapes.Count(input.AsSpan()), init ?? Initializer.Default);
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
    });

    /// <summary>
    /// Cross-correlation with kernels: [channels in, h, w] ↦ [channels, (h + 2·padding − kernel) / stride + 1, …]. PyTorch: nn.Conv2d;
    /// Source: LeCun et al. 1998.
    /// </summary>
    /// <param name="channels">How many kernels.</param>
    /// <param name="kernel">Height and width of a kernel.</param>
    /// <param name="stride">How far it moves at a time.</param>
    /// <param name="padding">Zeros at each edge.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    public static Layer Conv(int channels, int kernel, int stride = 1, int padding = 0, Initializer? init = null) =>
        new(Call("Conv", [Positive(channels), Positive(kernel), .. Optional(stride, 1), .. Optional(padding, 0)], init), input =>
        {
            var (c, h, w) = Image(input);
            var (fanIn, fanOut, draws) = (c * kernel * kernel, (long)channels * kernel * kernel, init ?? Initializer.Default);
            ImmutableArray<Slot> slots = [Weight(draws, [channels, c, kernel, kernel], fanIn, fanOut), Bias(draws, [channels], fanIn, fanOut)];
            return Net(input, [channels, Windows(h, kernel, stride, padding), Windows(w, kernel, stride, padding)], slots,
                (p, x) => functional.conv2d(x, p[0], p[1], [stride, stride], [padding, padding]));
        });

    /// <summary>The largest number of each window: [c, h, w] ↦ [c, (h − size) / stride + 1, …]. PyTorch: nn.MaxPool2d.</summary>
    /// <param name="size">Height and width of a window.</param>
    /// <param name="stride">How far it moves at a time; its size if not given.</param>
    public static Layer MaxPool(int size, int? stride = null) =>
        Pool("MaxPool", size, stride, (x, step) => functional.max_pool2d(x, [size, size], [step, step]));

    /// <summary>The mean of each window: [c, h, w] ↦ [c, (h − size) / stride + 1, …]. PyTorch: nn.AvgPool2d.</summary>
    /// <inheritdoc cref="MaxPool"/>
    public static Layer AvgPool(int size, int? stride = null) =>
        Pool("AvgPool", size, stride, (x, step) => functional.avg_pool2d(x, [size, size], [step, step]));

    /// <summary>
    /// In training each number is 0 with a probability, and the others are divided by the rest of it; in evaluation x ↦ x.
    /// Source: Srivastava et al. 2014; PyTorch: nn.Dropout, draw for draw.
    /// </summary>
    /// <param name="probability">That of a number to be dropped, in 0 … 1.</param>
    public static Layer Dropout(double probability)
    {
        var text = FormattableString.Invariant($"Dropout({probability})");
        if (!(probability is >= 0 and < 1)) throw new ArgumentException($"{text}: want a probability from 0 to less than 1, got {probability}.");
        return new(text, input => new(input, input, [], [], (_, state, x, pass) =>
        {
            if (!pass.IsTraining || probability == 0) return new(x, state, pass, (dy, _) => () => dy);
            var (kept, next) = Kept(pass, x, 1 - probability, text);
            var scale = kept.Over_(1 - probability);
            return new(x * scale, state, pass with { Random = next }, (dy, _) => () => dy.mul_(scale));
        }, HasPullback: true));
    }

    /// <summary><see cref="Dropout"/>, or no layer at all where nothing is dropped.</summary>
    internal static Layer DropoutOrNone(double probability) => probability == 0 ? Identity : Dropout(probability);

    /// <summary>
    /// (x − mean) / √(variance + ε) · γ + β of each channel, over the batch and the places of an image: [c, …] ↦ [c, …]. In training mean and
    /// variance are the batch's, and the running ones move towards them; in evaluation they are the running ones.
    /// Source: Ioffe and Szegedy 2015, arXiv:1502.03167; PyTorch: nn.BatchNorm1d and nn.BatchNorm2d.
    /// </summary>
    /// <param name="momentum">How far the running statistics move at a step, in 0 … 1.</param>
    /// <param name="epsilon">ε.</param>
    public static Layer BatchNorm(double momentum = 0.1, double epsilon = 1e-5) => new(
        Call("BatchNorm", [.. Optional(momentum, 0.1), .. Optional(epsilon, 1e-5)]), input =>
        {
            var c = input.Length is 1 or 3 ? input[0] : throw Wrong("want [channels] or [channels, height, width]", input);
            return new(input, input, [Filled("weight", [c], 1), Filled("bias", [c], 0)], [Filled("running_mean", [c], 0), Filled("running_var", [c], 1)],
                (p, state, x, pass) =>
                {
                    // libtorch moves the statistics that it is given, and those are the caller's.
                    ImmutableArray<Tensor> next = pass.IsTraining ? [state[0].clone(), state[1].clone()] : state;
                    return new(functional.batch_norm(x, next[0], next[1], p[0], p[1], pass.IsTraining, momentum, epsilon), next, pass);
                });
        });

    /// <summary>
    /// (x − mean) / √(variance + ε) · γ + β over all of an example's numbers: any shape ↦ the same.
    /// Source: Ba et al. 2016, arXiv:1607.06450; PyTorch: nn.LayerNorm.
    /// </summary>
    /// <param name="epsilon">ε.</param>
    public static Layer LayerNorm(double epsilon = 1e-5) => new(Call("LayerNorm", [.. Optional(epsilon, 1e-5)]), input =>
        Net(input, input, [Filled("weight", input, 1), Filled("bias", input, 0)], (p, x) => functional.layer_norm(x, [.. input], p[0], p[1], epsilon)));

    /// <summary>x + f(x). Source: He et al. 2015, arXiv:1512.03385.</summary>
    /// <param name="inner">f, whose output has the shape of its input.</param>
    public static Layer Residual(Layer inner) => new($"Residual({inner.Text})", input =>
    {
        var net = inner.Fit(input);
        if (!net.Output.AsSpan().SequenceEqual(input.AsSpan())) throw Wrong($"want what goes in to come out, {Shapes.Show(input.AsSpan())}", net.Output);
        return net with
        {
            Forward = (p, state, x, pass) =>
            {
                var passed = net.Forward(p, state, x, pass);
                return passed with { Y = x + passed.Y, Pullback = Back };

                Func<Tensor> Back(Tensor dy, ImmutableArray<Tensor> into)
                {
                    var dx = passed.Pullback!(dy.clone(), into);
                    return () => dx().add(dy);
                }
            },
        };
    });

    /// <summary>
    /// Any function of a batch, which leaves the first axis alone:
    /// <c>Function(x => x * x.sigmoid())</c>, or just the function between two layers.
    /// </summary>
    /// <remarks>One of <see cref="Activations"/> is known by its name and brings its derivative. Any other is somebody's own, and recorded as such.</remarks>
    public static Layer Function(Func<Tensor, Tensor> function) => Activation.Of(function) switch
    {
        null => new(OwnText(function), input => Net(input, OutputOf(function, input), [], (_, x) => function(x))),
        { Derivative: { } derivative } known => new(known.LayerName, input => Pure(input, input, [], (_, x) =>
        {
            var y = function(x);
            return (y, (dy, _) => () => dy.mul_(derivative(y)));
        })),
        var known => new(known.LayerName, input => Net(input, input, [], (_, x) => function(x))),
    };

    static string OwnText(Func<Tensor, Tensor> function) =>
        function.Method.Name is var name && name.All(char.IsLetterOrDigit) ? $"{Initializer.Own}({name})"
        // A local function is compiled as <Outer>g__Swish|0_1.
        : name.Split("g__") is [_, var local] ? $"{Initializer.Own}({local.Split('|')[0]})" : $"{Initializer.Own}()";

    static Layer Pool(string name, int size, int? stride, Func<Tensor, int, Tensor> pool)
    {
        var step = Positive(stride ?? size);
        return new(Call(name, [Positive(size), .. Optional(step, size, "stride")]), input =>
        {
            var (c, h, w) = Image(input);
            return Net(input, [c, Windows(h, size, step, 0), Windows(w, size, step, 0)], [], (_, x) => pool(x, step));
        });
    }

    /// <summary>A net without state that leaves its derivative to automatic differentiation.</summary>
    static Net Net(ImmutableArray<long> input, ImmutableArray<long> output, ImmutableArray<Slot> slots, Func<ImmutableArray<Tensor>, Tensor, Tensor> forward) =>
        new(input, output, slots, [], (p, state, x, pass) => new(forward(p, x), state, pass));

    /// <summary>A net without state that brings its derivative.</summary>
    static Net Pure(
        ImmutableArray<long> input, ImmutableArray<long> output, ImmutableArray<Slot> slots,
        Func<ImmutableArray<Tensor>, Tensor, (Tensor Y, Pullback Pullback)> forward) =>
        new(input, output, slots, [], (p, state, x, pass) =>
        {
            var (y, pullback) = forward(p, x);
            return new(y, state, pass, pullback);
        }, HasPullback: true);

    static Slot Weight(Initializer init, ImmutableArray<long> shape, long fanIn, long fanOut) =>
        new("weight", shape, random => init.Weight(random, shape.AsSpan(), fanIn, fanOut));

    static Slot Bias(Initializer init, ImmutableArray<long> shape, long fanIn, long fanOut) =>
        new("bias", shape, random => init.Bias(random, shape.AsSpan(), fanIn, fanOut));

    static Slot Filled(string name, ImmutableArray<long> shape, double value) =>
        new(name, shape, random => (full(shape.AsSpan(), value, ScalarType.Float32), random));

    static ImmutableArray<long> OutputOf(Func<Tensor, Tensor> function, ImmutableArray<long> input)
    {
        using var scope = NewDisposeScope();
        var shape = function(zeros([1, .. input])).shape;
        return shape is [1, ..] ? [.. shape[1..]] : throw Wrong("want a function that keeps the first axis, of length 1", [.. shape]);
    }

    static (long Channels, long Height, long Width) Image(ImmutableArray<long> input) =>
        input is [var c, var h, var w] ? (c, h, w) : throw Wrong("want [channels, height, width]", input);

    static long Windows(long length, int size, int stride, int padding) =>
        (length + 2 * padding - size) is >= 0 and var room
            ? room / stride + 1
            : throw new ArgumentException($"want at least {size - 2 * padding} rows and columns, got {length}");

    static ArgumentException Wrong(string want, ImmutableArray<long> got) => new($"{want}, got {Shapes.Show(got.AsSpan())}");

    /// <summary>1 with a probability, else 0, for each number of a pass's examples.</summary>
    static (Tensor Numbers, TorchRandom Next) Kept(Pass pass, Tensor x, double probability, string text)
    {
        var random = pass.Random ?? throw new ArgumentException($"{text}: want a pass with a generator in training, got none.");
        if (pass.Part is not { } part) return random.Bernoulli(x, probability);
        var (whole, next) = random.Bernoulli(x.new_empty([part.Whole, .. x.shape[1..]]), probability);
        return (whole.narrow(0, part.First, x.size(0)), next);
    }

    static int Positive(int number) => number > 0 ? number : throw new ArgumentException($"want a number above 0, got {number}.");

    static string Call(string name, IEnumerable<object> arguments, Initializer? init = null) =>
        $"{name}({string.Join(", ", arguments.Concat(init is null || init == Initializer.Default ? [] : [$"init: {init.Text}"])
            .Select(a => FormattableString.Invariant($"{a}")))})";

    static object[] Optional(double value, double usual, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(value))] string name = "") =>
        value == usual ? [] : [FormattableString.Invariant($"{name}: {value}")];
}
