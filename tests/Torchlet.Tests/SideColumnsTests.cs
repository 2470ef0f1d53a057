using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Side columns of a split go wherever its examples go.</summary>
public class SideColumnsTests
{
    /// <summary>Each example's loss times its weight: what a loss can do that sees the batch.</summary>
    internal static Differentiate Weighted(Differentiate inner) => (model, batch, loss, pass, reduction) =>
        inner(model, batch, (seen, part) => loss(seen, part) * part["weight"], pass, reduction);

    static Split Numbered(int count) => new Split(arange(count).unsqueeze(1).to_type(ScalarType.Float32), arange(count) % 2)
        .With("teacher", stack([arange(count), arange(count) * 2], 1).to_type(ScalarType.Float32)).With("id", arange(count));

    /// <summary>Every part of an example says which one it is.</summary>
    static void AssertWhole(Split split)
    {
        var ids = split["id"].to_type(ScalarType.Float32);
        Tensors.AssertClose(ids, split.Inputs.squeeze(1), 0);
        Tensors.AssertClose(stack([ids, ids * 2], 1), split["teacher"], 0);
        Tensors.AssertClose(ids.to_type(ScalarType.Int64) % 2, split.Targets, 0);
    }

    [Fact]
    public void They_follow_ranges_places_parts_folds_and_devices()
    {
        using var scope = NewDisposeScope();
        var split = Numbered(20);
        var data = Dataset.Of("mine", split, Numbered(6));
        Split[] parts =
        [
            split[3..9], split.At(tensor(new long[] { 5, 0, 19, 5 })), split.To(CPU), data.First(7).Train, data.Hold(5).Train, data.Hold(5).Validation!,
            .. data.Folds(3).SelectMany(fold => new[] { fold.Train, fold.Test }), data.To(CPU).Test, split with { Targets = split.Targets.alias() },
        ];
        Assert.All(parts, AssertWhole);
        Assert.Equal([6, 4, 20, 7, 15, 5, 13, 7, 13, 7, 14, 6, 6, 20], parts.Select(part => part.Count));
        var share = DataParallel.Slice(Batches.Cut(split, 3..15), 2, 6);
        Tensors.AssertClose(share.Inputs.squeeze(1), share["id"].to_type(ScalarType.Float32), 0);
        Assert.Equal([5, 6, 7, 8, 9, 10], share["id"].Numbers());
        Assert.Equal("Split: 20 examples, inputs [20, 1] Float32, targets [20] Int64, id [20] Int64, teacher [20, 2] Float32", $"{split}");
        Assert.Equal("Batch: inputs [2, 1] Float32, targets [2] Int64, id [2] Int64, teacher [2, 2] Float32", $"{Batches.Cut(split, ..2)}");
    }

    [Fact]
    public void Augmentation_preparation_and_loss_see_them_cut_along()
    {
        using var scope = NewDisposeScope();
        var seen = new List<string>();
        Batch See(string where, Batch batch)
        {
            Tensors.AssertClose(batch["id"].to_type(ScalarType.Float32), batch.Inputs.squeeze(1), 0);
            seen.Add($"{where} {batch.Count}");
            return batch with { Inputs = batch.Inputs.alias() };
        }
        var recipe = new Recipe(Dense(2), Objective.Classify() with { Prepare = batch => See("prepare", batch) }, Optimizers.Sgd(0.1))
        {
            Epochs = 1, BatchSize = 8,
            Augment = Augmentation.Chain((batch, _) => See("first", batch), (batch, _) => See("second", batch)),
            Differentiate = (model, batch, loss, pass, reduction) => Backpropagation.ValueAndGrad(model, See("loss", batch), loss, pass, reduction),
        };
        _ = Training.Epochs(recipe, Dataset.Of("mine", Numbered(12), Numbered(4))).Single();
        string[] ofBatch = ["first", "second", "prepare", "loss"];
        Assert.Equal([.. ofBatch.Select(s => $"{s} 8"), .. ofBatch.Select(s => $"{s} 4"), "prepare 4"], seen.SkipWhile(s => s != "first 8"));
    }

    [Fact]
    public void A_chain_of_augmentations_keeps_changed_targets_and_columns()
    {
        using var scope = NewDisposeScope();
        Batch Add(Batch batch, TorchRandom random) => (batch with { Targets = batch.Targets + 1 }).With("id", batch["id"] + 1);
        var batch = Batches.Cut(Numbered(3), ..);
        var live = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var changed = Augmentation.Chain(Add, Add)(batch, TorchRandom.Seeded(0));
        Assert.Equal(live + 2, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Tensors.AssertClose(batch.Targets + 2, changed.Targets, 0);
        Tensors.AssertClose(batch["id"] + 2, changed["id"], 0);
        Assert.Same(batch.Inputs, changed.Inputs);
    }

    [Fact]
    public void Arrays_are_taken_and_float64_becomes_float32()
    {
        using var scope = NewDisposeScope();
        var split = Numbered(2).With("weight", new[] { 0.5, 1.5 })
            .With("mask", new[,] { { true, false }, { false, true } }).With("x", zeros(2, ScalarType.Float64));
        Assert.Equal([ScalarType.Float32, ScalarType.Bool, ScalarType.Float32], new[] { "weight", "mask", "x" }.Select(name => split[name].dtype));
        Assert.Equal([0.5, 1.5], split["weight"].Numbers());
    }

    [Fact]
    public void Errors_say_what_was_wanted_and_what_came()
    {
        using var scope = NewDisposeScope();
        var (split, plain) = (Numbered(4), new Split(zeros(4, 1), zeros(4, ScalarType.Int64)));
        Assert.Equal("teacher: want 4, one for each input, got 5.", Message(() => split.With("teacher", zeros(5, 2))));
        Assert.Equal("teacher: want 4, one for each input, got a single number.", Message(() => split.With("teacher", tensor(1f))));
        Assert.Equal("column: want a name other than inputs and targets, got 'targets'.", Message(() => split.With("targets", zeros(4))));
        Assert.Equal("column: want id or teacher, got 'mask'; add it to each split that needs it: split.With(\"mask\", …).", Message(() => split["mask"]));
        Assert.Equal("column: want a side column, and there are none, got 'mask'; add it to each split that needs it: split.With(\"mask\", …).",
            Message(() => Batches.Cut(plain, ..)["mask"]));
        Assert.Equal("mine: test teacher: want those of the training examples, [2] Float32 each, got [3] Float32.",
            Message(() => Dataset.Of("mine", split, split.With("teacher", zeros(4, 3)))));
        var shorter = split with { Inputs = zeros(3, 1), Targets = zeros(3, ScalarType.Int64) };
        Assert.Equal("id: want 3, one for each input, got 4.", Message(() => Dataset.Of("mine", shorter, split)));
        var recipe = new Recipe(Dense(2), Objective.Classify(), Optimizers.Sgd(0.1))
        {
            Augment = (batch, _) => batch with { Inputs = batch.Inputs[..2], Targets = batch.Targets[..2] },
        };
        Assert.Equal("id: want 2, one for each input, got 4.", Message(() => Training.Epochs(recipe, Dataset.Of("mine", split, split)).ToList()));
        var lost = Dataset.Of("mine", split.With("weight", full(4, float.NaN)), split);
        Assert.Contains("since the weight hold NaN or infinity", Assert.Throws<DivergenceException>(
            () => Training.Epochs(recipe with { Augment = null, Differentiate = Weighted(Backpropagation.ValueAndGrad) }, lost).ToList()).Message);

        static string Message(Func<object> wrong) => Assert.ThrowsAny<ArgumentException>(wrong).Message.Split(" (Parameter")[0];
    }

    [Fact]
    public void They_are_part_of_the_hash_of_data_in_memory()
    {
        using var scope = NewDisposeScope();
        Dataset With(Func<Split, Split> train, Func<Split, Split>? test = null) =>
            Dataset.Of("mine", train(Numbered(4)), (test ?? (split => split))(new Split(zeros(4, 1), zeros(4, ScalarType.Int64))));
        Dataset[] different =
        [
            With(s => s), With(s => s.With("id", s["id"] + 1)), With(s => s.With("x", s["id"])), With(s => s.With("y", s["id"])),
            With(s => s, s => s.With("id", arange(4))), With(s => new(s.Inputs, s.Targets)),
        ];
        var hashes = different.Select(data => Assert.Single(DataInMemory.Identified(data).Checksums).Value).ToList();
        Assert.Equal(hashes.Count, hashes.Distinct().Count());
        Assert.Equal(hashes[0], Assert.Single(DataInMemory.Identified(With(s => s)).Checksums).Value);
    }
}
