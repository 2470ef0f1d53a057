using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The place of one tensor among a model's parameters or states.</summary>
/// <param name="Name">Its name, as a state dict has it: <c>0.weight</c>, <c>fc1.bias</c>, <c>1.running_mean</c>.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Init">Draws its first values.</param>
public sealed record Slot(string Name, ImmutableArray<long> Shape, Func<TorchRandom, (Tensor Values, TorchRandom Next)> Init)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shapes.Count(Shape.AsSpan());

    /// <summary>Whether it is a matrix or a kernel: not a bias, nor the gain of a norm. What weight decay is usually meant for.</summary>
    public static bool IsWeight(Slot slot) => slot.Shape.Length > 1;
}
