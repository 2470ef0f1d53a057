using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>An example, and its reconstruction by an autoencoder.</summary>
/// <param name="Index">Place in the split, from 0.</param>
/// <param name="Wanted">Its numbers one after the other: the brightness of each pixel.</param>
/// <param name="Made">The network's, as many.</param>
/// <param name="Shape">Shape of the example: [1, 28, 28].</param>
public sealed record Reconstruction(int Index, ImmutableArray<float> Wanted, ImmutableArray<float> Made, ImmutableArray<long> Shape)
{
    /// <summary>Those of the first examples of a split.</summary>
    /// <param name="model">The model.</param>
    /// <param name="split">The examples.</param>
    /// <param name="objective">What it was trained for, such as <see cref="Objective.Reconstruct"/>: its targets are what is wanted.</param>
    /// <param name="count">How many at most.</param>
    /// <exception cref="ArgumentException">The targets have not the shape of the model's output.</exception>
    public static IReadOnlyList<Reconstruction> Of(Model model, Split split, Objective objective, int count)
    {
        using var scope = NewDisposeScope();
        var batch = objective.Prepare(Batches.Cut(split, ..Math.Min(count, split.Count)));
        var made = model.Apply(batch.Inputs);
        var wanted = batch.Targets.Want("targets", made.shape);
        return [.. Enumerable.Range(0, batch.Count).Select(i => new Reconstruction(i, Floats(wanted[i]), Floats(made[i]), [.. split.InputShape]))];
    }

    /// <summary>Place and shape of the example.</summary>
    public override string ToString() => $"Reconstruction: example {Index}, {Shapes.Show(Shape.AsSpan())}";

    static ImmutableArray<float> Floats(Tensor example) => [.. example.to_type(ScalarType.Float32).Numbers<float>()];
}
