using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// Start weights of a training: parameters and states by their names, all of them or some. What is not taken is drawn as usual, and the optimizer starts
/// fresh. Torchlet.Experiments adds <c>Start.From</c>, which takes those of a file or a run.
/// </summary>
/// <example><c>recipe with { Start = Start.Of(pretrained, only: p => !p.Name.StartsWith("fc3.")) }</c></example>
public static class Start
{
    /// <summary>The weights of a model, copied now. The record of a run has their hash.</summary>
    /// <param name="model">The model.</param>
    /// <param name="only">Which parameters and states of the trained model are taken; all of them if not given.</param>
    /// <exception cref="ArgumentException">From the training: the model has no array of a name that is taken, or one of another shape.</exception>
    public static Func<Model, Model> Of(Model model, Func<Slot, bool>? only = null)
    {
        var slots = model.Net.Parameters.Concat(model.Net.State);
        using var scope = NewDisposeScope();
        var weights = slots.Zip(model.Net.Views(model.Flat).Concat(model.State)).ToImmutableSortedDictionary(
            pair => pair.First.Name, pair => new Values(pair.First.Shape, ImmutableCollectionsMarshal.AsImmutableArray(pair.Second.Numbers<float>())),
            StringComparer.Ordinal);
        return new StartWeights($"Of({Hash(slots.Where(slot => only?.Invoke(slot) != false).Select(slot => weights[slot.Name]))})", "the given model",
            new(weights), only).Of;
    }

    static string Hash(IEnumerable<Values> values)
    {
        const int shown = 8;
        var bytes = values.SelectMany(v => MemoryMarshal.AsBytes<float>(v.Numbers.AsSpan()).ToArray()).ToArray();
        return Convert.ToHexStringLower(SHA256.HashData(bytes))[..shown];
    }
}

/// <summary>Start weights by name, with the text that the record of a run has.</summary>
/// <param name="Text">The text.</param>
/// <param name="Source">Where they are from, in words.</param>
/// <param name="Weights">The arrays by name; read when they are first needed, since a resumed training needs them no more.</param>
/// <param name="Only">Which parameters and states are taken; all if null.</param>
record StartWeights(string Text, string Source, Lazy<ImmutableSortedDictionary<string, Values>> Weights, Func<Slot, bool>? Only) : INamed
{
    /// <summary>Where they are from, in words.</summary>
    public virtual string Source { get; } = Source;

    /// <summary>The model with these weights in place of its own; the caller's scope owns it.</summary>
    /// <exception cref="ArgumentException">An array does not fit; the message names it and says why.</exception>
    public Model Of(Model drawn)
    {
        var taken = Taken(drawn.Net);
        using var scope = NewDisposeScope();
        var parameters = drawn.Net.Parameters.Zip(drawn.Net.Views(drawn.Flat), Started).Select(values => values.flatten()).ToArray();
        return (drawn with
        {
            Flat = parameters.Length == 0 ? drawn.Flat.clone() : cat(parameters),
            State = [.. drawn.Net.State.Zip(drawn.State, (slot, values) => Started(slot, values).clone())],
        }).MoveToOuterDisposeScope();

        Tensor Started(Slot slot, Tensor values) =>
            taken.Contains(slot.Name) ? Scopes.Native(Weights.Value[slot.Name].Numbers.AsMemory(), [.. slot.Shape]) : values;
    }

    /// <summary>The names of what a net takes; the others are drawn.</summary>
    /// <inheritdoc cref="Of" path="/exception"/>
    public ImmutableArray<string> Taken(Net net)
    {
        var (all, given) = (Names(net), Weights.Value);
        var chosen = net.Parameters.Concat(net.State).Where(slot => Only?.Invoke(slot) != false).ToList();
        if (chosen.Count == 0) throw new ArgumentException($"Start: {Source}: nothing is taken of {Listed(all)}.");
        var unknown = Only is null ? given.Keys.Except(all).Select(name => $"the model has no {name}") : [];
        var wrong = chosen.Select(Misfit).OfType<string>().Concat(unknown).ToList();
        return wrong.Count == 0 ? [.. chosen.Select(slot => slot.Name)]
            : throw new ArgumentException($"Start: {Source} does not fit: {Listed(wrong)}; choose by only what is taken.");
    }

    /// <summary>The names of what is drawn.</summary>
    public ImmutableArray<string> Drawn(Net net) => [.. Names(net).Except(Taken(net))];

    /// <summary>The taken and the drawn names, in a line.</summary>
    public string Line(Net net)
    {
        var drawn = Drawn(net);
        return $"Start: {Listed(Taken(net))} from {Source}; drawn: {(drawn.IsEmpty ? "nothing" : Listed(drawn))}";
    }

    static ImmutableArray<string> Names(Net net) => [.. net.Parameters.Concat(net.State).Select(slot => slot.Name)];

    string? Misfit(Slot slot) => !Weights.Value.TryGetValue(slot.Name, out var values) ? $"it has no {slot.Name}"
        : values.Shape.SequenceEqual(slot.Shape) ? null
        : $"{slot.Name} is {Shapes.Show(values.Shape.AsSpan())} there, and {Shapes.Show(slot.Shape.AsSpan())} in the model";

    static string Listed(IReadOnlyCollection<string> names)
    {
        const int most = 6;
        return string.Join(", ", names.Take(most)) + (names.Count > most ? $", … ({names.Count} in all)" : "");
    }
}
