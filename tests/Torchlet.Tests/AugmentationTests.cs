using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Random changes of training pictures.</summary>
public class AugmentationTests
{
    public static TheoryData<string> Names => ["shift:2", "rotate:30", "scale:0.2", "rotate:30,shift:2,scale:0.2", "flip:0.5", "crop:0.7",
        "cut-out:3", "noise:0.1", "crop:0.7,flip:0.5,cut-out:3,noise:0.1"];

    static Func<Batch, TorchRandom, Batch> Of(string names) => Augmentation.Chain([.. names.Split(',').Select(name => Augmentation.Named(name)!)]);

    static Batch Pictures(int count = 20) =>
        new(randint(0, 256, [count, 2, 9, 7], ScalarType.Byte, generator: new Generator(1, CPU)), arange(count));

    [Theory, MemberData(nameof(Names))]
    public void It_is_a_pure_function_of_batch_and_generator_and_says_its_name(string names)
    {
        using var scope = NewDisposeScope();
        var (batch, random) = (Pictures(), TorchRandom.Seeded(3));
        var before = batch.Inputs.clone();
        var live = Tensors.Live;
        var once = Of(names)(batch, random);
        Assert.Equal(live + 1, Tensors.Live);
        Tensors.AssertClose(once.Inputs, Of(names)(batch, random).Inputs, 0);
        Tensors.AssertClose(before, batch.Inputs, 0);
        Assert.Equal(batch.Inputs.shape, once.Inputs.shape);
        Assert.Same(batch.Targets, once.Targets);
        Assert.False(allclose(once.Inputs.to_type(ScalarType.Float32), Of(names)(batch, TorchRandom.Seeded(4)).Inputs.to_type(ScalarType.Float32)));
        Assert.Equal(names, Named.TextOf(Of(names)));
        if (names == "noise:0.1") return; // It takes inputs of any shape.
        Assert.Contains("want pictures, [batch, channels, height, width], got [4, 5]",
            Assert.Throws<ArgumentException>(() => Of(names)(new(zeros(4, 5), arange(4)), random)).Message);
    }

    [Fact]
    public void Every_picture_moves_by_its_own_draw_and_zeros_come_after_it()
    {
        using var scope = NewDisposeScope();
        var (batch, random) = (Pictures(), TorchRandom.Seeded(3));
        var moved = Augmentation.Shift(2)(batch, random).Inputs;
        var draws = random.Uniform([2, batch.Count], 0, 5).Numbers.data<float>().ToArray().Select(draw => 2 - (int)draw).ToArray();
        for (var i = 0; i < batch.Count; i++)
        {
            var (down, right) = (draws[i], draws[batch.Count + i]);
            var want = batch.Inputs[i].roll([down, right], [1, 2]);
            foreach (var (axis, by) in new[] { (1, down), (2, right) })
                if (by != 0) want.narrow(axis, by > 0 ? 0 : want.size(axis) + by, Math.Abs(by)).zero_();
            Tensors.AssertClose(want, moved[i], 0);
        }
        Assert.Equal(ScalarType.Byte, moved.dtype);
        Assert.Equal(5, draws.Take(batch.Count).Distinct().Count());
    }

    [Theory, InlineData(0, 0), InlineData(90, 1), InlineData(-180, 2), InlineData(-90, 3)]
    public void A_quarter_turn_is_one_of_the_pixels_and_none_leaves_them(double degrees, int quarters)
    {
        using var scope = NewDisposeScope();
        var x = Tensors.Normal(1, 3, 2, 8, 8);
        Tensors.AssertClose(rot90(x, quarters, (2, 3)), Augmentation.Rotated(x, full(3, degrees)), 1e-5);
    }

    [Fact]
    public void A_chain_with_a_change_of_ones_own_has_no_text() =>
        Assert.Equal(Named.Own, Named.TextOf(Augmentation.Chain(Augmentation.Shift(1), (batch, _) => batch)));

    [Fact]
    public void Neither_a_turn_nor_a_scale_bends_a_disc_in_a_wide_picture()
    {
        using var scope = NewDisposeScope();
        var (y, x) = (arange(21).to_type(ScalarType.Float32).view(-1, 1) - 10, arange(41).to_type(ScalarType.Float32) - 20);
        var disc = (-(x.square() + y.square()) / 18).exp().expand(50, 1, 21, 41);
        var batch = new Batch(disc, arange(50));
        Tensors.AssertClose(disc, Augmentation.Rotate(180)(batch, TorchRandom.Seeded(1)).Inputs, 0.03);
        var areas = Augmentation.Scale(0.5)(batch, TorchRandom.Seeded(1)).Inputs.sum([1, 2, 3]) / disc[0].sum();
        var factors = TorchRandom.Seeded(1).Uniform([50], 0.5, 1.5).Numbers;
        Tensors.AssertClose(factors.square(), areas, 0.05);
    }

    [Fact]
    public void About_half_of_the_pictures_are_mirrored_and_the_others_stay()
    {
        using var scope = NewDisposeScope();
        var batch = Pictures(200);
        var flipped = Augmentation.Flip()(batch, TorchRandom.Seeded(1)).Inputs;
        Assert.Equal(ScalarType.Byte, flipped.dtype);
        var same = flipped.eq(batch.Inputs).flatten(1).all(1);
        Tensors.AssertClose(batch.Inputs.flip([3]).where(same.logical_not().view(-1, 1, 1, 1), batch.Inputs), flipped, 0);
        Assert.InRange(same.sum().Number(), 80, 120);
        Tensors.AssertClose(batch.Inputs.flip([3]), Augmentation.Flip(1)(batch, TorchRandom.Seeded(1)).Inputs, 0);
    }

    [Fact]
    public void A_crop_is_a_part_of_the_picture_enlarged()
    {
        using var scope = NewDisposeScope();
        // Brightness 2 · row + 3 · column: of any part the slopes are those of the whole, divided by the enlargement.
        var (y, x) = (arange(20).to_type(ScalarType.Float32).view(-1, 1), arange(30).to_type(ScalarType.Float32));
        var batch = new Batch((y * 2 + x * 3).expand(50, 1, 20, 30), arange(50));
        var cropped = Augmentation.Crop(0.5)(batch, TorchRandom.Seeded(1)).Inputs.squeeze(1);
        var (down, right) = (cropped.narrow(1, 9, 2).diff(1, 1).select(1, 0).select(1, 15), cropped.narrow(2, 14, 2).diff(1, 2).select(2, 0).select(1, 10));
        Tensors.AssertClose(down / 2, right / 3, 1e-4);
        Assert.True(down.min().item<float>() is > 1 and < 1.2f && down.max().item<float>() is > 1.8f and < 2);
        Assert.True(cropped.min().item<float>() >= 0 && cropped.max().item<float>() <= 2 * 19 + 3 * 29); // No zeros come in from outside.
        Assert.True(cropped.amin([1, 2]).max().item<float>() > 30);
    }

    [Fact]
    public void A_square_is_cut_out_that_may_be_partly_outside()
    {
        using var scope = NewDisposeScope();
        var batch = new Batch(ones([300, 2, 9, 7], ScalarType.Byte), arange(300));
        var cut = Augmentation.CutOut(3)(batch, TorchRandom.Seeded(1)).Inputs;
        Assert.Equal(ScalarType.Byte, cut.dtype);
        var gone = cut.eq(0);
        Tensors.AssertClose(gone.select(1, 0), gone.select(1, 1), 0);
        var (rows, columns) = (gone.select(1, 0).any(2), gone.select(1, 0).any(1));
        Tensors.AssertClose(rows.unsqueeze(2).logical_and(columns.unsqueeze(1)), gone.select(1, 0), 0);
        Assert.Equal([2, 3], rows.sum(1).Numbers().Distinct().Order());
        Assert.Equal([2, 3], columns.sum(1).Numbers().Distinct().Order());
        Assert.True(rows.any(0).all().item<bool>() && columns.any(0).all().item<bool>());
    }

    [Fact]
    public void Noise_has_the_deviation_that_it_promises()
    {
        using var scope = NewDisposeScope();
        var batch = new Batch(full([100, 50], 255, ScalarType.Byte), arange(100));
        var noise = Augmentation.Noise(0.2)(batch, TorchRandom.Seeded(1)).Inputs - 1;
        Assert.Equal(0, noise.mean().item<float>(), 0.01);
        Assert.Equal(0.2, noise.std().item<float>(), 0.01);
    }

    [Fact]
    public void Mixup_mixes_inputs_and_labels_by_the_same_share_and_trains()
    {
        using var scope = NewDisposeScope();
        var batch = new Batch(arange(8).to_type(ScalarType.Float32).view(8, 1), tensor(new byte[] { 0, 1, 2, 3, 4, 5, 6, 7 }));
        var live = Tensors.Live;
        var mixed = Augmentation.Mixup(1, 8)(batch, TorchRandom.Seeded(1));
        Assert.Equal(live + 2, Tensors.Live);
        Tensors.AssertClose(mixed.Targets.mv(arange(8).to_type(ScalarType.Float32)).view(8, 1), mixed.Inputs, 1e-5);
        Tensors.AssertClose(ones(8), mixed.Targets.sum(1), 1e-6);
        Assert.True(mixed.Targets.gt(0).sum().Number() > 10);

        var data = Tensors.SmallData(400, 100);
        var recipe = new Recipe(Layers.Dense(10), Objective.Classify(Losses.SoftCrossEntropy, evaluation: Losses.CrossEntropy), Optimizers.Adam(1e-2))
        {
            Augment = Augmentation.Mixup(0.2, 10), Epochs = 3, BatchSize = 50,
        };
        Assert.Equal("Mixup(0.2, 10)", recipe.Text["augment"]);
        var epochs = Training.Epochs(recipe, data).ToList();
        Assert.True(epochs[^1].TestLoss < epochs[0].TestLoss);
    }

    [Theory, InlineData(0.2), InlineData(1), InlineData(3)]
    public void The_share_is_of_the_beta_distribution(double alpha)
    {
        var shares = Enumerable.Range(0, 2000).Select(seed => Augmentation.Beta(alpha, TorchRandom.Seeded(seed))).ToList();
        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        Assert.Equal(0.5, shares.Average(), 0.03);
        Assert.Equal(1 / (4 * (2 * alpha + 1)), shares.Average(share => (share - 0.5) * (share - 0.5)), 0.01);
    }

    [Theory]
    [InlineData("shift:1", true), InlineData("shift:0", false), InlineData("shift:1.5", false), InlineData("shift:-1", false), InlineData("shift", false)]
    [InlineData("rotate:7.5", true), InlineData("rotate:181", false), InlineData("rotate:NaN", false), InlineData("rotate:10:20", false)]
    [InlineData("flip:1", true), InlineData("flip:0", false), InlineData("crop:0.5", true), InlineData("crop:1", false), InlineData("cut-out:0", false)]
    [InlineData("cut-out:4", true), InlineData("noise:0.3", true), InlineData("noise:0", false), InlineData("mixup:0.2", false)]
    [InlineData("scale:0.5", true), InlineData("scale:1", false), InlineData("turn:10", false), InlineData("", false)]
    public void A_name_has_a_number_that_makes_sense(string name, bool isKnown) => Assert.Equal(isKnown, Augmentation.Named(name) is not null);

    [Fact]
    public void Order_weights_and_dropouts_draws_are_the_same_with_it_and_without()
    {
        using var scope = NewDisposeScope();
        var data = AnyModelTests.Pictures(100, 20);
        var plain = new TrainConfig { Hidden = [5], Dropout = 0.5, BatchSize = 30, Epochs = 2 }.Recipe(data);
        var (a, b) = (States(plain), States(plain with { Augment = Augmentation.Rotate(20) }));
        Assert.Equal(a.Select(step => (step.Order, step.Random)), b.Select(step => (step.Order, step.Random)));
        Assert.Equal(a[0].First, b[0].First);
        Assert.NotEqual(a[^1].First, b[^1].First);

        List<(string Order, TorchRandom Random, float First)> States(Recipe recipe) => [.. Training.Steps(recipe, data, (state, batch, _) =>
            (string.Join(',', batch.Targets.data<long>()), state.Random, state.Model.Flat[0].item<float>()))];
    }
}
