using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a unit of the first layer looks for.</summary>
/// <param name="Unit">From 0.</param>
/// <param name="Weights">Its weight of each pixel, row by row.</param>
public sealed record UnitWeights(int Unit, ImmutableArray<float> Weights)
{
    /// <summary>Every unit of a model's first layer with weights; none where it has no such layer.</summary>
    public static IReadOnlyList<UnitWeights> OfFirstLayer(Model model)
    {
        using var scope = NewDisposeScope();
        return model.Named.FirstOrDefault(p => p.Values.ndim > 1) is not { Values: { } weights } ? []
            : [.. weights.flatten(1).cpu().data<float>().ToArray().Chunk((int)(weights.numel() / weights.size(0)))
                .Select((row, unit) => new UnitWeights(unit, [.. row]))];
    }
}
