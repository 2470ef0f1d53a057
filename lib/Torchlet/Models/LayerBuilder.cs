using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Declares the parts of a custom layer while it is fitted to its input: see <see cref="Layers.Custom"/>.</summary>
public sealed class LayerBuilder
{
    readonly ImmutableArray<Slot>.Builder parameters = ImmutableArray.CreateBuilder<Slot>(), states = ImmutableArray.CreateBuilder<Slot>();
    readonly ImmutableArray<SubLayer>.Builder subLayers = ImmutableArray.CreateBuilder<SubLayer>();

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
        var sub = new SubLayer(this, name, net, parameters.Count, states.Count);
        parameters.AddRange(net.Parameters);
        states.AddRange(net.State);
        subLayers.Add(sub);
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
        parameters.Add(new(LayerCall.CheckedName(name), Checked(name, shape), init));
        return new(this, parameters.Count - 1);
    }

    /// <summary>A tensor that the layer updates itself, in training: a running statistic. float32.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="value">Its first value, the same everywhere.</param>
    public LayerState State(string name, ImmutableArray<long> shape, double value = 0)
    {
        states.Add(Layers.Filled(LayerCall.CheckedName(name), Checked(name, shape), value));
        return new(this, states.Count - 1);
    }

    static ImmutableArray<long> Checked(string name, ImmutableArray<long> shape) => shape.All(length => length > 0) ? shape
        : throw new ArgumentException($"{name}: want axes of a length of 1 or more, got {Shapes.Show(shape.AsSpan())}", nameof(shape));

    /// <summary>The net of a custom layer for an input's shape.</summary>
    internal static Net Net(ImmutableArray<long> input, Func<LayerBuilder, (ImmutableArray<long> Output, Func<LayerPass, Tensor, Tensor> Forward)> build)
    {
        var builder = new LayerBuilder(input);
        var (output, forward) = build(builder);
        if (output.IsDefault || forward is null) throw new ArgumentException("want a shape of the output and a forward function, got none");
        return new(input, output, builder.parameters.ToImmutable(), builder.states.ToImmutable(), (p, state, x, pass) =>
        {
            var layerPass = new LayerPass(builder, p, state, pass, x.device);
            var y = forward(layerPass, x);
            return new(y, layerPass.States, layerPass.Pass);
        })
        { SubLayers = builder.subLayers.ToImmutable() };
    }
}

/// <summary>A sub-layer of a custom layer, or a part of a model.</summary>
public sealed class SubLayer
{
    internal SubLayer(object owner, string name, Net net, int parameter, int state) => (Owner, Name, Net, Parameters, States) =
        (owner, name, net, parameter..(parameter + net.Parameters.Length), state..(state + net.State.Length));

    internal object Owner { get; }

    internal string Name { get; }

    internal Net Net { get; }

    internal Range Parameters { get; }

    internal Range States { get; }

    /// <summary>Shape of its output, that of one example.</summary>
    public ImmutableArray<long> Output => Net.Output;

    /// <summary>The same with a prefix before the names of its parameters and states.</summary>
    internal SubLayer Prefixed(string prefix) => new(Owner, Name, Net.Prefixed(prefix), Parameters.Start.Value, States.Start.Value);
}

/// <summary>A weight of a custom layer.</summary>
public sealed class LayerWeight
{
    internal LayerWeight(LayerBuilder owner, int index) => (Owner, Index) = (owner, index);

    internal LayerBuilder Owner { get; }

    internal int Index { get; }
}

/// <summary>A state of a custom layer.</summary>
public sealed class LayerState
{
    internal LayerState(LayerBuilder owner, int index) => (Owner, Index) = (owner, index);

    internal LayerBuilder Owner { get; }

    internal int Index { get; }
}

/// <summary>One forward pass of a custom layer: its weights, states and random numbers.</summary>
public class LayerPass
{
    readonly object owner;
    readonly ImmutableArray<Tensor> parameters;
    readonly Device device;

    internal LayerPass(object owner, ImmutableArray<Tensor> parameters, ImmutableArray<Tensor> states, Pass pass, Device device) =>
        (this.owner, this.parameters, States, Pass, this.device) = (owner, parameters, states, pass, device);

    internal ImmutableArray<Tensor> States { get; private set; }

    internal Pass Pass { get; private set; }

    /// <summary>Whether the model is training.</summary>
    public bool IsTraining => Pass.IsTraining;

    /// <summary>A weight.</summary>
    /// <exception cref="ArgumentException">It is a weight of another layer.</exception>
    public Tensor this[LayerWeight weight] => parameters[Own(weight.Owner, weight.Index, "weight")];

    /// <summary>A state. Set the next one in training; what is set in evaluation is forgotten.</summary>
    /// <exception cref="ArgumentException">It is a state of another layer.</exception>
    public Tensor this[LayerState state]
    {
        get => States[Own(state.Owner, state.Index, "state")];
        set => States = States.SetItem(Own(state.Owner, state.Index, "state"), value);
    }

    /// <summary>Output of a sub-layer.</summary>
    /// <param name="layer">The sub-layer.</param>
    /// <param name="x">[rows, …], some rows for each example.</param>
    /// <exception cref="ArgumentException">It is a sub-layer of another layer, or x has another shape than its input.</exception>
    public Tensor Apply(SubLayer layer, Tensor x)
    {
        _ = Own(layer.Owner, 0, "sub-layer");
        using var scope = NewDisposeScope();
        var result = layer.Net.Forward(
            parameters[layer.Parameters], States[layer.States], x.Want(nameof(x), [-1, .. layer.Net.Input]), Pass.Inside(layer.Name));
        var (start, end) = (layer.States.Start.Value, layer.States.End.Value);
        result.State.MoveOut(before: States);
        (States, Pass) = ([.. States[..start], .. result.State, .. States[end..]], result.Pass with { Watch = Pass.Watch });
        Pass.Watch?.Invoke(layer.Name, result.Y);
        return (ReferenceEquals(result.Y, x) ? x.alias() : result.Y).MoveToOuterDisposeScope(); // What the caller gave stays the caller's.
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

    T Own<T>(object declaredBy, T value, string what) =>
        ReferenceEquals(declaredBy, owner) ? value : throw new ArgumentException($"want a {what} that this layer declared, got one of another layer");

    Tensor Draw(long rows, Func<TorchRandom, long, (Tensor Numbers, TorchRandom Next)> draw)
    {
        var (numbers, next) = Pass.Draw(rows, draw);
        Pass = next;
        return numbers.to(device);
    }
}
