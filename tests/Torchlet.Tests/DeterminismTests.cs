using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Numbers with one thread and with two; those of two processes are in <see cref="ScriptsTests"/>.</summary>
public sealed class DeterminismTests
{
    [Fact]
    public void One_thread_and_two_agree_to_five_digits()
    {
        var data = Datasets.Load(Shared.Mnist);
        var threads = get_num_threads();
        try
        {
            var (one, two) = (Losses(1, data), Losses(2, data));
            Assert.Equal(one.Select(x => $"{x:e4}"), two.Select(x => $"{x:e4}"));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    static List<double> Losses(int threads, Dataset data)
    {
        set_num_threads(threads);
        return [.. Training.Epochs(new TrainConfig { Epochs = 3 }.Recipe(data), data).SelectMany(e => new[] { e.TrainLoss, e.TestLoss, e.TestAccuracy })];
    }
}
