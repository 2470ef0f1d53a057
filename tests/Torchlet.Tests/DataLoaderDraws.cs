using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The draws of PyTorch's DataLoader from libtorch's global generator in an epoch.</summary>
static class DataLoaderDraws
{
    /// <summary>With shuffle=True: the base seed of its workers, and the seed of the order, [count], which is given.</summary>
    public static Tensor Shuffled(int count)
    {
        _ = Drawn();
        return TorchRandom.Permutation(count, Drawn());
    }

    /// <summary>With shuffle=False: the base seed.</summary>
    public static void InOrder() => _ = Drawn();

    static long Drawn() => (randint_long(long.MinValue, long.MaxValue) - long.MinValue) & long.MaxValue;
}
