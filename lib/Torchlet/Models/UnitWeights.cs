using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a unit of the first layer looks for.</summary>
/// <param name="Unit">From 0.</param>
/// <param name="Weights">Its weight of each pixel, row by row.</param>
public sealed record UnitWeights(int Unit, ImmutableArray<float> Weights)
{
    /// <summary>Every unit of a network's first layer.</summary>
    public static IReadOnlyList<UnitWeights> OfFirstLayer(Mlp model)
    {
        using var scope = NewDisposeScope();
        var weights = model.Layers[0].Weight.cpu().data<float>().ToArray();
        return [.. weights.Chunk(model.Sizes[0]).Select((row, unit) => new UnitWeights(unit, [.. row]))];
    }
}
