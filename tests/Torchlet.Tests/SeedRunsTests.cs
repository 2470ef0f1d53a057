using System.Collections.Immutable;
using System.Text.Json;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The same training from several seeds: each a run like any other, and a run around them.</summary>
public sealed class SeedRunsTests : IDisposable
{
    const string Script = "02_train_cross_entropy";
    static readonly Dataset Data = Tensors.SmallData(400, 100) with { Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123") };

    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    string Index => Path.Combine(folder.Path, "index.csv");

    TrainConfig Config => new() { Epochs = 3, BatchSize = 64, Hidden = [9], LearningRate = 1e-2, Seeds = [3, -1], Out = Out };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_seeds_run_is_the_one_that_the_seed_alone_would_make()
    {
        Train(Config);
        foreach (var seed in new long[] { 3, -1 })
        {
            var alone = Path.Combine(folder.Path, $"alone{seed}");
            Train(Config with { Seeds = [], Seed = seed, Out = alone });
            AssertSame(alone, Path.Combine(Out, $"seed-{seed}"));
        }
        Assert.Equal(["finished\n", "finished\n", "finished\n"], new[] { Out, Path.Combine(Out, "seed-3"), Path.Combine(Out, "seed--1") }.Select(Status));
    }

    [Fact]
    public void The_run_around_them_has_their_rows_and_no_line_of_its_own_in_the_index()
    {
        Train(Config);
        Assert.Equal(
            [
                "seed,epoch,train_loss,test_loss,test_accuracy,seconds",
                .. Rows("seed-3").Select(row => $"3,{row}"), .. Rows("seed--1").Select(row => $"-1,{row}"),
            ],
            File.ReadAllLines(Path.Combine(Out, "log.csv")));
        var lines = File.ReadAllLines(Index);
        Assert.Equal([Path.Combine("run", "seed-3"), Path.Combine("run", "seed--1")], lines.Skip(1).Select(line => line.Split(',')[2]));
        Assert.EndsWith("--seed 3", lines[1].Split(',')[4].Trim('"'));
        Assert.Equal(JsonValueKind.Null, Json().GetProperty("recipe").GetProperty("seed").ValueKind);
        Assert.Equal(["accuracy.png", "loss.png"], Directory.EnumerateFiles(Out, "*.png").Select(Path.GetFileName).Order());
    }

    [Theory, InlineData(1), InlineData(3), InlineData(4), InlineData(6)]
    public void Interrupted_after_any_epoch_and_resumed_it_is_the_run_that_was_not(int epochs)
    {
        Train(Config with { Out = Out + "-whole" });
        File.Delete(Index);
        Assert.Throws<InterruptedException>(() => Train(Config, epochs));
        Assert.False(File.Exists(Path.Combine(Out, "log.csv")));
        Train(Resumed());
        foreach (var seed in new[] { "seed-3", "seed--1" }) AssertSame(Path.Combine(Out + "-whole", seed), Path.Combine(Out, seed));
        var finished = File.ReadAllLines(Index).Where(line => line.Contains("finished")).Select(line => line.Split(',')[2]).ToList();
        Assert.Equal([Path.Combine("run", "seed--1"), Path.Combine("run", "seed-3")], finished.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void More_epochs_may_be_asked_of_all_of_them()
    {
        Train(Config with { Out = Out + "-whole" });
        Train(Config with { Epochs = 2 });
        Train(Resumed("--epochs", "3"));
        foreach (var seed in new[] { "seed-3", "seed--1" }) AssertSame(Path.Combine(Out + "-whole", seed), Path.Combine(Out, seed));
        Assert.Contains("-1,3,", File.ReadAllText(Path.Combine(Out, "log.csv")));
        Assert.Equal(JsonValueKind.Null, Json().GetProperty("resumed")[0].GetProperty("after_epoch").ValueKind);
    }

    [Fact]
    public void Its_pictures_and_theirs_are_drawn_anew_to_the_byte()
    {
        Train(Config);
        var pictures = Directory.EnumerateFiles(Out, "*.png", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);
        foreach (var picture in pictures.Keys) File.WriteAllText(picture, "gone");
        var drawn = Assert.Single(Redraw.Each([Out]));
        Assert.Equal([.. pictures.Keys.Select(p => Path.GetRelativePath(Out, p)).Order()], drawn.Pictures.Order());
        Assert.All(pictures, picture => Assert.Equal(picture.Value, File.ReadAllBytes(picture.Key)));
        Assert.Null(Redraw.Overlay(Tensors.Run(new RedrawConfig()), [drawn]));
    }

    [Fact]
    public void Stages_are_given_the_seeds_runs_and_not_the_one_around_them()
    {
        using var run = NewRun.Create(Script, Config, Data, CPU, folder.Path, new DateTime(2026, 11, 23));
        var error = Assert.Throws<ArgumentException>(() => (Training.Epochs(run.Recipe!, Data) | Clock.Time | CsvLog.To(run)).Count());
        Assert.Contains("pass each of run.Trainings() through the stages", error.Message);
    }

    [Fact]
    public void A_file_for_one_networks_weights_is_refused()
    {
        var outcome = InProcess.Run("scripts/02_train_cross_entropy.csx", "--seeds 0,1 --save-pt x.pt");
        Assert.Equal((2, true), (outcome.ExitCode, outcome.Error.Contains("--save-pt: --seeds trains several networks")));
    }

    [Theory, InlineData(null), InlineData(1)]
    public void Patience_ends_a_resumed_run_where_it_would_have_ended_and_can_be_raised(int? epochs)
    {
        var config = Config with { Seeds = [], Epochs = 40, LearningRate = 0.5, Patience = 2 };
        var whole = Train(config with { Out = Out + "-whole" });
        Assert.InRange(whole.Count, 3, 39);
        if (epochs is { } n) Assert.Throws<InterruptedException>(() => Train(config, n));
        else Train(config);
        Assert.Equal(whole.Count, Train(Resumed()).Count);
        AssertSame(Out + "-whole", Out);
        Assert.Equal("2", Json().GetProperty("options").GetProperty("patience").GetString());
        Assert.True(Train(Resumed("--patience", "4")).Count > whole.Count);
        Assert.Equal("4", Json().GetProperty("options").GetProperty("patience").GetString());
    }

    [Fact]
    public void The_last_line_says_what_the_test_set_says_of_the_weights_that_validation_chose()
    {
        Epoch[] rows = [Tensors.Row(1, 2, 0.25, 0.5), Tensors.Row(2, 1, 0.5, 0.75), Tensors.Row(3, 1, 0.75, 0.25)];
        Assert.Equal("Best test loss: 0.2500", ConsoleReport.Best(rows));
        Epoch[] validated = [.. rows.Zip([3, 1, 2.0], (row, loss) => row with { Validation = new(loss, ("accuracy", 0.1)) })];
        Assert.Equal("Test of the best weights (epoch 2): loss 0.5000, accuracy 75.00%", ConsoleReport.Best(validated));
        Assert.Equal("Test of the best weights, mean over 2 seeds: loss 0.3750 (0.2500 to 0.5000), accuracy 62.50% (50.00% to 75.00%)",
            ConsoleReport.Best([rows, validated]));
    }

    /// <summary>Script 02 without the display; asked to end once so many epochs are done.</summary>
    IReadOnlyList<Epoch> Train(TrainConfig config, int? epochs = null)
    {
        using var stop = new CancellationTokenSource();
        var (all, done, runs) = (new List<Epoch>(), 0, new ScriptRuns(Script, stop.Token, Index));
        runs.During(() =>
        {
            var home = Path.Combine(folder.Path, "home");
            var whole = NewRun.Create(Script, config, Data, CPU, home, new DateTime(2026, 11, 23), runs: runs);
            runs.Add(whole, whole.HoldsRuns ? null : whole.Options);
            foreach (var run in SeedRuns.Each(whole))
                all.AddRange(Training.Epochs(run.Recipe!, Data, run.Finished.State, stop.Token) | Tensors.Timed | CsvLog.To(run) | Checkpoint.KeepBest(run)
                    | Checkpoint.KeepLast(run) | Pipe.Tap<Epoch>(_ => { if (++done == epochs) { stop.Cancel(); stop.Token.ThrowIfCancellationRequested(); } })
                    | EarlyStop.After(config.Patience, run.Finished.Rows) | Plots.Curves(run));
        });
        return all;
    }

    TrainConfig Resumed(params string[] options) => SavedRun.Find(Out, Script).Config(["--resume", Out, .. options], new TrainConfig());

    IEnumerable<string> Rows(string seed) => File.ReadLines(Path.Combine(Out, seed, "log.csv")).Skip(1);

    static string Status(string run) => File.ReadAllText(Path.Combine(run, "status"));

    JsonElement Json() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, "config.json"))).RootElement;

    static void AssertSame(string want, string got)
    {
        foreach (var file in new[] { "best.safetensors", "last.checkpoint" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(want, file)), File.ReadAllBytes(Path.Combine(got, file)));
        Assert.Equal(File.ReadAllBytes(Path.Combine(want, "log.csv")), File.ReadAllBytes(Path.Combine(got, "log.csv")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(want, "loss.png")), File.ReadAllBytes(Path.Combine(got, "loss.png")));
    }
}
