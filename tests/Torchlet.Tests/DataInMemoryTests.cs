using System.Text.Json;
using TorchSharp;

namespace Torchlet.Tests;

/// <summary>Runs on data that no file holds, or on a part of those of files: they resume, and on the same examples alone.</summary>
public sealed class DataInMemoryTests : IDisposable
{
    Dataset Data { get; } = Tensors.SmallData(300, 100);

    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_on_data_in_memory_resumes_to_the_bit()
    {
        Train(Config with { Out = Out }, Data);
        var resumed = SavedRun.Find(Out, "mine").Config(["--resume", Out, "--epochs", "3"], new TrainConfig());
        Train(resumed, Tensors.SmallData(300, 100)); // Made again, as a script makes them.
        Train(Config with { Out = Out + "-whole", Epochs = 3 }, Data);
        foreach (var file in new[] { "best.safetensors", "last.checkpoint" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(Out + "-whole", file)), File.ReadAllBytes(Path.Combine(Out, file)));
        var sha256 = JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, "config.json"))).RootElement.GetProperty("data").GetProperty("sha256");
        Assert.Equal("examples in memory", Assert.Single(sha256.EnumerateObject()).Name);
    }

    public static TheoryData<string> Others => ["train", "test", "first", "hold", "held by another seed", "targets", "type", "shape", "side column"];

    [Theory, MemberData(nameof(Others))]
    public void Other_examples_are_refused_and_nothing_is_written(string way)
    {
        var first = way == "held by another seed" ? Data.Hold(20) : Data;
        Train(Config with { Out = Out }, first);
        var other = way switch
        {
            "train" => Data with { Train = Data.Train[1..] },
            "test" => Data with { Test = Data.Test[..99] },
            "first" => Data.First(200),
            "hold" => Data.Hold(20),
            "held by another seed" => Data.Hold(20, seed: 1),
            "side column" => Data with { Train = Data.Train.With("weight", Data.Train.Targets) },
            "targets" => Data with { Train = Data.Train with { Targets = (Data.Train.Targets + 1) % 10 } },
            "type" => Data with { Test = Data.Test with { Targets = Data.Test.Targets.to_type(torch.ScalarType.Int32) } },
            _ => Data with
            {
                Train = Data.Train with { Inputs = Data.Train.Inputs.view(300, 5, 10) },
                Test = Data.Test with { Inputs = Data.Test.Inputs.view(100, 5, 10) },
            },
        };
        var before = File.ReadAllBytes(Path.Combine(Out, "config.json"));
        var error = Assert.Throws<TorchletException>(() => Train(Config with { Resume = Out, Epochs = 3 }, other));
        Assert.Matches(@"^the examples of small are not those that the run in .* was trained on \(SHA-256 \w{8} then, \w{8} now\); make", error.Message);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(Out, "config.json")));
        foreach (var tensor in other.Tensors.Except(Data.Tensors)) tensor.Dispose();
    }

    [Fact]
    public void Examples_of_files_are_known_by_the_files_and_others_of_them_are_not()
    {
        var files = Datasets.Load(SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName));
        Assert.Same(files, DataInMemory.Identified(files));
        Assert.True(files.To(torch.CPU).AreOfFiles);
        Train(Config with { Out = Out }, files);
        // Even digits, then odd ones: the files are the same.
        foreach (var other in new[] { files with { Train = files.Train[..300] }, files.First(300), files.Hold(0.1), files with { Test = files.Train } })
        {
            Assert.Equal(5, DataInMemory.Identified(other).Checksums.Count);
            Assert.Contains("(SHA-256 none then,",
                Assert.Throws<TorchletException>(() => Train(Config with { Resume = Out, Epochs = 3 }, other)).Message);
        }
    }

    static TrainConfig Config => new() { Hidden = [8], BatchSize = 60, LearningRate = 1e-2, Epochs = 2 };

    void Train(TrainConfig config, Dataset data)
    {
        using var run = NewRun.Create("mine", config, data, torch.CPU, folder.Path, DateTime.UnixEpoch);
        var epochs = Training.Epochs(run.Recipe!, run.Data!, run.Finished.State);
        _ = (epochs | Tensors.Timed | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run)).Count();
    }
}
