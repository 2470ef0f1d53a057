using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class BatchesTests
{
    [Theory, InlineData(10, 3, 4), InlineData(9, 3, 3), InlineData(2, 5, 1)]
    public void Ranges_cover_every_example_once(int count, int size, int batches)
    {
        var ranges = Batches.Ranges(count, size).ToList();
        Assert.Equal(batches, ranges.Count);
        Assert.Equal(Enumerable.Range(0, count), ranges.SelectMany(r => Enumerable.Range(r.Start.Value, r.End.Value - r.Start.Value)));
    }

    [Fact]
    public void A_batch_holds_the_examples_of_its_place_in_the_order()
    {
        using var scope = NewDisposeScope();
        var split = new Split(arange(12).to_type(ScalarType.Byte).view(6, 1, 1, 2), arange(6));
        var batch = Objective.Classify().Prepare(Batches.Cut(split, tensor(new long[] { 5, 0, 3, 1, 2, 4 }), 1..3));
        Tensors.AssertClose(tensor(new long[] { 0, 3 }), batch.Targets, 0);
        Tensors.AssertClose(tensor(new[,] { { 0 / 255f, 1 / 255f }, { 6 / 255f, 7 / 255f } }).view(2, 1, 1, 2), batch.Inputs, 0);
    }

    [Fact]
    public void Raw_pixels_stay_0_to_255()
    {
        using var scope = NewDisposeScope();
        var split = new Split(tensor(new byte[] { 0, 255 }).view(1, 2), zeros(1, ScalarType.Int64));
        Tensors.AssertClose(tensor(new[,] { { 0f, 255f } }), Batches.Floats(Batches.Cut(split, ..).Inputs, divisor: 1), 0);
        Tensors.AssertClose(tensor(new[,] { { 0f, 1f } }), Batches.Floats(Batches.Cut(split, ..).Inputs), 0);
    }
}
