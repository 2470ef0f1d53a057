using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class DatasetTests
{
    [Fact]
    public void Splits_are_made_of_arrays_of_any_rank_and_cut_by_ranges()
    {
        using var scope = NewDisposeScope();
        var split = Split.Of(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, new[] { 0L, 1, 1 });
        Assert.Equal((3, 2L), (split.Count, split.InputShape[0]));
        Tensors.AssertClose(tensor(new float[,] { { 3, 4 }, { 5, 6 } }), split[1..].Inputs, 0);
        Tensors.AssertClose(tensor(new[] { 1L, 1 }), split[^2..].Targets, 0);
        Assert.Equal([1], Split.Of(new[] { 1f, 2 }, new[] { 1f, 2 }).InputShape);
        Assert.Contains("targets: want 2, one for each input, got 1", Assert.Throws<ArgumentException>(() => Split.Of(new[] { 1f, 2 }, new[] { 1f })).Message);
    }

    [Fact]
    public void A_hold_out_takes_examples_by_seed_and_leaves_the_others()
    {
        using var scope = NewDisposeScope();
        var all = Split.Of(Enumerable.Range(0, 100).Select(i => (float)i).ToArray(), Enumerable.Range(0, 100).Select(i => (long)i).ToArray());
        var data = Dataset.Of("numbers", all, all[..10]);
        var held = data.Hold(0.3, seed: 1);
        var (validation, train) = (held.Validation!.Targets.data<long>().ToArray(), held.Train.Targets.data<long>().ToArray());
        Assert.Equal((30, 70), (validation.Length, train.Length));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), validation.Concat(train).Order());
        Assert.Equal(validation, data.Hold(30, seed: 1).Validation!.Targets.data<long>().ToArray());
        Assert.NotEqual(validation, data.Hold(30, seed: 2).Validation!.Targets.data<long>().ToArray());
        Tensors.AssertClose(held.Train.Targets.unsqueeze(1), held.Train.Inputs, 0);
        Assert.Equal(100, data.Train.Count);
        Assert.Contains("want 1 to 99, got 100", Assert.Throws<ArgumentException>(() => data.Hold(100)).Message);
    }

    [Fact]
    public void Geometry_is_kept_and_only_bytes_become_brightness()
    {
        using var scope = NewDisposeScope();
        var bytes = tensor(new byte[] { 0, 51, 255, 102 }).view(1, 1, 2, 2);
        Tensors.AssertClose(tensor(new[] { 0f, 0.2f, 1, 0.4f }).view(1, 1, 2, 2), Batches.Floats(bytes), 1e-7);
        Tensors.AssertClose(tensor(new[] { 0f, 51, 255, 102 }).view(1, 1, 2, 2), Batches.Floats(bytes, 1), 0);
        var floats = tensor(new[] { 3f, -4 });
        Tensors.AssertClose(tensor(new[] { 3f, -4 }), Batches.Floats(floats), 0);
        Tensors.AssertClose(tensor(new[] { 3f, -4 }), floats, 0);
        Assert.Equal(ScalarType.Float32, Batches.Floats(tensor(new[] { 1, 2 })).dtype);
    }
}
