using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>How an epoch's examples are ordered and cut.</summary>
public static class Batches
{
    /// <summary>Divisor of a pixel's byte for a brightness in [0, 1].</summary>
    public const double Unit = 255;

    /// <summary>
    /// Bytes as brightness in [0, 1], as torchvision's ToTensor makes it; any other numbers as they are.
    /// A new float32 tensor, or the floats themselves.
    /// </summary>
    public static Tensor Floats(Tensor inputs) => Floats(inputs, Unit);

    /// <summary>Bytes divided by a number, 1 for raw pixels; any other numbers as they are.</summary>
    public static Tensor Floats(Tensor inputs, double divisor) => inputs.dtype switch
    {
        ScalarType.Byte when divisor != 1 => inputs.to_type(ScalarType.Float32).Over_(divisor),
        ScalarType.Float32 or ScalarType.Float64 => inputs,
        _ => inputs.to_type(ScalarType.Float32),
    };

    /// <summary>The order in which PyTorch's DataLoader(shuffle=True) visits <paramref name="count"/> examples in one epoch.</summary>
    /// <remarks>
    /// The loader draws a base seed for its workers, then its RandomSampler draws the seed of the permutation; both from the global
    /// generator, here <paramref name="random"/>.
    /// </remarks>
    /// <returns>[count], int64, and the next generator.</returns>
    public static (Tensor Order, TorchRandom Next) Shuffle(TorchRandom random, int count)
    {
        var (_, afterBaseSeed) = random.Int64();
        var (seed, next) = afterBaseSeed.Int64();
        return (TorchRandom.Permutation(count, seed), next);
    }

    /// <summary>The generator after an epoch over DataLoader(shuffle=False), which draws its base seed though it shuffles nothing.</summary>
    public static TorchRandom InOrder(TorchRandom random) => random.Int64().Next;

    /// <summary>How many batches of <paramref name="size"/> there are, the last one smaller where it does not come out even.</summary>
    public static int Count(int count, int size) => (count + size - 1) / size;

    /// <summary>Consecutive ranges of <paramref name="size"/>, the last one smaller where it does not come out even.</summary>
    /// <exception cref="ArgumentOutOfRangeException">size is not above 0.</exception>
    public static IEnumerable<Range> Ranges(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return Enumerable.Range(0, Count(count, size)).Select(i => (i * size)..Math.Min((i + 1) * size, count));
    }

    /// <summary>The examples of <paramref name="range"/>, as views of the split.</summary>
    public static Batch Cut(Split split, Range range) => Batch.Of(split[range]);

    /// <summary>The examples that stand in <paramref name="range"/> of <paramref name="order"/>, copied.</summary>
    public static Batch Cut(Split split, Tensor order, Range range)
    {
        var (start, length) = range.GetOffsetAndLength((int)order.size(0));
        using var chosen = order.narrow(0, start, length);
        return Batch.Of(split.At(chosen));
    }
}

/// <summary>Some examples, cut from a split.</summary>
/// <param name="Inputs">[batch, …].</param>
/// <param name="Targets">[batch, …].</param>
public sealed record Batch(Tensor Inputs, Tensor Targets)
{
    /// <summary>The split's side columns, [batch, …] each.</summary>
    public ImmutableSortedDictionary<string, Tensor> Columns { get; private init; } = SideColumns.None;

    /// <summary>The side column of this name: <c>batch["teacher"]</c>.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those that there are.</exception>
    public Tensor this[string column] => Columns.Column(column);

    /// <summary>The same examples with a side column, or with other values of one.</summary>
    /// <exception cref="ArgumentException">There is not one row for each input, or the name is inputs, targets or empty.</exception>
    public Batch With(string column, Tensor values) => this with { Columns = Columns.With(column, values, Inputs) };

    /// <summary>All examples of a split.</summary>
    internal static Batch Of(Split split) => new(split.Inputs, split.Targets) { Columns = split.Columns };

    /// <summary>The same change of inputs, targets and columns.</summary>
    internal Batch Each(Func<Tensor, Tensor> change) => new(change(Inputs), change(Targets)) { Columns = Columns.Each(change) };

    /// <summary>Inputs, targets and columns.</summary>
    internal IEnumerable<Tensor> Tensors => [Inputs, Targets, .. Columns.Values];

    /// <summary>Number of examples.</summary>
    public int Count => (int)Inputs.size(0);

    /// <summary>Batch: inputs [512, 784] Float32, targets [512] Int64.</summary>
    public override string ToString() => $"Batch: inputs {Split.Shown(Inputs)}, targets {Split.Shown(Targets)}{Columns.Shown()}";
}
