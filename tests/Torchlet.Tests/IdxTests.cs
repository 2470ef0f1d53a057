using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public sealed class IdxTests : IDisposable
{
    readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void What_was_written_is_read()
    {
        using var scope = NewDisposeScope();
        var pixels = Enumerable.Range(0, 2 * 3 * 4).Select(i => (byte)i).ToArray();
        Tensors.AssertClose(tensor(pixels).view(2, 3, 4), Images(Idx.Bytes(pixels, 2, 3, 4)), 0);
        Tensors.AssertClose(tensor(new byte[] { 7, 0, 9 }), Labels(Idx.Bytes([7, 0, 9], 3)), 0);
    }

    [Theory]
    [InlineData(new byte[0], "is empty")]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "begins with nothing")] // Nothing, packed by gzip.
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0 }, "begins with 00 00 08 01")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 28, 0, 0, 0, 28 }, "4294967295 × 28 × 28 images")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6 }, "1 bytes, but 2 bytes follow")]
    public void A_bad_file_is_refused_with_the_reason(byte[] bytes, string because) =>
        Assert.Contains(because, Assert.Throws<TorchletException>(() => Images(bytes)).Message);

    [Fact]
    public void Any_bytes_are_read_or_refused() => Mutate(5000);

    [Fact]
    public void Nothing_is_left_but_the_result()
    {
        var before = Tensors.Live;
        Images(Idx.Bytes([1, 2, 3, 4], 1, 2, 2)).Dispose();
        Labels(Idx.Bytes([7], 1)).Dispose();
        Assert.Equal(before, Tensors.Live);
    }

    [LongFact]
    public void Any_bytes_are_read_or_refused_at_length() => Mutate(5_000_000);

    void Mutate(int mutations)
    {
        var good = Idx.Bytes(new byte[2 * 2 * 2], 2, 2, 2);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var bytes = (byte[])good.Clone();
            bytes[at] = value;
            try { Images(bytes[..length]).Dispose(); }
            catch (TorchletException) { }
        }, iter: mutations);
    }

    Tensor Images(byte[] bytes) => Read(bytes, dimensions: 3, "images");

    Tensor Labels(byte[] bytes) => Read(bytes, dimensions: 1, "labels");

    Tensor Read(byte[] bytes, int dimensions, string what) =>
        IdxFile.Of(temporary.Write(bytes), dimensions, what).Read(TestContext.Current.CancellationToken).Elements;
}
