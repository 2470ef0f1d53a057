using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Published results made again: variants and seeds in runs of their own, figures next to the source's, and every script in its short form.</summary>
public sealed class GalleryTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static readonly Dataset Data = Tensors.SmallData(400, 100) with { Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123") };

    static readonly Recipe
        Wide = new(Mlp.Layer([9], Layers.Sigmoid, 10), Objective.Classify(), Optimizers.Adam(1e-2)) { BatchSize = 64 },
        Narrow = Wide with { Model = Mlp.Layer([4], Layers.Sigmoid, 10) };

    static readonly ImmutableArray<Variant> Variants =
        [new("nine", Wide, Published.TestAccuracy("0.9")), new("four/of them", Narrow, Published.TestAccuracy(""), Published.TestLoss("1"))];

    string Out => Path.Combine(folder.Path, "run");

    GalleryConfig Config => new() { Epochs = 3, Seeds = [0, 7], Out = Out };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_variant_is_trained_from_each_seed_as_it_would_be_alone()
    {
        Train(Config);
        Assert.Equal(["four-of-them-seed-0", "four-of-them-seed-7", "nine-seed-0", "nine-seed-7"],
            Directory.EnumerateDirectories(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var want = Training.Epochs(Narrow with { Epochs = 3, Seed = 7 }, Data).Select(e => (e.TrainLoss, e.TestLoss, e.TestAccuracy)).ToList();
        var got = TrainingLog.Variants(new(Out, "x"))[1];
        Assert.Equal("four/of them", got.Name);
        Assert.Equal(want, got.Trainings[1].Select(e => (e.TrainLoss, e.TestLoss, e.TestAccuracy)));
    }

    [Fact]
    public void Published_figures_stand_beside_ours()
    {
        Train(Config);
        var epochs = TrainingLog.Variants(new(Out, "x"));
        var lines = File.ReadAllLines(Path.Combine(Out, "results.csv"));
        Assert.Equal("source,setting,variant,measure,published,seed,epochs,ours,seconds", lines[0]);
        Assert.Equal(7, lines.Length);
        Assert.StartsWith(FormattableString.Invariant(
            $"A book,Dense(9) >> Sigmoid >> Dense(10); Adam(0.01); batch 64,nine,test accuracy,0.9,7,3,{epochs[0].Trainings[1][^1].TestAccuracy},"), lines[2]);
        var table = GalleryTable.Of([Path.Combine(folder.Path, "not there"), Out]);
        Assert.Equal(5, table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("| A book | four/of them | `Dense(4) >> Sigmoid >> Dense(10); Adam(0.01); batch 64` | 3 | test loss | 1 | "
            + MeanDeviation.Of([.. epochs[1].Trainings.Select(t => t[^1].TestLoss)]).ToString(), table);
    }

    [Theory, InlineData(2), InlineData(3), InlineData(7)]
    public void Interrupted_after_any_epoch_and_resumed_it_is_the_run_that_was_not(int epochs)
    {
        Train(Config with { Out = Out + "-whole" });
        Assert.Throws<InterruptedException>(() => Train(Config, epochs));
        Assert.False(File.Exists(Path.Combine(Out, "results.csv")));
        Train(SavedRun.Find(Out, "a_script").Config(["--resume", Out], new GalleryConfig()));
        Assert.Equal(Untimed(Out + "-whole", "log.csv"), Untimed(Out, "log.csv"));
        Assert.Equal(Untimed(Out + "-whole", "results.csv"), Untimed(Out, "results.csv"));
        foreach (var part in new[] { "nine-seed-0", "four-of-them-seed-7" })
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(Out + "-whole", part, "last.checkpoint")), File.ReadAllBytes(Path.Combine(Out, part, "last.checkpoint")));
    }

    [Theory, InlineData("nine|four", "accuracies.png losses.png"), InlineData("a/nine|a/four", "panels.png"), InlineData("a/nine|b/four", "panels.png")]
    public void Variants_are_drawn_over_one_another_or_in_panels_and_drawn_anew_to_the_byte(string names, string pictures)
    {
        Train(Config with { Seeds = [] }, variants: [.. names.Split('|').Zip(Variants, (name, variant) => variant with { Name = name })]);
        Assert.Equal(pictures, string.Join(' ', Directory.EnumerateFiles(Out, "*.png").Select(Path.GetFileName).Order()));
        var before = Directory.EnumerateFiles(Out, "*.png", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);
        foreach (var picture in before.Keys) File.Delete(picture);
        Assert.Equal(before.Count, Assert.Single(Redraw.Each([Out])).Pictures.Count);
        Assert.All(before, picture => Assert.Equal(picture.Value, File.ReadAllBytes(picture.Key)));
    }

    [Fact]
    public void Variants_of_different_metrics_are_refused_before_they_are_trained()
    {
        var regression = Narrow with { Objective = Objective.Regress(Losses.SquaredError) };
        var error = Assert.Throws<ArgumentException>(() => Train(Config, variants: [Variants[0], Variants[1] with { Recipe = regression }]));
        Assert.Contains("want the same metrics of each, got accuracy and mae", error.Message);
        Assert.False(Directory.Exists(Path.Combine(Out, "nine-seed-0")));
    }

    [Fact]
    public void Losses_of_steps_are_those_of_the_training_and_the_last_hundred_are_the_figure()
    {
        var recipe = Wide with { BatchSize = 4 };
        Within(Config with { Seeds = [7] }, run => Gallery.Steps(run, "A book", 150, ("nine", recipe, "0.150")));
        var want = Training.Steps(recipe with { Epochs = 3, Seed = 7 }, Data).Take(150).Select(step => step.LossSum / step.Count).ToList();
        Assert.Equal(want.Select((loss, i) => FormattableString.Invariant($"nine,7,{i + 1},{loss}")),
            File.ReadLines(Path.Combine(Out, "step_losses.csv")).Skip(1));
        Assert.Contains(FormattableString.Invariant($"nine,training loss: mean of the last 100 steps,0.150,7,3,{want.TakeLast(100).Average()},"),
            File.ReadAllText(Path.Combine(Out, "results.csv")));
        Assert.True(File.Exists(Path.Combine(Out, "steps.png")));
    }

    [Fact]
    public void Several_measurements_are_a_mean_and_a_deviation_and_one_is_itself() =>
        Assert.Equal(("0.95 ± 0.01", "0.94"), (MeanDeviation.Of([0.94, 0.95, 0.96]).ToString(), MeanDeviation.Of([0.94]).ToString()));

    [Fact]
    public void Data_of_another_shape_are_refused_in_one_line()
    {
        SmallMnist.Write(folder.Path, train: 30, test: 30);
        File.Delete(Path.Combine(folder.Path, "train-images-idx3-ubyte"));
        File.WriteAllBytes(Path.Combine(folder.Path, "train-images-idx3-ubyte"), Idx.Bytes(new byte[30 * 16], 30, 4, 4));
        File.WriteAllBytes(Path.Combine(folder.Path, "t10k-images-idx3-ubyte"), Idx.Bytes(new byte[30 * 16], 30, 4, 4));
        var config = new GalleryConfig { Data = folder.Path };
        var error = Assert.Throws<TorchletException>(() => Gallery.On(new Run<GalleryConfig>(config, config, new("a_script"))));
        Assert.Contains("28 × 28 pixels", error.Message);
    }

    [Fact]
    public void The_short_gallery_trains_writes_its_table_and_trains_nothing_twice()
    {
        const string last = "two_layer_net";
        var (place, home) = (Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName, Path.Combine(folder.Path, "all"));
        var data = SmallMnist.Write(place, train: 200, test: 60);
        var options = $"--epochs 1 --seeds 0 --data {data}";
        foreach (var name in Reproductions.Except([last]))
        {
            var one = InProcess.Run(PathOf(name), $"{options} --plain --out {Path.Combine(home, name)}");
            Assert.Equal((name, 0, ""), (name, one.ExitCode, one.Error));
        }
        // The script of them all starts a process for each that is missing.
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, PathOf("gallery"), $"{options} --out {home}");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal([$"== {last}"], outcome.Output.Split('\n').Where(line => line.StartsWith("==", StringComparison.Ordinal)));
        var runs = Directory.EnumerateDirectories(home).ToList();
        Assert.Equal(Reproductions, runs.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(runs, run => Assert.True(Directory.EnumerateFiles(run, "*.png").Any() && RunStatus.Of(run) == RunStatus.Finished, run));
        Assert.Equal(
            runs.Sum(run => File.ReadLines(Path.Combine(run, "results.csv")).Count() - 1) + 2, File.ReadLines(Path.Combine(home, "table.md")).Count());

        var table = File.ReadAllText(Path.Combine(home, "table.md"));
        File.Delete(Path.Combine(home, "table.md"));
        var again = InProcess.Run(PathOf("gallery"), $"{options} --out {home}");
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.DoesNotContain("==", again.Output);
        Assert.Equal(table, File.ReadAllText(Path.Combine(home, "table.md")));
    }

    [Fact]
    public void Two_spirals_are_told_apart_on_a_sheet_that_grows()
    {
        var outcome = InProcess.Run(PathOf("spiral"), $"--epochs 30 --out {Out}");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Matches(@"(9\d|100)\.\d % of the test points", outcome.Output);
        Assert.True(new FileInfo(Path.Combine(Out, "regions.png")).Length > 10_000);
    }

    [Theory, MemberData(nameof(Methods))]
    public void A_method_runs_in_its_short_form_and_draws(string name)
    {
        var text = Path.Combine(folder.Path, "book.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("The cat sat on the mat. ", 60)));
        var data = name is "char_rnn" or "tiny_gpt" ? $" --data {text} --context 12" : name == "tabular_regression" ? ""
            : $" --data {SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName, train: 600, test: 200)}";
        var outcome = InProcess.Run(PathOf(name), $"--epochs 1 --plain{data} --out {Out}");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(RunStatus.Finished, RunStatus.Of(Out));
        Assert.True(Directory.EnumerateFiles(Out, "*.png", SearchOption.AllDirectories).All(png => new FileInfo(png).Length > 1000));
        Assert.NotEmpty(Directory.EnumerateFiles(Out, "*.png", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_text_script_refuses_other_data_in_one_line()
    {
        var outcome = InProcess.Run(PathOf("char_rnn"), $"--data {SmallMnist.Write(folder.Path)} --out {Out}");
        Assert.Equal(1, outcome.ExitCode);
        Assert.EndsWith("this script takes a text; name a .txt or .md file.", Assert.Single(outcome.ErrorLines));
    }

    /// <summary>The script without its header: loads, imports and comments.</summary>
    [Theory, MemberData(nameof(ShortScripts))]
    public void A_script_is_forty_lines_at_most(string name) => Assert.InRange(
        File.ReadLines(PathOf(name)).SkipWhile(line => line is "" || line[0] is '#' or '/' || line.StartsWith("using ", StringComparison.Ordinal)).Count(),
        1, 40);

    public static TheoryData<string> ShortScripts => [.. Scripts.Except(["gallery", "pytorch_zoo"])];

    /// <summary>The scripts that show a method on data of their own choice, and reproduce no table.</summary>
    public static TheoryData<string> Methods =>
    [
        "char_rnn", "denoising_autoencoder", "distillation", "gan", "gradient_penalty", "k_fold", "lottery_ticket", "lr_finder", "mc_dropout", "mixup",
        "multi_task", "saliency", "sequential_mnist", "swa", "tabular_regression", "tiny_gpt", "tiny_vit", "transfer", "triplet", "vae",
    ];

    static IEnumerable<string> Reproductions =>
        Scripts.Except(["gallery", "pytorch_zoo", "spiral", .. Methods.Select(row => row.Data)]);

    static IEnumerable<string> Scripts =>
        Directory.EnumerateFiles(Path.GetDirectoryName(PathOf("x"))!, "*.csx").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    static string PathOf(string name) => Path.Combine(ProjectFolders.Root, "scripts", "gallery", $"{name}.csx");

    void Train(GalleryConfig config, int? epochs = null, ImmutableArray<Variant>? variants = null)
    {
        using var stop = new CancellationTokenSource();
        var left = epochs;
        Within(config, run => Gallery.Train(run, "A book", [.. (variants ?? Variants).Select(v => v with
        {
            Recipe = v.Recipe with { Augment = null, Objective = v.Recipe.Objective with { Prepare = Counted(v.Recipe.Objective.Prepare) } },
        })]), stop.Token);

        // An epoch has seven batches of its own, and two of the test set.
        Func<Batch, Batch> Counted(Func<Batch, Batch> prepare) => batch =>
        {
            if (left is { } n && batch.Count == 400 % 64 && (left = n - 1) == 0) stop.Cancel();
            return prepare(batch);
        };
    }

    static void Within(GalleryConfig config, Action<Run<GalleryConfig>> body, CancellationToken stop = default)
    {
        var runs = new ScriptRuns("a_script", stop, isListed: false);
        runs.During(() => body(new(config, config, runs, Data)));
    }

    static IEnumerable<string> Untimed(string run, string file)
    {
        var rows = File.ReadLines(Path.Combine(run, file)).Select(line => line.Split(',')).ToList();
        var seconds = Array.IndexOf(rows[0], "seconds");
        return rows.Select(row => string.Join(',', row.Where((_, i) => i != seconds)));
    }
}
