using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>A resumed run is the uninterrupted one.</summary>
public sealed class ResumeTests : IDisposable
{
    const string Script = "02_train_cross_entropy";
    static readonly TrainConfig Config = new() { Epochs = 4, BatchSize = 64, Hidden = [20], LearningRate = 1e-2 };
    static readonly Dataset Data = Tensors.SmallData() with
    {
        Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123456789").Add("test", "abcdefghij"),
    };

    const string Header = "epoch,train_loss,test_loss,test_accuracy,seconds";

    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Theory, InlineData("adam", "sigmoid", "cross_entropy"), InlineData("sgd", "relu", "nll")]
    public void From_any_epochs_snapshot_the_rest_comes_out_bit_for_bit(string optimizer, string activation, string loss)
    {
        var config = Config with { Optimizer = optimizer, Activation = activation, LearningRate = optimizer == "sgd" ? 1e-4 : 1e-2, Loss = loss };
        var whole = Training.Epochs(config.Recipe(Data), Data).ToList();
        foreach (var broken in whole)
        {
            var rest = Training.Epochs(config.Recipe(Data), Data, from: Reread(broken.State!)).ToList();
            Assert.Equal(whole[broken.Index..].Select(Bits), rest.Select(Bits));
        }
    }

    [Fact]
    public void A_run_resumed_after_each_of_its_epochs_leaves_the_files_of_one_that_was_not_interrupted()
    {
        Assert.All(Train(Config with { Out = Out + "-whole" }, draw: true), e => Assert.Null(e.State));
        Train(Config with { Out = Out }, epochs: 1);
        foreach (var _ in Enumerable.Range(2, 3)) Train(Resumed(), epochs: 1, draw: true);
        AssertSame(Out + "-whole", Out);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Out + "-whole", "loss.png")), File.ReadAllBytes(Path.Combine(Out, "loss.png")));
    }

    [Fact]
    public void Killed_between_the_files_of_an_epoch_it_trains_that_epoch_again()
    {
        Train(Config with { Out = Out + "-whole" });
        Train(Config with { Out = Out }, epochs: 2);
        var checkpoint = File.ReadAllBytes(Path.Combine(Out, "last.checkpoint"));
        Train(Resumed(), epochs: 1);
        File.WriteAllBytes(Path.Combine(Out, "last.checkpoint"), checkpoint);
        File.AppendAllText(Path.Combine(Out, "log.csv"), "4,0.1");
        File.WriteAllText(Path.Combine(Out, ".0123456789abcdef0123456789abcdef.safetensors"), "half");
        Train(Resumed());
        AssertSame(Out + "-whole", Out);
        Assert.Equal(["best.safetensors", "config.json", "last.checkpoint", "log.csv", "status"],
            Directory.EnumerateFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Killed_before_its_first_checkpoint_it_begins_again()
    {
        Train(Config with { Out = Out + "-whole" });
        Train(Config with { Out = Out }, epochs: 1);
        File.Delete(Path.Combine(Out, "last.checkpoint"));
        Train(Resumed());
        AssertSame(Out + "-whole", Out);
    }

    [Fact]
    public void More_epochs_may_be_asked_for_and_config_json_then_says_so()
    {
        Train(Config with { Out = Out + "-whole" });
        Train(Config with { Out = Out, Epochs = 2 });
        var begun = Json();
        Train(Resumed("--epochs", "4"));
        AssertSame(Out + "-whole", Out);
        Assert.Equal(("2", "4"), (Option(begun, "epochs"), Option(Json(), "epochs")));
        Assert.Equal(2, Assert.Single(Json().GetProperty("resumed").EnumerateArray()).GetProperty("after_epoch").GetInt32());
        Assert.Equal(begun.GetProperty("time").GetString(), Json().GetProperty("time").GetString());
    }

    [Fact]
    public void A_finished_run_stays_as_it_is()
    {
        Train(Config with { Out = Out });
        var before = Files(Out);
        Assert.Empty(Train(Resumed()));
        Assert.Equal(before, Files(Out));
    }

    [Fact]
    public void The_best_weights_so_far_are_those_of_all_epochs()
    {
        Train(Config with { Out = Out }, epochs: 2);
        var log = File.ReadAllLines(Path.Combine(Out, "log.csv"));
        File.WriteAllText(Path.Combine(Out, "log.csv"), string.Join("\r\n", log[0], Regex.Replace(log[1], "^(1,[^,]*),[^,]*", "$1,0.001"), log[2], ""));
        var best = File.ReadAllBytes(Path.Combine(Out, "best.safetensors"));
        Train(Resumed());
        Assert.Equal(best, File.ReadAllBytes(Path.Combine(Out, "best.safetensors")));
    }

    [Fact]
    public void A_log_that_an_editor_has_saved_with_other_line_ends_goes_on_with_those_of_a_run()
    {
        Train(Config with { Out = Out + "-whole" });
        Train(Config with { Out = Out }, epochs: 2);
        var log = Path.Combine(Out, "log.csv");
        File.WriteAllText(log, File.ReadAllText(log).Replace("\r\n", "\n"));
        Train(Resumed());
        AssertSame(Out + "-whole", Out);
        Assert.DoesNotMatch("[^\r]\n", File.ReadAllText(log));
    }

    [Fact]
    public void Where_else_to_write_is_never_taken_from_the_runs_own_folder()
    {
        Train(Config with { Out = Out, SavePt = "of-the-first-call.pt" }, epochs: 1);
        Assert.Equal(("of-the-first-call.pt", "mine.pt"), (Option(Json(), "save-pt"), Resumed("--save-pt", "mine.pt").SavePt));
        Assert.Null(Resumed().SavePt);
        Assert.Equal(Out, Resumed().Out);
    }

    [Theory]
    [InlineData("--lr 0.5", "--lr 0.5: the run in * has 0.01")]
    [InlineData("--hidden 9", "--hidden 9: the run in * has 20")]
    [InlineData("--seed 3", "--seed 3: the run in * has 0")]
    [InlineData("--loss nll", "--loss nll: the run in * has cross_entropy")]
    [InlineData("--out elsewhere", "--out elsewhere: the run in * has *run")]
    public void Options_that_decide_the_numbers_cannot_change(string option, string message)
    {
        Train(Config with { Out = Out }, epochs: 1);
        var error = Assert.Throws<CommandLineException>(() => Resumed(option.Split(' ')));
        Assert.Matches("^" + message.Replace("*", ".*"), error.Message);
    }

    [Fact]
    public void Options_that_do_not_may_change()
    {
        Train(Config with { Out = Out }, epochs: 1);
        var config = Resumed("--threads", "1", "--device", "cpu", "--plain", "--data", "elsewhere", "--save-pt", "x.pt");
        Assert.Equal((1, "cpu", true, "elsewhere", "x.pt", 1e-2),
            (config.Threads, config.Device, config.Plain, config.Data, config.SavePt, config.LearningRate));
    }

    [Fact]
    public void Data_that_changed_are_named()
    {
        Train(Config with { Out = Out }, epochs: 1);
        var before = Files(Out);
        var changed = Assert.Throws<TorchletException>(() => Train(Resumed(), data: Data with { Checksums = Data.Checksums.SetItem("test", "changed") }));
        Assert.Contains($"{Path.Combine(Data.Source, "test")} is not the file that the run in {Out} was trained on (SHA-256 abcdefgh…)", changed.Message);
        var missing = Assert.Throws<TorchletException>(() => Train(Resumed(), data: Data with { Checksums = Data.Checksums.Remove("train") }));
        Assert.Contains("train is missing", missing.Message);
        Assert.Equal(before, Files(Out));
    }

    public static TheoryData<string, string, string> Damage => new(
        ("last.checkpoint", "", "last.checkpoint: it is not the checkpoint of a training"),
        ("last.checkpoint", "junk", "last.checkpoint: it is not the checkpoint of a training"),
        ("last.checkpoint", "best.safetensors", "last.checkpoint: it is not the checkpoint of a training"),
        ("last.checkpoint", "version", "last.checkpoint: it has version 2 of the format, and this Torchlet reads version 1"),
        ("last.checkpoint", "other", "last.checkpoint: it is of another training, whose seed is 8 and not 0"),
        ("last.checkpoint", "missing", "last.checkpoint is missing, though log.csv has epochs that are done"),
        ("log.csv", "missing", "log.csv is missing"),
        ("log.csv", "", "log.csv holds 0 of the 2 epochs that are done"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n", "log.csv holds 1 of the 2 epochs that are done"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n2,2,3,0.4,5", "log.csv holds 1 of the 2 epochs that are done"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n3,2,3,0.4,5\n", "log.csv, line 3: \"3,2,3,0.4,5\" is not the row of epoch 2"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n2,2,3\n", "log.csv, line 3: \"2,2,3\" is not the row of epoch 2"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n2,\"2\",\"3\",\"0.4\",5\n", "log.csv, line 3: \"2,\"2\",\"3\",\"0.4\",5\" is not the row of epoch 2"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n2,NaN,NaN,NaN,5\n", "log.csv, line 3: \"2,NaN,NaN,NaN,5\" is not the row of epoch 2"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n2,abc,def,ghi,5\n", "log.csv, line 3: \"2,abc,def,ghi,5\" is not the row of epoch 2"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n2,2,1e101,0.4,5\n", "log.csv, line 3: \"2,2,1e101,0.4,5\" is not the row of epoch 2"),
        ("log.csv", Header + "\n1,2,3,0.4,5\n2,2,3,-7,5\n", "log.csv, line 3: \"2,2,3,-7,5\" is not the row of epoch 2"),
        ("log.csv", "epoch\n1,2,3,0.4,5\n2,2,3,4,5\n", "log.csv does not begin with epoch,train_loss,"),
        ("log.csv", Header + "\nno\nrow\n", "log.csv, line 2: \"no\" is not the row of epoch 1"),
        ("best.safetensors", "missing", "best.safetensors: it is missing"),
        ("config.json", "", "config.json: it is not what a run wrote"),
        ("config.json", "{}", "config.json: it is not what a run wrote"),
        ("config.json", """{"script":"02_train_cross_entropy","options":{"lr":"fast"},"data":{"sha256":{"a":"b"}}}""",
            "config.json: it is not what a run wrote (--lr fast: want number"),
        ("config.json", """{"script":"02_train_cross_entropy","options":{"lr":[7]},"data":{"sha256":{"a":"b"}}}""", "config.json: it is not what a run wrote"),
        ("config.json", """{"script":"02_train_cross_entropy","options":{"speed":"7"},"data":{"sha256":{"a":"b"}}}""",
            "config.json: it is not what a run wrote"),
        ("config.json", """{"script":"02_train_cross_entropy","options":{}}""", "config.json: it is not what a run wrote (no checksums of the data)"),
        ("config.json", """{"script":"01_infer_pretrained","options":{}}""", "config.json: it is of a run of 01_infer_pretrained"),
        ("config.json", "missing", "the folder holds no config.json"));

    [Theory, MemberData(nameof(Damage))]
    public void A_damaged_file_is_named_and_nothing_is_written(string file, string content, string because)
    {
        Train(Config with { Out = Out }, epochs: 2);
        var path = Path.Combine(Out, file);
        var state = Training.Epochs(Config.Recipe(Data), Data).First().State!;
        Action damage = content switch
        {
            "missing" => () => File.Delete(path),
            "best.safetensors" => () => File.Copy(Path.Combine(Out, content), path, overwrite: true),
            "version" => () => ReplaceInside(path, "\"version\":\"1\"", "\"version\":\"2\""),
            "other" => () => File.WriteAllBytes(path, TrainingCheckpoint.Bytes(state, [new("seed", "8")])),
            _ => () => File.WriteAllText(path, content),
        };
        damage();
        var before = Files(Out);
        var error = Assert.Throws<TorchletException>(() => Train(Resumed()));
        Assert.Contains(because, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(before, Files(Out));
    }

    [Fact]
    public void No_bit_of_a_checkpoint_can_change_unnoticed() => MutateCheckpoints(400);

    [LongFact]
    public void No_bit_of_a_checkpoint_can_change_unnoticed_at_length() => MutateCheckpoints(40_000);

    [Fact]
    public void A_mutated_log_or_config_is_read_or_refused_in_one_line() => MutateTexts(300);

    [LongFact]
    public void A_mutated_log_or_config_is_read_or_refused_at_length() => MutateTexts(20_000);

    [Fact]
    public void A_folder_that_another_process_fills_is_not_taken()
    {
        using (var run = Create(Config with { Out = Out }))
        {
            Assert.Contains("another process is at work in", Assert.Throws<TorchletException>(() => Create(Resumed())).Message);
            Assert.Contains("already holds a run", Assert.Throws<TorchletException>(() => Create(Config with { Out = Out })).Message);
        }
        Create(Resumed()).Dispose();
    }

    [Fact]
    public void A_clock_that_stands_still_or_goes_backwards_makes_no_two_runs_one()
    {
        DateTime[] times = [new(2026, 10, 25, 2, 30, 0), new(2026, 10, 25, 2, 30, 0), new(2026, 10, 25, 1, 30, 0)];
        var names = times.Select(time =>
        {
            using var run = NewRun.Create(Script, Config, Data, CPU, Path.Combine(folder.Path, "home"), time);
            return Path.GetFileName(run.Folder);
        }).ToList();
        Assert.Equal(["20261025-023000", "20261025-023000-2", "20261025-013000"], names);
        Assert.Equal(names[^1], new DirectoryInfo(Path.Combine(folder.Path, "home", "latest")).LinkTarget);
    }

    [Fact]
    public void A_run_is_found_through_a_link_and_stays_where_it_is()
    {
        Train(Config with { Out = Out }, epochs: 1);
        var latest = Path.Combine(folder.Path, "home", "latest");
        using var run = Create(Resumed([], latest));
        Assert.Equal((Out, 1), (run.Folder, run.Finished.Rows.Length));
        Assert.Equal(Path.GetFullPath(Out), Path.GetFullPath(new DirectoryInfo(latest).LinkTarget!, Path.GetDirectoryName(latest)!));
    }

    [Fact]
    public void Who_diverges_learns_what_is_left()
    {
        using var run = Create(Config with { Out = Out });
        IEnumerable<Epoch> Epochs()
        {
            yield return Training.Epochs(Config.Recipe(Data), Data).First();
            throw new DivergenceException("epoch 2, batch 7: the loss is NaN.");
        }
        var error = Assert.Throws<DivergenceException>(() => (Epochs() | Checkpoint.KeepLast(run)).Count());
        Assert.Equal($"epoch 2, batch 7: the loss is NaN. The last good checkpoint is {run.PathOf("last.checkpoint")}.", error.Message);
    }

    void MutateCheckpoints(int count)
    {
        var state = Training.Epochs((Config with { Hidden = [3] }).Recipe(Data), Data).First().State!;
        var good = TrainingCheckpoint.Bytes(state, SavedRun.Decisive(Config, Data));
        for (var seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. good];
            var at = random.Next(bytes.Length);
            if (random.Next(4) == 0) bytes = bytes[..at];
            else bytes[at] ^= (byte)(1 << random.Next(8));
            try
            {
                // Blank space and the order of a header's members may change, what they say may not.
                Assert.Equal(good, TrainingCheckpoint.Bytes(TrainingCheckpoint.Parse(bytes).Snapshot, TrainingCheckpoint.Parse(bytes).About));
            }
            catch (TorchletException e)
            {
                Assert.DoesNotContain(e.Message, char.IsControl);
            }
        }
    }

    void MutateTexts(int count)
    {
        Train(Config with { Out = Out }, epochs: 3);
        var good = new[] { "config.json", "log.csv" }.ToDictionary(name => Path.Combine(Out, name), name => File.ReadAllBytes(Path.Combine(Out, name)));
        var outcomes = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        for (var seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            foreach (var (file, bytes) in good) File.WriteAllBytes(file, bytes);
            var (path, whole) = good.ElementAt(random.Next(2));
            var (at, noise) = (random.Next(whole.Length), new byte[random.Next(1, 4)]);
            random.NextBytes(noise);
            File.WriteAllBytes(path, random.Next(3) switch
            {
                0 => whole[..at],
                1 => [.. whole[..at], .. noise, .. whole[at..]],
                _ => [.. whole[..at], .. noise, .. whole[Math.Min(whole.Length, at + noise.Length)..]],
            });
            try
            {
                using var run = Create(Resumed());
                Assert.Equal([1, 2, 3], run.Finished.Rows.Select(r => r.Index));
                outcomes[true]++;
            }
            catch (TorchletException e)
            {
                Assert.DoesNotContain(e.Message, char.IsControl);
                outcomes[false]++;
            }
        }
        Assert.All(outcomes, o => Assert.InRange(o.Value, count / 20, count));
    }

    RunFolder Create(TrainConfig config, Dataset? data = null) =>
        NewRun.Create(Script, config, data ?? Data, CPU, Path.Combine(folder.Path, "home"), new DateTime(2026, 11, 23));

    /// <summary>Script 02 without the console; at most so many epochs, after which the process dies.</summary>
    IReadOnlyList<Epoch> Train(TrainConfig config, int? epochs = null, Dataset? data = null, bool draw = false)
    {
        using var run = Create(config, data);
        var rows = Training.Epochs(run.Recipe!, data ?? Data, run.Finished.State)
            | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run);
        if (epochs is { } n) rows = rows.Take(n);
        return draw ? rows | Plots.Curves(run) : [.. rows];
    }

    TrainConfig Resumed(params string[] options) => Resumed(options, Out);

    static TrainConfig Resumed(string[] options, string place) => SavedRun.Find(place, Script).Config(["--resume", place, .. options], new TrainConfig());

    static Snapshot Reread(Snapshot snapshot) => TrainingCheckpoint.Parse(TrainingCheckpoint.Bytes(snapshot, [])).Snapshot;

    static string Bits(Epoch e) => $"{e.Index} {e.TrainLoss:r} {e.TestLoss:r} {e.TestAccuracy:r} {e.State!.Epoch} {e.State.Step} "
        + Hash(e.State.Parameters) + string.Concat(e.State.Moments.Select(m => Hash(m.Numbers))) + Convert.ToHexString([.. e.State.Random.State]);

    static string Hash(ImmutableArray<float> numbers) => string.Join(',', numbers.Select(BitConverter.SingleToInt32Bits));

    static void AssertSame(string want, string got)
    {
        foreach (var file in new[] { "best.safetensors", "last.checkpoint" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(want, file)), File.ReadAllBytes(Path.Combine(got, file)));
        Assert.Equal(Metrics(want), Metrics(got));
    }

    static IEnumerable<string> Metrics(string run) =>
        File.ReadAllText(Path.Combine(run, "log.csv")).Split("\r\n").Select(line => string.Join(',', line.Split(',').SkipLast(1)));

    static IEnumerable<(string, string)> Files(string run) =>
        [.. from file in Directory.EnumerateFiles(run)
            where !file.EndsWith(".png") && !file.EndsWith(".lock")
            orderby file
            select (file, Convert.ToHexString(File.ReadAllBytes(file)))];

    static void ReplaceInside(string path, string old, string with) =>
        File.WriteAllText(path, File.ReadAllText(path, System.Text.Encoding.Latin1).Replace(old, with), System.Text.Encoding.Latin1);

    static string? Option(JsonElement config, string name) => config.GetProperty("options").GetProperty(name).GetString();

    JsonElement Json() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, "config.json"))).RootElement;
}
