using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A net with its numbers. The parameters are one flat vector, which an optimizer updates in a few kernels, and the layers see named views of it.
/// </summary>
/// <param name="Net">What it computes.</param>
/// <param name="Flat">The parameters one after the other, each row by row, as PyTorch orders a model's parameters: [count], float.</param>
/// <param name="State">What its layers remember: running statistics.</param>
public sealed record Model(Net Net, Tensor Flat, ImmutableArray<Tensor> State) : IHolds
{
    /// <summary>The parameters by name, as views over <see cref="Flat"/>, then the states; the caller's scope owns the views.</summary>
    public IEnumerable<(string Name, Tensor Values)> Named =>
        [.. Net.Parameters.Zip(Net.Views(Flat), (slot, view) => (slot.Name, view)), .. Net.State.Zip(State, (slot, values) => (slot.Name, values))];

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Flat, .. State];

    /// <summary>Output of the net for a batch, in evaluation: the logits of a classifier.</summary>
    /// <param name="x">[batch, …], float.</param>
    /// <returns>[batch, …].</returns>
    /// <exception cref="ArgumentException">x has another shape than the net's input.</exception>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Function()(x).MoveToOuterDisposeScope();
    }

    /// <summary>The function x ↦ <see cref="Apply(Tensor)"/>, for many x: it looks the parameters up once, and the caller's scope owns them.</summary>
    public Func<Tensor, Tensor> Function()
    {
        var parameters = Net.Views(Flat);
        return x =>
        {
            using var scope = NewDisposeScope();
            var y = Net.Forward(parameters, State, x.Want(nameof(x), [-1, .. Net.Input]), Pass.Evaluation).Y;
            return Own(y, x).MoveToOuterDisposeScope();
        };
    }

    /// <summary>A part of the model as a model of its own, a view of the same numbers that the caller's scope owns: see <see cref="Net.Part"/>.</summary>
    /// <example><c>run.Best().ToModel().Part("generator").Apply(noise)</c></example>
    public Model Part(string name)
    {
        var part = Net.Part(name);
        var start = Net.Parameters[..part.Parameters.Start].Sum(slot => slot.Count);
        return new(part.Net, Flat.narrow(0, start, part.Net.Count), State[part.States]);
    }

    /// <summary>Output of the net for a batch in another pass than evaluation, such as <see cref="Pass.DropoutOnly"/>; its next state is forgotten.</summary>
    /// <example>
    /// <c>var next = Pass.DropoutOnly(TorchRandom.Seeded(0)); for (…) { (var y, next) = model.Apply(x, next); … }</c> draws another net each time.
    /// </example>
    /// <returns>[batch, …], and the pass with the next generator.</returns>
    /// <inheritdoc cref="Apply(Tensor)"/>
    public (Tensor Output, Pass Next) Apply(Tensor x, Pass pass)
    {
        using var scope = NewDisposeScope();
        var result = Net.Forward(Net.Views(Flat), State, x.Want(nameof(x), [-1, .. Net.Input]), pass);
        return (Own(result.Y, x).MoveToOuterDisposeScope(), result.Pass);
    }

    /// <summary>
    /// The output of every layer for a batch, in the order of computation, by the name before its parameters: 0, 1.0, 1, fc1. A layer inside another
    /// comes before that one, as often as it is applied.
    /// </summary>
    /// <example><c>model.Taps(x).Last(tap => tap.Name == "3").Output</c> is what the layer 3 gives.</example>
    /// <param name="x">[batch, …], float.</param>
    /// <param name="pass">Evaluation if not given.</param>
    /// <returns>
    /// Names and outputs, [batch, …]. The last one is the model's. An output that depends on a tensor with requires_grad can be differentiated by it, and
    /// the later ones by the earlier. A layer that does nothing, as dropout in evaluation, gives the tensor before it.
    /// </returns>
    /// <exception cref="ArgumentException">x has another shape than the net's input.</exception>
    public IReadOnlyList<(string Name, Tensor Output)> Taps(Tensor x, Pass pass = default)
    {
        using var scope = NewDisposeScope();
        var taps = new List<(string Name, Tensor Output)>();
        // A custom layer may have a scope, which ends before this one does.
        _ = Apply(x, pass with { Watch = (name, y) => taps.Add((name, Own(y, x).DetachFromDisposeScope())) });
        foreach (var (_, output) in taps) output.MoveToOtherDisposeScope(scope).MoveToOuterDisposeScope();
        return taps;
    }

    /// <summary>
    /// The model cut in two, each half with its parameters and states, which are views of this one's: <c>model.Cut(^1).First</c> gives the features before
    /// the last layer. Layers of the second half without a name are numbered from 0 again, as nn.Sequential numbers those of a slice.
    /// </summary>
    /// <param name="at">Place of the first layer of the second half: of n layers, from 0 to n.</param>
    /// <exception cref="ArgumentException">There are fewer layers.</exception>
    public (Model First, Model Second) Cut(Index at)
    {
        var (layers, place) = (Net.Layers, at.GetOffset(Net.Layers.Length));
        if (place < 0 || place > layers.Length) throw new ArgumentException($"at: want a place from 0 to {layers.Length}, got {place}.", nameof(at));
        var (first, second) = (Fitted(layers[..place], Net.Input), Fitted(layers[place..], place == 0 ? Net.Input : layers[place - 1].Net.Output));
        return (new(first, Flat.narrow(0, 0, first.Count), Views(State[..first.State.Length])),
            new(second, Flat.narrow(0, first.Count, second.Count), Views(State[first.State.Length..])));

        static Net Fitted(ImmutableArray<FittedLayer> layers, ImmutableArray<long> input) => new Layer([.. layers.Select(layer => layer.Call)]).Fit(input);
        static ImmutableArray<Tensor> Views(ImmutableArray<Tensor> state) => [.. state.Select(s => s.alias())];
    }

    /// <summary>The model cut in two before the layer of this name, the one before its parameters: <c>model.Cut("fc2")</c>.</summary>
    /// <exception cref="ArgumentException">No layer has this name.</exception>
    /// <inheritdoc cref="Cut(Index)"/>
    public (Model First, Model Second) Cut(string name)
    {
        var names = Net.Layers.Select((layer, place) => layer.Call.NameAt(place)).ToList();
        return names.IndexOf(name) is >= 0 and var place ? Cut(place)
            : throw new ArgumentException($"name: want one of {string.Join(", ", names)}, got '{name}'.", nameof(name));
    }

    /// <summary>The same model with its numbers on <paramref name="device"/>.</summary>
    public Model To(Device device) => this with { Flat = Flat.to(device), State = [.. State.Select(s => s.to(device))] };

    /// <summary>The table of its layers.</summary>
    public override string ToString() => $"Model: {Net.Summary}";

    // The caller's tensor must not move to another scope.
    static Tensor Own(Tensor y, Tensor x) => ReferenceEquals(y, x) ? y.alias() : y;

    internal Model MoveToOuterDisposeScope()
    {
        foreach (var tensor in Tensors) tensor.MoveToOuterDisposeScope();
        return this;
    }
}
