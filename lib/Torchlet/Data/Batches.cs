using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Some examples, cut from a split.</summary>
/// <param name="Images">[batch, pixels], float32.</param>
/// <param name="Labels">[batch], int64.</param>
public sealed record Batch(Tensor Images, Tensor Labels);

/// <summary>How an epoch's examples are ordered and cut.</summary>
public static class Batches
{
    /// <summary>Divides a byte into a brightness in [0, 1], as torchvision's ToTensor does.</summary>
    public const double Unit = 255;

    /// <summary>The order in which PyTorch's DataLoader(shuffle=True) visits <paramref name="count"/> examples in one epoch.</summary>
    /// <remarks>
    /// The loader draws a base seed for its workers, then its RandomSampler draws the seed of the permutation; both from the global
    /// generator, which <paramref name="random"/> stands for.
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

    /// <summary>Consecutive ranges of <paramref name="size"/>, the last one smaller where it does not come out even.</summary>
    public static IEnumerable<Range> Ranges(int count, int size)
    {
        for (var start = 0; start < count; start += size)
            yield return start..Math.Min(start + size, count);
    }

    /// <summary>The examples of <paramref name="range"/>, as they stand.</summary>
    /// <param name="split">The examples.</param>
    /// <param name="range">Which of them.</param>
    /// <param name="divisor">What a pixel's byte is divided by: <see cref="Unit"/>, or 1 for raw pixels.</param>
    public static Batch Cut(Split split, Range range, double divisor = Unit)
    {
        using var scope = NewDisposeScope();
        var (start, length) = range.GetOffsetAndLength(split.Count);
        var (images, labels) = (split.Images.narrow(0, start, length), split.Labels.narrow(0, start, length));
        return new(Floats(images, divisor).MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }

    /// <summary>The examples that stand in <paramref name="range"/> of <paramref name="order"/>, pixels in [0, 1].</summary>
    public static Batch Cut(Split split, Tensor order, Range range)
    {
        using var scope = NewDisposeScope();
        var (start, length) = range.GetOffsetAndLength(split.Count);
        var chosen = order.narrow(0, start, length);
        var (images, labels) = (split.Images.index_select(0, chosen), split.Labels.index_select(0, chosen));
        return new(Floats(images, Unit).MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }

    static Tensor Floats(Tensor bytes, double divisor) => bytes.to_type(ScalarType.Float32) is var floats && divisor == 1 ? floats : floats.Over_(divisor);
}
