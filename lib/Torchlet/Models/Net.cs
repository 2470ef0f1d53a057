using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A layer fitted to the shape of its input, so that all its shapes are known. Shapes are those of one example.</summary>
/// <param name="Input">Shape of the input: [784], or [1, 28, 28].</param>
/// <param name="Output">Shape of the output.</param>
/// <param name="Parameters">The tensors that are learned.</param>
/// <param name="State">The tensors that the layer updates itself, such as running statistics.</param>
/// <param name="Forward">The forward pass.</param>
public sealed record Net(
    ImmutableArray<long> Input, ImmutableArray<long> Output, ImmutableArray<Slot> Parameters, ImmutableArray<Slot> State, Forward Forward)
{
    /// <summary>The forward pass. Another one, set by <c>with</c>, has no pullback: its gradient is left to automatic differentiation.</summary>
    public Forward Forward
    {
        get;
        init => (field, HasPullback) = (value, false);
    } = Forward;

    /// <summary>Whether <see cref="Forward"/> returns the pullback of its result; automatic differentiation finds the gradient otherwise.</summary>
    public bool HasPullback { get; init; }

    /// <summary>The layers that it consists of, one after the other; none if it is a single layer.</summary>
    public ImmutableArray<FittedLayer> Layers { get; init; } = [];

    /// <summary>The sub-layers of a custom layer; each may be applied any number of times.</summary>
    internal ImmutableArray<SubLayer> SubLayers { get; init; } = [];

    /// <summary>
    /// A part of the net: a layer by its name or its place, <c>fc1</c> or <c>0</c>, or a sub-layer of a custom layer, <c>encoder</c>; with dots between them
    /// where a part is inside another. The name alone finds the first part that has it.
    /// </summary>
    /// <exception cref="ArgumentException">No part has this name; the message lists the names.</exception>
    public SubLayer Part(string name)
    {
        var parts = Parts().ToList();
        return parts.FirstOrDefault(part => part.Name == name) ?? parts.FirstOrDefault(part => part.Name.EndsWith($".{name}", StringComparison.Ordinal))
            ?? throw new ArgumentException($"part: want one of {string.Join(", ", parts.Select(part => part.Name))}, got '{name}'.", nameof(name));
    }

    /// <summary>The parts in order, each followed by those inside it, with their whole names.</summary>
    IEnumerable<SubLayer> Parts()
    {
        foreach (var part in Direct())
        {
            yield return part;
            foreach (var inner in part.Net.Parts())
                yield return new(this, $"{part.Name}.{inner.Name}", inner.Net, part.Parameters.Start.Value + inner.Parameters.Start.Value,
                    part.States.Start.Value + inner.States.Start.Value);
        }

        IEnumerable<SubLayer> Direct()
        {
            foreach (var sub in SubLayers) yield return new(this, sub.Name, sub.Net, sub.Parameters.Start.Value, sub.States.Start.Value);
            var (p, s) = (0, 0);
            foreach (var (place, layer) in Layers.Index())
            {
                yield return new(this, layer.Call.NameAt(place), layer.Net, p, s);
                (p, s) = (p + layer.Net.Parameters.Length, s + layer.Net.State.Length);
            }
        }
    }

    /// <summary>The net as a table of its layers: <c>(Dense(50) >> Relu).Fit(784).Summary</c>.</summary>
    public NetSummary Summary => NetSummary.Of(this);

    /// <summary>The table of its layers.</summary>
    public override string ToString() => $"Net: {Summary}";

    /// <summary>Number of parameters.</summary>
    public long Count => Parameters.Sum(slot => slot.Count);

    /// <summary>Parameters and states drawn one after the other, as PyTorch draws them, parameters as one flat vector; and the next generator.</summary>
    /// <exception cref="ArgumentException">A slot draws a tensor of another shape or type than it declares.</exception>
    public (Model Model, TorchRandom Next) Init(TorchRandom random)
    {
        using var scope = NewDisposeScope();
        (var parameters, random) = Draw(Parameters, random);
        (var state, random) = Draw(State, random);
        var flat = parameters.IsEmpty ? zeros(0) : cat([.. parameters.Select(p => p.flatten())]);
        return (new Model(this, flat, state).MoveToOuterDisposeScope(), random);
    }

    /// <summary>The model with these parameters, one after the other, and these states.</summary>
    /// <exception cref="ArgumentException">Their number is not that of the net.</exception>
    public Model Model(ReadOnlyMemory<float> parameters, ImmutableArray<ReadOnlyMemory<float>> state)
    {
        if (parameters.Length != Count) throw new ArgumentException($"parameters: want {Count}, got {parameters.Length}.", nameof(parameters));
        if (state.Length != State.Length) throw new ArgumentException($"state: want {State.Length} tensors, got {state.Length}.", nameof(state));
        return new(this, Scopes.Native(parameters, Count), [.. State.Zip(state, (slot, values) => Scopes.Native(values, [.. slot.Shape]))]);
    }

    /// <summary>A view of a flat vector for each parameter; the caller's scope owns them.</summary>
    /// <exception cref="ArgumentException">The vector has another length than the parameters.</exception>
    public ImmutableArray<Tensor> Views(Tensor flat) => Views(flat.Want(nameof(flat), Count), Parameters);

    /// <summary>A view of a flat vector for each of these slots, which fill it; the caller's scope owns them.</summary>
    internal static ImmutableArray<Tensor> Views(Tensor flat, ImmutableArray<Slot> slots)
    {
        if (slots.IsEmpty) return [];
        // One split, not a narrow for each: the gradient of a split is one concatenation.
        return [.. flat.split([.. slots.Select(slot => slot.Count)], 0)
            .Zip(slots, (part, slot) => slot.Shape.Length == 1 ? part : View(part, slot.Shape))];
    }

    /// <summary>The same net with a prefix before the names of its parameters and states.</summary>
    internal Net Prefixed(string prefix) => this with
    {
        Parameters = [.. Parameters.Select(slot => slot with { Name = prefix + slot.Name })],
        State = [.. State.Select(slot => slot with { Name = prefix + slot.Name })],
        Layers = [.. Layers.Select(layer => layer with { Net = layer.Net.Prefixed(prefix) })],
        SubLayers = [.. SubLayers.Select(sub => sub.Prefixed(prefix))],
    };

    /// <summary>The layers that it consists of, those of its sub-layers included.</summary>
    internal IEnumerable<FittedLayer> Inside => Layers.Concat(SubLayers.SelectMany(sub => sub.Net.Inside));

    /// <summary>How many examples its inner layers see for one of its own: the tokens of Each.</summary>
    internal long Rows { get; init; } = 1;

    /// <summary>Numbers of the largest output of a layer for an example.</summary>
    internal double Largest => Math.Max(Shapes.Count(Output.AsSpan()), Rows * Inside.Select(layer => layer.Net.Largest).DefaultIfEmpty().Max());

    /// <summary>About how many multiplications it takes for an example: each output number takes those of a unit, a kernel or a window.</summary>
    internal double Products => Inside.Sum(layer =>
    {
        var (kind, inner) = (layer.Call.Kind, layer.Net.Products);
        return kind.Products is { } products ? products(layer, inner) : inner + (double)Shapes.Count(layer.Net.Output.AsSpan())
            * (kind.TakesInitializer && layer.Net.Parameters is [{ Shape: var shape }, ..] ? Shapes.Count(shape.AsSpan(1..))
                : kind.Arguments.Any(a => a.Name == "size") ? Math.Pow(layer.Call["size"], 2)
                : 1);
    });

    static (ImmutableArray<Tensor>, TorchRandom) Draw(ImmutableArray<Slot> slots, TorchRandom random)
    {
        var values = ImmutableArray.CreateBuilder<Tensor>(slots.Length);
        foreach (var slot in slots)
        {
            (var drawn, random) = slot.Init(random);
            values.Add(drawn.Want(slot.Name, ScalarType.Float32).Want(slot.Name, slot.Shape.AsSpan()));
        }
        return (values.MoveToImmutable(), random);
    }

    static Tensor View(Tensor part, ImmutableArray<long> shape)
    {
        using (part) return part.view([.. shape]);
    }
}

/// <summary>A layer of a net, with its own net.</summary>
/// <param name="Call">The layer.</param>
/// <param name="Net">The same for its input; parameters and states have the names that they have in the whole net.</param>
public sealed record FittedLayer(LayerCall Call, Net Net)
{
    /// <summary>Names of its parameters: 0.weight, 0.bias.</summary>
    public ImmutableArray<string> Parameters => [.. Net.Parameters.Select(slot => slot.Name)];

    /// <summary>Names of its states: 1.running_mean, 1.running_var.</summary>
    public ImmutableArray<string> State => [.. Net.State.Select(slot => slot.Name)];

    /// <summary>Dense(50): [784] to [50].</summary>
    public override string ToString() => $"{Call}: {Shapes.Show(Net.Input.AsSpan())} to {Shapes.Show(Net.Output.AsSpan())}";
}

/// <summary>One tensor among a model's parameters or states.</summary>
/// <param name="Name">Its name, as in a PyTorch state dict: <c>0.weight</c>, <c>fc1.bias</c>, <c>1.running_mean</c>.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Init">Draws its first values.</param>
public sealed record Slot(string Name, ImmutableArray<long> Shape, Func<TorchRandom, (Tensor Values, TorchRandom Next)> Init)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shapes.Count(Shape.AsSpan());

    /// <summary>Whether it is a matrix or a kernel: not a bias or the gain of a norm. Weight decay is usually meant for these.</summary>
    public static bool IsWeight(Slot slot) => slot.Shape.Length > 1;

    /// <summary>fc1.weight [50, 784].</summary>
    public override string ToString() => $"{Name} {Shapes.Show(Shape.AsSpan())}";
}

/// <summary>Forward pass of a layer: (parameters, state, x [batch, …], pass) ↦ result; the arguments are untouched.</summary>
public delegate LayerResult Forward(ImmutableArray<Tensor> parameters, ImmutableArray<Tensor> state, Tensor x, Pass pass);

/// <summary>Result of a layer's forward pass.</summary>
/// <param name="Y">The output: [batch, …].</param>
/// <param name="State">The layer's next state.</param>
/// <param name="Pass">The pass for the next layer.</param>
/// <param name="Pullback">The derivative, if the layer brings its own.</param>
public readonly record struct LayerResult(Tensor Y, ImmutableArray<Tensor> State, Pass Pass, Pullback? Pullback = null);

/// <summary>
/// Derivative of a layer at a batch: takes ∂loss/∂y, writes ∂loss/∂p into the views of the gradient, and returns a function to ∂loss/∂x, which
/// is not called for the first layer.
/// </summary>
/// <param name="dy">∂loss/∂y. The pullback may overwrite it.</param>
/// <param name="into">A view for each parameter, to be written once.</param>
public delegate Func<Tensor> Pullback(Tensor dy, ImmutableArray<Tensor> into);

/// <summary>Context of a forward pass: training or evaluation, and the random generator.</summary>
/// <param name="IsTraining">Whether the model is training: dropout drops, batch norm uses the batch's statistics.</param>
/// <param name="Random">The generator; a layer that draws hands on the next one.</param>
public readonly record struct Pass(bool IsTraining, TorchRandom? Random)
{
    /// <summary>The rows of the batch that this pass computes; null where it is not known. Random numbers are drawn for the whole batch.</summary>
    public Part? Part { get; init; }

    /// <summary>Whether dropout drops: in training, and in <see cref="DropoutOnly"/>.</summary>
    public bool HasDropout { get => field || IsTraining; private init; }

    /// <summary>Called with the name and the output of each layer, those inside others included; null for no call.</summary>
    internal Action<string, Tensor>? Watch { get; init; }

    /// <summary>Evaluation: nothing is random and no state changes.</summary>
    public static Pass Evaluation => default;

    /// <summary>Training with a generator.</summary>
    public static Pass Training(TorchRandom random) => new(true, random);

    /// <summary>
    /// Evaluation in which dropout drops and batch norm keeps to its running statistics, for Monte Carlo dropout: the spread of
    /// <c>model.Apply(x, pass)</c> over several passes tells how sure the model is. Source: Gal and Ghahramani 2016, arXiv:1506.02142.
    /// </summary>
    public static Pass DropoutOnly(TorchRandom random) => new(false, random) { HasDropout = true };

    /// <summary>The same pass for a layer of this name inside another.</summary>
    internal Pass Inside(string name) => Watch is { } watch ? this with { Watch = (inner, y) => watch($"{name}.{inner}", y) } : this;

    /// <summary>
    /// Random numbers for the rows of this pass, drawn for the whole batch, so that processes that share a batch draw what one process alone draws.
    /// </summary>
    /// <param name="rows">The first axis of the numbers: the pass's examples, or some rows for each of them.</param>
    /// <param name="draw">Draws as many rows as it is asked for.</param>
    /// <returns>The numbers, and the pass with the next generator.</returns>
    /// <exception cref="ArgumentException">The pass has no generator, or the rows are not those of its examples.</exception>
    internal (Tensor Numbers, Pass Next) Draw(long rows, Func<TorchRandom, long, (Tensor Numbers, TorchRandom Next)> draw)
    {
        var random = Random ?? throw new ArgumentException("want a pass with a generator, got none.");
        var part = Part ?? new(0, 1, 1);
        if (rows % part.Count != 0) throw new ArgumentException($"want some rows for each of {part.Count} examples, got {rows}.");
        var each = rows / part.Count;
        var (whole, next) = draw(random, each * part.Whole);
        return (part.Count == part.Whole ? whole : whole.narrow(0, each * part.First, rows), this with { Random = next });
    }
}

/// <summary>Rows of a batch whose other rows are computed elsewhere.</summary>
/// <param name="First">The first row, from 0.</param>
/// <param name="Count">How many rows.</param>
/// <param name="Whole">Rows of the whole batch.</param>
public readonly record struct Part(int First, int Count, int Whole);
