using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class IdxTests
{
    [Fact]
    public void What_was_written_is_read()
    {
        using var scope = NewDisposeScope();
        var pixels = Enumerable.Range(0, 2 * 3 * 4).Select(i => (byte)i).ToArray();
        Tensors.AssertClose(tensor(pixels).view(2, 1, 3, 4), Idx.Images(Idx.Bytes(pixels, 2, 3, 4)), 0);
        Tensors.AssertClose(tensor(new long[] { 7, 0, 9 }), Idx.Labels(Idx.Bytes([7, 0, 9], 3)), 0);
    }

    [Theory]
    [InlineData(new byte[0], "begins with nothing")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0 }, "begins with 00 00 08 01")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 28, 0, 0, 0, 28 }, "4294967295 × 28 × 28 images")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6 }, "1 bytes, but 2 bytes follow")]
    public void A_bad_file_is_told_what_is_wrong(byte[] bytes, string because) =>
        Assert.Contains(because, Assert.Throws<TorchletException>(() => Idx.Images(bytes)).Message);

    [Fact]
    public void Any_bytes_are_read_or_refused() => Mutate(5000);

    [Fact]
    public void Nothing_is_left_but_the_result()
    {
        var before = Tensors.Live;
        Idx.Images(Idx.Bytes([1, 2, 3, 4], 1, 2, 2)).Dispose();
        Idx.Labels(Idx.Bytes([7], 1)).Dispose();
        Assert.Equal(before, Tensors.Live);
    }

    [LongFact]
    public void Any_bytes_are_read_or_refused_at_length() => Mutate(5_000_000);

    static void Mutate(int mutations)
    {
        var good = Idx.Bytes(new byte[2 * 2 * 2], 2, 2, 2);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var bytes = (byte[])good.Clone();
            bytes[at] = value;
            try { Idx.Images(bytes[..length]).Dispose(); }
            catch (TorchletException) { }
        }, iter: mutations);
    }
}
