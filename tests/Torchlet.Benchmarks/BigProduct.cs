using static TorchSharp.torch;

namespace Torchlet.Benchmarks;

/// <summary>A product of two matrices of 2,000 rows and columns: about the most arithmetic in a second that this machine has.</summary>
sealed class BigProduct(Device device) : IDisposable
{
    const int Side = 2000, Times = 5;

    readonly Tensor a = randn(Side, Side, device: device), b = randn(Side, Side, device: device), product = empty(Side, Side, device: device);

    /// <summary>10⁹ operations a second, of the fastest of a few.</summary>
    public double GflopPerSecond()
    {
        var multiply = EpochContest.Timed(() => product.addmm_(a, b, beta: 0, alpha: 1));
        return 2e-9 * Side * Side * Side / Enumerable.Range(0, Times).Min(_ => multiply());
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { a, b, product }) tensor.Dispose();
    }
}
