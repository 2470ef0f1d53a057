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

        var epochs = Training.Run(new TrainConfig { Seed = seed }, data, Losses.CrossEntropy).ToList();

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
