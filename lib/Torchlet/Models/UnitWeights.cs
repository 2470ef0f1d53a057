using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Weights of a unit of the first layer.</summary>
/// <param name="Unit">From 0.</param>
/// <param name="Weights">Its weight of each input, row by row.</param>
/// <param name="Shape">The shape of what it looks at: that of an example, or of a convolution's kernel.</param>
public sealed record UnitWeights(int Unit, ImmutableArray<float> Weights, ImmutableArray<long> Shape)
{
    /// <summary>Number and shape of the unit.</summary>
    public override string ToString() => $"UnitWeights: unit {Unit}, {Shapes.Show(Shape.AsSpan())}";

    /// <summary>Every unit of a model's first layer with weights; none where it has no such layer.</summary>
    public static IReadOnlyList<UnitWeights> OfFirstLayer(Model model)
    {
        using var scope = NewDisposeScope();
        if (model.Named.FirstOrDefault(p => p.Values.ndim > 1) is not { Values: { } weights }) return [];
        ImmutableArray<long> own = [.. weights.shape[1..]];
        var shape = Shapes.Count(model.Net.Input.AsSpan()) == Shapes.Count(own.AsSpan()) ? model.Net.Input : own;
        return [.. weights.flatten(1).Numbers<float>().Chunk((int)Shapes.Count(own.AsSpan()))
            .Select((row, unit) => new UnitWeights(unit, [.. row], shape))];
    }
}
