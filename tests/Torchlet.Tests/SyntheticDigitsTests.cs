using System.Collections.Immutable;
using CsCheck;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class SyntheticDigitsTests
{
    const int Side = SyntheticDigits.Side, Pixels = Side * Side;

    [Fact]
    public void An_image_depends_on_its_seed_and_index_alone()
    {
        var (pixels, labels) = SyntheticDigits.Draw(seed: 7, first: 1000, count: 1700);
        for (var i = 0; i < labels.Length; i++)
        {
            var (alone, label) = SyntheticDigits.Draw(7, 1000 + i);
            Assert.Equal(label, labels[i]);
            Assert.True(alone.AsSpan().SequenceEqual(pixels.AsSpan(i * Pixels, Pixels)), $"image {1000 + i} differs");
        }
    }

    [Fact]
    public void No_two_images_are_alike_and_another_seed_draws_others()
    {
        var images = from seed in new ulong[] { 0, 1, 2 }
                     from index in Enumerable.Range(0, 300)
                     select Convert.ToHexString(SyntheticDigits.Draw(seed, index).Pixels);
        Assert.Equal(900, images.Distinct().Count());
    }

    [Fact]
    public void Every_image_has_ink_on_clean_paper_and_its_mass_in_the_middle() =>
        Gen.Select(Gen.ULong, Gen.Int.NonNegative).Sample((seed, index) =>
        {
            var (pixels, label) = SyntheticDigits.Draw(seed, index);
            var mass = pixels.Sum(p => (double)p);
            var (x, y) = (pixels.Select((p, i) => p * (i % Side + 0.5)).Sum() / mass, pixels.Select((p, i) => p * (i / Side + 0.5)).Sum() / mass);
            Assert.InRange(label, 0, 9);
            Assert.InRange(mass / 255, 15, 300);
            Assert.True(pixels.Max() > 150);
            Assert.InRange(x, 11, 17);
            Assert.InRange(y, 11, 17);
        }, iter: 3000);

    [Fact]
    public void Every_digit_comes_about_as_often_as_any_other()
    {
        var counts = SyntheticDigits.Draw(SyntheticDigits.Seed, 0, 10_000).Labels.CountBy(l => l).ToDictionary();
        Assert.Equal(10, counts.Count);
        Assert.All(counts.Values, n => Assert.InRange(n, 900, 1100));
    }

    [Fact]
    public void They_are_a_task_that_takes_more_than_ten_epochs()
    {
        var data = Digits(60_000, 10_000);
        var tenth = Training.Epochs(new TrainConfig { Epochs = 10, LearningRate = 2e-4, BatchSize = 512, Hidden = [50, 100] }.Recipe(data), data).Last();
        Assert.InRange(tenth.TestAccuracy, 0.80, 0.95);
        // They can be learned all the same: three epochs at 25 times the rate.
        var later = Training.Epochs(new TrainConfig { Epochs = 3, LearningRate = 5e-3, BatchSize = 512, Hidden = [50, 100] }.Recipe(data), data).Last();
        Assert.InRange(later.TestAccuracy, 0.97, 0.995);
    }

    [Fact]
    public void The_shipped_weights_know_digits_that_they_never_saw()
    {
        var data = Digits(1, 10_000) with { Test = Split(SyntheticFolder.Train, SyntheticFolder.Test) };
        var (model, _, divisor, _) = PretrainedWeights.Load(new() { Weights = Path.Combine(ProjectFolders.SampleWeights, "synthetic.safetensors") }, data);
        Assert.Equal(0.9852, Inference.Accuracy(Inference.Predictions(model, data.Test, 100, divisor)), 3e-3);
        Assert.Equal(Path.Combine(ProjectFolders.SampleWeights, "synthetic.safetensors"),
            PretrainedWeights.Automatic(ProjectFolders.SampleWeights, data.Name, () => "not asked"));
    }

    static Dataset Digits(int train, int test) =>
        new(Datasets.SyntheticName, "", [.. Enumerable.Range(0, 10).Select(d => $"{d}")],
            ImmutableSortedDictionary<string, string>.Empty, Split(0, train), Split(train, test));

    static Split Split(int first, int count)
    {
        var (pixels, labels) = SyntheticDigits.Draw(SyntheticDigits.Seed, first, count);
        return new(tensor(pixels).view(count, 1, SyntheticDigits.Side, SyntheticDigits.Side), tensor(labels).to_type(ScalarType.Int64));
    }
}
