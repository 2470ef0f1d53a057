using TorchSharp;
using static Torchlet.Layers;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>A learning rate that depends on the epochs so far.</summary>
public sealed class PlateauTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    /// <summary>Losses of 40 epochs that fall, stay, rise, fall by less than the threshold, and are NaN.</summary>
    static double[] Figures => [.. Enumerable.Range(0, 40).Select(i => i switch
    {
        < 5 => 2 - 0.2 * i, < 12 => 1.2, < 15 => 1.2 - 0.00005 * (i - 11), < 18 => double.NaN, < 22 => 0.9, < 30 => 0.9 + 0.01 * i, _ => 0.5,
    })];

    [Theory, InlineData(0.1, 2, 1e-4, 0), InlineData(0.5, 0, 1e-4, 0.01), InlineData(0.3, 3, 0.05, 0), InlineData(0.1, 1, 1e-4, 0.0003)]
    public void The_rates_are_those_of_libtorchs_scheduler(double factor, int patience, double threshold, double min)
    {
        using var scope = NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(zeros(1));
        using var sgd = optim.SGD([parameter], 0.1);
        var theirs = optim.lr_scheduler.ReduceLROnPlateau(sgd, factor: factor, patience: patience, threshold: threshold, min_lr: [min]);
        var ours = Schedules.ReduceOnPlateau(0.1, factor, patience, threshold, min);
        var rows = new List<Epoch>();
        foreach (var figure in Figures)
        {
            rows.Add(Tensors.Row(rows.Count + 1, 1, figure, 0.5));
            theirs.step(figure);
            Assert.Equal(sgd.ParamGroups.First().LearningRate, ours.ByRows!(rows).At(1));
        }
        Assert.True(ours.ByRows!(rows).At(1) < 0.1);
        Assert.Equal(0.1, ours.At(1));
    }

    [Fact]
    public void A_figure_of_which_more_is_better_is_judged_with_its_sign()
    {
        var schedule = Schedules.ReduceOnPlateau(1, patience: 0);
        double After(params double[] accuracies) => schedule.ByRows!(
            [.. accuracies.Select((a, i) => Tensors.Row(i + 1, 1, 1, a) with { JudgedBy = new("accuracy", MoreIsBetter: true) })]).At(1);
        Assert.Equal([1, 1, 0.1, 0.1],
            new[] { After(0.5), After(0.5, 0.6), After(0.5, 0.6, 0.6), After(0.5, 0.6, 0.6, 0.7) }.Select(rate => Math.Round(rate, 9)));
    }

    public static TheoryData<string> Optimizers => ["adam", "warm-up", "chain", "only", "accumulate", "lookahead"];

    static Transform Optimizer(string name)
    {
        // A threshold that no epoch passes: the rate falls after each but the first.
        var rate = Schedules.ReduceOnPlateau(0.01, 0.5, patience: 0, threshold: 0.9);
        return name switch
        {
            "warm-up" => Torchlet.Optimizers.Adam(Schedules.Warmup(3, rate)),
            "chain" => Chain(ClipByGlobalNorm(1), Torchlet.Optimizers.Sgd(rate), AverageParameters(0.9)),
            "only" => Only(Slot.IsWeight, Torchlet.Optimizers.Sgd(rate)),
            "accumulate" => Accumulate(2, Torchlet.Optimizers.Sgd(rate)),
            "lookahead" => Lookahead(Torchlet.Optimizers.WithMomentum(rate)),
            _ => Torchlet.Optimizers.Adam(rate),
        };
    }

    [Theory, MemberData(nameof(Optimizers))]
    public void The_rate_falls_in_the_training_and_one_that_goes_on_has_the_same_bits(string name)
    {
        var data = Tensors.SmallData(200, 50);
        var recipe = new Recipe(Dense(8) >> Relu >> Dense(10), Objective.Classify(), Optimizer(name)) { Epochs = 4, BatchSize = 50 };
        var epochs = Training.Epochs(recipe, data).ToList();
        Assert.Equal([0.01, 0.01, 0.005, 0.0025], epochs.Select(e => e.LearningRate));
        Assert.Equal(epochs.Select(e => e.TestLoss), epochs[^1].State!.Rows.Select(e => e.TestLoss));
        var constant = recipe with { Optimizer = Torchlet.Optimizers.Sgd(0.01) };
        foreach (var at in new[] { 0, 1, 2 })
            Assert.Equal(epochs[^1].State!.Parameters, Training.Epochs(recipe, data, epochs[at].State).Last().State!.Parameters);
        using var scope = NewDisposeScope(); // The steps have the same rates, without rows.
        Assert.Equal(epochs[^1].State!.Parameters, Training.Steps(recipe, data, (_, _, step) => step.State.Snapshot(4).Parameters).Last());
    }

    [Fact]
    public void The_rate_changes_the_steps()
    {
        var data = Tensors.SmallData(200, 50);
        var recipe = new Recipe(Dense(10), Objective.Classify(), Optimizer("adam")) { Epochs = 3, BatchSize = 50 };
        var other = recipe with { Optimizer = Torchlet.Optimizers.Adam(0.01) };
        var (falling, constant) = (Training.Epochs(recipe, data).ToList(), Training.Epochs(other, data).ToList());
        Assert.Equal(constant[1].State!.Parameters, falling[1].State!.Parameters);
        Assert.NotEqual(constant[2].State!.Parameters, falling[2].State!.Parameters);
    }

    [Fact]
    public void A_run_that_is_resumed_has_the_log_and_the_weights_of_one_in_one_go()
    {
        var data = Tensors.SmallData(400, 100);
        var config = new TrainConfig { Hidden = [9], BatchSize = 64, Epochs = 6, LearningRate = 0.5, Schedule = "plateau:0", Validation = null, Plain = true };
        void Train(TrainConfig config)
        {
            var run = Tensors.Run(config, data);
            run.Train();
            run.Folder.Dispose();
        }
        string[] Log(string run) => [.. File.ReadLines(Path.Combine(run, "log.csv")).Select(line =>
            string.Join(',', line.Split(',').Where((_, column) => column != 4)))]; // The seconds differ.
        var whole = Path.Combine(folder.Path, "whole");
        Train(config with { Out = whole });
        Train(config with { Out = Out, Epochs = 3 });
        Train(config with { Resume = Out });
        Assert.Equal(Log(whole), Log(Out));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "best.safetensors")), File.ReadAllBytes(Path.Combine(Out, "best.safetensors")));
        var rates = Log(whole).Skip(1).Select(line => line.Split(',')[^1]).Distinct().Count();
        Assert.True(rates > 1, "the rate never fell");
    }

    [Fact]
    public void A_custom_schedule_sees_the_rows_and_a_snapshot_without_them_is_refused()
    {
        var data = Tensors.SmallData(100, 50);
        var seen = new List<int>();
        var schedule = Schedules.After(rows =>
        {
            seen.Add(rows.Count);
            return rows.Count < 2 ? 0.1 : 0.01;
        });
        var recipe = new Recipe(Dense(10), Objective.Classify(), Torchlet.Optimizers.Sgd(schedule)) { Epochs = 3, BatchSize = 50 };
        Assert.Equal("Sgd(own)", recipe.Optimizer.Text);
        var epochs = Training.Epochs(recipe, data).ToList();
        Assert.Equal([0.1, 0.1, 0.01], epochs.Select(e => e.LearningRate));
        Assert.Equal([0, 1, 2], seen.Distinct());
        Assert.Contains("number of rows, on which the learning rate depends, 1, got 0",
            Assert.Throws<ArgumentException>(() => Training.Epochs(recipe, data, epochs[0].State! with { Rows = [] })).Message);
    }

    [Theory]
    [InlineData("plateau:3", "ReduceOnPlateau(0.1, 0.1, 3, 0.0001, 0)"), InlineData("plateau:0", "ReduceOnPlateau(0.1, 0.1, 0, 0.0001, 0)")]
    [InlineData("plateau", null), InlineData("plateau:-1", null), InlineData("plateau:1.5", null), InlineData("slope:3", null)]
    public void Its_name_has_a_patience(string name, string? text)
    {
        Assert.Equal(text, Schedules.Find(name)?.Invoke(0.1, 100).Text);
        if (text is not null) Assert.Equal(name, CommandLine.Parse(["--schedule", name], new TrainConfig()).Schedule);
        else Assert.Contains("--schedule", Assert.Throws<CommandLineException>(() => CommandLine.Parse(["--schedule", name], new TrainConfig())).Message);
    }
}
