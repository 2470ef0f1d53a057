using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The same seed, machine and number of threads: the same numbers to the last bit.</summary>
public sealed class DeterminismTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Run_to_run_and_under_both_engines_the_files_are_the_same()
    {
        var data = SmallMnist.Write(folder.Path);
        var runs = new[] { ScriptEngine.Csx, ScriptEngine.Csx, ScriptEngine.DotnetScript }.Where(ScriptEngine.IsThere).Index().Select(run =>
        {
            var place = Path.Combine(folder.Path, $"run{run.Index}");
            var outcome = ScriptEngine.Run(run.Item, "scripts/02_train_cross_entropy.csx",
                $"--epochs 3 --hidden 30,20 --batch-size 100 --lr 1e-2 --seed 7 --threads 2 --data {data} --out {place}");
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            return (Log: string.Join('\n', File.ReadLines(Path.Combine(place, "log.csv")).Select(line => line[..line.LastIndexOf(',')])),
                Best: Convert.ToHexString(File.ReadAllBytes(Path.Combine(place, "best.safetensors"))),
                Last: Convert.ToHexString(File.ReadAllBytes(Path.Combine(place, "last.checkpoint"))));
        }).ToList();
        Assert.Single(runs.Distinct());
    }

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
