using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>A resumed run rejects another network's weights as its best ones.</summary>
public sealed class WeightsOfARunTests : IDisposable
{
    const string Script = "02_train_cross_entropy";
    static readonly Dataset Data = Tensors.SmallData() with { Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123456789") };

    readonly TemporaryFolder folder = new();

    TrainConfig Config => new() { Epochs = 2, BatchSize = 64, Hidden = [5], Out = Path.Combine(folder.Path, "run") };

    string Best => Path.Combine(Config.Out!, "best.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Missing_ones_are_called_missing()
    {
        Train();
        File.Delete(Best);
        Refuses("it is missing; put it back, or train again without --resume");
    }

    [Fact]
    public void Those_of_another_network_or_training_are_refused()
    {
        Train();
        var good = Weights.Read(Best);
        Replace(good.Arrays, good.Metadata.Remove("seed"));
        Refuses("it is not of this run, since its seed is unknown and not 0; put the run's own back, or train again without --resume");
        Replace(good.Arrays, good.Metadata.SetItem("model", "\e[31m"));
        Refuses("its model is ?[31m and not Dense(5).As(\"fc1\") >> Sigmoid >> Dense(10).As(\"fc2\")");
        Replace(new MlpWeights([50, 10], new float[510]), good.Metadata);
        Refuses("its arrays are fc1.bias (10,), fc1.weight (10, 50) and not fc1.bias (5,), fc1.weight (5, 50), fc2.bias (10,), fc2.weight (10, 5)");
    }

    void Replace(ImmutableArray<NamedArray> arrays, ImmutableDictionary<string, string> metadata) => Weights.SaveSafetensors(Best, arrays, metadata);

    void Refuses(string because)
    {
        var resumed = SavedRun.Find(Config.Out!, Script).Config(["--resume", Config.Out!], new TrainConfig());
        var message = Assert.Throws<TorchletException>(() => Create(resumed)).Message;
        Assert.StartsWith(Best, message);
        Assert.Contains(because, message);
        Assert.DoesNotContain(message, char.IsControl);
    }

    void Train()
    {
        using var run = Create(Config);
        var epochs = Training.Epochs(Config.Recipe(Data), Data) | Tensors.Timed | CsvLog.To(run);
        _ = (epochs | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run)).Count();
    }

    RunFolder Create(TrainConfig config) => NewRun.Create(Script, config, Data, CPU, Path.Combine(folder.Path, "home"), new DateTime(2026, 11, 23));
}
