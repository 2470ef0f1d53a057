using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Helpers of several tests of tensors.</summary>
static class Tensors
{
    /// <summary>Normal random numbers, the same on every run.</summary>
    public static Tensor Normal(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randn(shape, ScalarType.Float32, generator: generator);
    }

    /// <summary>Labels 0 … classes − 1, the same on every run.</summary>
    public static Tensor Labels(int seed, int count, int classes)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randint(0, classes, [count], ScalarType.Int64, generator: generator);
    }

    /// <summary>Fails if an element of the two differs by more than <paramref name="tolerance"/>; NaN equals NaN.</summary>
    public static void AssertClose(Tensor want, Tensor got, double tolerance)
    {
        Assert.Equal(want.shape, got.shape);
        Assert.True(allclose(want.to_type(ScalarType.Float64), got.to_type(ScalarType.Float64), rtol: 0, atol: tolerance, equal_nan: true),
            $"want {want.ToString(TorchSharp.TensorStringStyle.Numpy)}\ngot {got.ToString(TorchSharp.TensorStringStyle.Numpy)}");
    }

    /// <summary>How many tensors this thread has made and not disposed of.</summary>
    public static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    extension(Mlp)
    {
        /// <summary>The perceptron of these sizes: [784, 50, 100, 10] for 784 inputs and 10 outputs.</summary>
        public static Net Net(ImmutableArray<int> sizes, Layer activation) => Mlp.Layer(sizes[1..^1], activation, sizes[^1]).Fit(sizes[0]);
    }

    /// <summary>A network with small sizes.</summary>
    public static Model SmallMlp(int seed = 0) => Mlp.Net([6, 5, 4, 3], Layers.Sigmoid).Init(TorchRandom.Seeded(seed)).Model;

    /// <summary>Data with <paramref name="pixels"/> random numbers in 0 … 1 whose label is the brightest of ten regions: learnable, and small.</summary>
    public static Dataset SmallData(int train = 2000, int test = 500, int pixels = 50)
    {
        Split Split(int seed, int count)
        {
            var images = randint(0, 256, [count, pixels], ScalarType.Byte, generator: new Generator((ulong)seed, CPU));
            return new(Batches.Floats(images), images.view(count, 10, -1).to_type(ScalarType.Float32).sum(2).argmax(1));
        }
        var data = Dataset.Of("small", Split(1, train), Split(2, test), [.. Enumerable.Range(0, 10).Select(d => $"{d}")]);
        // A static field may be initialised within a test's dispose scope, which would free it.
        foreach (var tensor in data.Tensors) tensor.DetachFromDisposeScope();
        return data;
    }

    /// <summary>A script's run that no script has, on these data if they are given.</summary>
    public static Run<T> Run<T>(T config, Dataset? data = null, T? defaults = null, ScriptRuns? runs = null) where T : ScriptConfig, new() =>
        new(config, defaults ?? new(), runs ?? new("script", isListed: false), data);

    /// <summary>A clock for tests: every epoch takes a second.</summary>
    public static IEnumerable<Epoch> Timed(IEnumerable<Epoch> epochs) => epochs.Select(epoch => epoch with { Elapsed = TimeSpan.FromSeconds(1) });

    /// <summary>The figures of an epoch of a classifier.</summary>
    public static Epoch Row(int index, double trainLoss, double testLoss, double testAccuracy) =>
        new(index, trainLoss, new(testLoss, ("accuracy", testAccuracy)));
}
