using System.Text.Json;

namespace Torchlet.Tests;

public class GoldenTests
{
    [Theory, InlineData(0), InlineData(1)]
    public void Training_gives_the_numbers_that_PyTorch_printed(int seed)
    {
        var golden = File.ReadLines(Shared.Path("golden", $"mnist_seed{seed}.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(e => e.GetProperty("event").GetString() == "epoch").ToList();
        var data = Datasets.Load(Shared.Mnist);
        AssertSame(golden, Training.Epochs(new TrainConfig { Seed = seed }.Recipe(data), data));
    }

    /// <summary>The same recipe, smaller, on images that fixtures/make_losses.py draws by the same formula: no data set has to be there.</summary>
    [Theory, InlineData(0), InlineData(1)]
    public void Training_on_images_made_by_formula_gives_the_numbers_that_PyTorch_printed(int seed)
    {
        using var folder = new TemporaryFolder();
        Write("train", first: 0, count: 256);
        Write("t10k", first: 256, count: 64);
        var golden = File.ReadLines(Path.Combine(WeightsExamples.Folder, "losses.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(e => e.GetProperty("seed").GetInt32() == seed).ToList();
        var data = Datasets.Load(folder.Path);
        var config = new TrainConfig { Seed = seed, Hidden = [16, 24], BatchSize = 48, LearningRate = 1e-2, Epochs = 8 };
        AssertSame(golden, Training.Epochs(config.Recipe(data), data));

        void Write(string split, int first, int count)
        {
            var labels = Enumerable.Range(first, count).Select(i => (byte)(i * 7 % 10)).ToArray();
            var images = Enumerable.Range(first, count).SelectMany(i => Enumerable.Range(0, 64)
                .Select(p => (byte)(p % 10 == i * 7 % 10 ? 200 + (i * 31 + p * 17) % 50 : (i * 31 + p * 17) % 120))).ToArray();
            File.WriteAllBytes(Path.Combine(folder.Path, $"{split}-images-idx3-ubyte"), Idx.Bytes(images, count, 8, 8));
            File.WriteAllBytes(Path.Combine(folder.Path, $"{split}-labels-idx1-ubyte"), Idx.Bytes(labels, count));
        }
    }

    static void AssertSame(IReadOnlyList<JsonElement> golden, IEnumerable<Epoch> training)
    {
        var epochs = training.ToList();
        Assert.Equal(golden.Count, epochs.Count);
        foreach (var (want, got) in golden.Zip(epochs))
        {
            AssertFiveDigits(want.GetProperty("train_loss").GetDouble(), got.TrainLoss);
            AssertFiveDigits(want.GetProperty("test_loss").GetDouble(), got.TestLoss);
            AssertFiveDigits(want.GetProperty("test_accuracy").GetDouble(), got.TestAccuracy);
        }
    }

    static void AssertFiveDigits(double want, double got) => Assert.Equal($"{want:e4}", $"{got:e4}");
}
