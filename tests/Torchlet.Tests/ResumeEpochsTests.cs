using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Another number of epochs on resume: good where no part of the recipe depends on it, refused with the reason where one does.</summary>
public sealed class ResumeEpochsTests : IDisposable
{
    const string Script = "02_train_cross_entropy";

    static readonly Dataset Data = Tensors.SmallData() with { Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123456789") };

    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cosine", null, 4), InlineData("cosine", null, 1), InlineData("step", null, 9), InlineData("exponential", null, 4)]
    [InlineData("one-cycle", null, 4), InlineData("cosine", 3, 4), InlineData("step", 3, 9), InlineData("exponential", 3, 4)]
    public void A_schedule_over_all_steps_is_what_the_message_names(string schedule, int? warmup, int epochs)
    {
        Train(new() { Out = Out, Epochs = 2, Schedule = schedule, Warmup = warmup });
        var config = File.ReadAllText(Path.Combine(Out, "config.json"));
        var error = Assert.Throws<CommandLineException>(() => Train(Resumed("--epochs", $"{epochs}")));
        Assert.StartsWith(
            $"--epochs {epochs}: the run in {Out} was begun with --epochs 2, and its optimizer depends on that number: it is Adam(", error.Message);
        Assert.EndsWith("files are good: resume it with --epochs 2, or train again without --resume.", error.Message);
        Assert.Equal(config, File.ReadAllText(Path.Combine(Out, "config.json")));
        Train(Resumed("--epochs", "2"));
    }

    [Theory, InlineData(null), InlineData(3)]
    public void A_constant_rate_goes_on_with_and_without_warm_up(int? warmup)
    {
        Train(new() { Out = Out, Epochs = 2, Warmup = warmup });
        Train(Resumed("--epochs", "3"));
        Assert.Equal(4, File.ReadAllLines(Path.Combine(Out, "log.csv")).Length);
    }

    [Fact]
    public void A_run_of_several_seeds_keeps_its_record()
    {
        Create(new() { Out = Out, Epochs = 2, Schedule = "cosine", Seeds = [1, 2] }).Dispose();
        var config = File.ReadAllText(Path.Combine(Out, "config.json"));
        Assert.Contains("resume it with --epochs 2", Assert.Throws<CommandLineException>(() => Create(Resumed("--epochs", "3"))).Message);
        Assert.Equal(config, File.ReadAllText(Path.Combine(Out, "config.json")));
    }

    [Fact]
    public void Help_says_so() => Assert.Contains("any --schedule but constant", string.Join(' ', CommandLine.Read(["--help"], new TrainConfig(), "x.csx").Help!
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    RunFolder Create(TrainConfig config) =>
        NewRun.Create(Script, config with { Hidden = [5] }, Data, CPU, Path.Combine(folder.Path, "home"), new(2026, 11, 30));

    void Train(TrainConfig config)
    {
        using var run = Create(config);
        _ = Training.Epochs(run.Recipe!, Data, run.Finished.State)
            | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run) | Enumerable.ToList;
    }

    TrainConfig Resumed(params string[] options) =>
        SavedRun.Find(Out, Script).Config(["--resume", Out, .. options], new TrainConfig { Hidden = [5] });
}
