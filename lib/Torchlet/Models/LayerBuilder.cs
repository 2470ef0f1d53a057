using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Declares the parts of a custom layer while it is fitted to its input: see <see cref="Layers.Custom"/>.</summary>
public sealed class LayerBuilder
{
    readonly ImmutableArray<Slot>.Builder parameters = ImmutableArray.CreateBuilder<Slot>(), states = ImmutableArray.CreateBuilder<Slot>();
    readonly ImmutableArray<(string Name, Net Net)>.Builder subLayers = ImmutableArray.CreateBuilder<(string Name, Net Net)>();

    LayerBuilder(ImmutableArray<long> input) => Input = input;

    /// <summary>Shape of the layer's input, that of one example.</summary>
    public ImmutableArray<long> Input { get; }

    /// <summary>A sub-layer. It may be applied any number of times.</summary>
    /// <param name="name">The prefix of its parameters' names.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of its input, that of one example.</param>
    public SubLayer Layer(string name, Layer layer, params ImmutableArray<long> input)
    {
        var net = layer.Fit(input).Prefixed($"{LayerCall.CheckedName(name)}.");
        var sub = new SubLayer(net, parameters.Count, states.Count);
        parameters.AddRange(net.Parameters);
        states.AddRange(net.State);
        subLayers.Add((name, net));
        return sub;
    }

    /// <summary>A tensor that is learned.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape: [out, in, …] of a weight.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    public LayerWeight Weight(string name, ImmutableArray<long> shape, Initializer? init = null)
    {
        var kernel = shape.Length > 2 ? Shapes.Count(shape.AsSpan(2..)) : 1;
        var (fanOut, fanIn) = (shape.FirstOrDefault(1) * kernel, (shape.Length > 1 ? shape[1] : shape.FirstOrDefault(1)) * kernel);
        return Weight(name, shape, random => (init ?? Initializer.Default).Weight(random, shape.AsSpan(), fanIn, fanOut));
    }

    /// <summary>A tensor that is learned, with first values of a custom draw.</summary>
    /// <inheritdoc cref="Weight(string, ImmutableArray{long}, Initializer?)"/>
    public LayerWeight Weight(string name, ImmutableArray<long> shape, Func<TorchRandom, (Tensor Values, TorchRandom Next)> init)
    {
        parameters.Add(new(LayerCall.CheckedName(name), shape, init));
        return new(parameters.Count - 1);
    }

    /// <summary>A tensor that the layer updates itself, in training: a running statistic. float32.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="value">Its first value, the same everywhere.</param>
    public LayerState State(string name, ImmutableArray<long> shape, double value = 0)
    {
        states.Add(Layers.Filled(LayerCall.CheckedName(name), shape, value));
        return new(states.Count - 1);
    }

    /// <summary>The net of a custom layer for an input's shape.</summary>
    internal static Net Net(ImmutableArray<long> input, Func<LayerBuilder, (ImmutableArray<long> Output, Func<LayerPass, Tensor, Tensor> Forward)> build)
    {
        var builder = new LayerBuilder(input);
        var (output, forward) = build(builder);
        return new(input, output, builder.parameters.ToImmutable(), builder.states.ToImmutable(), (p, state, x, pass) =>
        {
            var layerPass = new LayerPass(p, state, pass, x.device);
            var y = forward(layerPass, x);
            return new(y, layerPass.States, layerPass.Pass);
        })
        { SubLayers = builder.subLayers.ToImmutable() };
    }
}

/// <summary>A sub-layer of a custom layer.</summary>
public sealed class SubLayer
{
    internal SubLayer(Net net, int parameter, int state) => (Net, Parameters, States) =
        (net, parameter..(parameter + net.Parameters.Length), state..(state + net.State.Length));

    internal Net Net { get; }

    internal Range Parameters { get; }

    internal Range States { get; }

    /// <summary>Shape of its output, that of one example.</summary>
    public ImmutableArray<long> Output => Net.Output;
}

/// <summary>A weight of a custom layer.</summary>
public readonly record struct LayerWeight(int Index);

/// <summary>A state of a custom layer.</summary>
public readonly record struct LayerState(int Index);

/// <summary>One forward pass of a custom layer: its weights, states and random numbers.</summary>
public sealed class LayerPass
{
    readonly ImmutableArray<Tensor> parameters;
    readonly Device device;

    internal LayerPass(ImmutableArray<Tensor> parameters, ImmutableArray<Tensor> states, Pass pass, Device device) =>
        (this.parameters, States, Pass, this.device) = (parameters, states, pass, device);

    internal ImmutableArray<Tensor> States { get; private set; }

    internal Pass Pass { get; private set; }

    /// <summary>Whether the model is training.</summary>
    public bool IsTraining => Pass.IsTraining;

    /// <summary>A weight.</summary>
    public Tensor this[LayerWeight weight] => parameters[weight.Index];

    /// <summary>A state. Set the next one in training; the one that is there is not to be changed in place.</summary>
    public Tensor this[LayerState state]
    {
        get => States[state.Index];
        set => States = States.SetItem(state.Index, value);
    }

    /// <summary>Output of a sub-layer.</summary>
    /// <param name="layer">The sub-layer.</param>
    /// <param name="x">[rows, …], some rows for each example.</param>
    public Tensor Apply(SubLayer layer, Tensor x)
    {
        var result = layer.Net.Forward(parameters[layer.Parameters], States[layer.States], x.Want(nameof(x), [-1, .. layer.Net.Input]), Pass);
        var (start, end) = (layer.States.Start.Value, layer.States.End.Value);
        (States, Pass) = ([.. States[..start], .. result.State, .. States[end..]], result.Pass);
        return result.Y;
    }

    /// <summary>Numbers of a normal distribution. The first axis of the shape counts rows, some for each example.</summary>
    public Tensor Normal(ReadOnlySpan<long> shape, double mean = 0, double deviation = 1)
    {
        var row = shape[1..].ToArray();
        return Draw(shape[0], (random, rows) => random.Normal([rows, .. row], mean, deviation));
    }

    /// <summary>Numbers uniform in [low, high).</summary>
    /// <inheritdoc cref="Normal"/>
    public Tensor Uniform(ReadOnlySpan<long> shape, double low = 0, double high = 1)
    {
        var row = shape[1..].ToArray();
        return Draw(shape[0], (random, rows) => random.Uniform([rows, .. row], low, high));
    }

    /// <summary>1 with a probability, else 0.</summary>
    /// <inheritdoc cref="Normal"/>
    public Tensor Bernoulli(ReadOnlySpan<long> shape, double probability)
    {
        var row = shape[1..].ToArray();
        return Draw(shape[0], (random, rows) => random.Bernoulli(empty([rows, .. row]), probability));
    }

    Tensor Draw(long rows, Func<TorchRandom, long, (Tensor Numbers, TorchRandom Next)> draw)
    {
        var (numbers, next) = Pass.Draw(rows, draw);
        Pass = next;
        return numbers.to(device);
    }
}
