using System.Collections.Immutable;
using static Torchlet.Layers;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Where an optimizer keeps an average of the parameters, a run keeps, exports and is judged by the average.</summary>
public sealed class KeptWeightsTests : IDisposable
{
    static readonly Dataset Data = Tensors.SmallData(400, 100) with { Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123") };

    readonly TemporaryFolder folder = new();

    // A high rate, so that the parameters jump about and their average is better: which of the two is kept matters.
    TrainConfig Config => new() { Epochs = 4, BatchSize = 64, Hidden = [9], LearningRate = 0.3, Ema = 0.8, Out = Path.Combine(folder.Path, "run") };

    public void Dispose() => folder.Dispose();

    string In(string file) => Path.Combine(Config.Out!, file);

    public static TheoryData<string> Ways => ["option", "chain", "lookahead", "accumulate", "batch norm", "validation", "patience"];

    [Theory, MemberData(nameof(Ways))]
    public void The_average_is_judged_kept_and_exported(string way)
    {
        var config = way switch
        {
            "option" or "batch norm" => Config with { SavePt = In("../w.pt"), SaveOnnx = In("../w.onnx") },
            "patience" => Config with { Patience = 1, Epochs = 12 },
            _ => Config with { Ema = null },
        };
        var data = way == "validation" ? Data.Hold(100) : Data;
        Transform average = AverageParameters(0.8), adam = Optimizers.Adam(0.3);
        During(config, run =>
        {
            var recipe = way switch
            {
                "chain" or "validation" => run.Recipe with { Optimizer = Chain(adam, average) },
                "lookahead" => run.Recipe with { Optimizer = Lookahead(Chain(adam, average)) },
                "accumulate" => run.Recipe with { Optimizer = Accumulate(2, Chain(adam, average)) },
                "batch norm" => run.Recipe with { Model = Dense(9) >> BatchNorm() >> Relu >> Dense(10) },
                _ => run.Recipe,
            };
            var rows = run.Train(recipe);
            var best = rows.MinBy(row => (row.AveragedValidation ?? row.Averaged)!.Loss)!;
            Assert.Equal(best, Epoch.Best(rows));
            Assert.Equal(data.Validation is null, best.AveragedValidation is null);
            Assert.NotEqual(best.Test.Loss, best.Averaged!.Loss);
            Assert.Equal(best.Averaged, run.Best().Evaluate(data.Test));
            Assert.Equal((best.Averaged.Loss, best.Averaged["accuracy"]), (run.Folder.Figures.BestTestLoss, run.Folder.Figures.Accuracy));
            Assert.Equal(rows, TrainingLog.Read(run.Folder)[0].Select(row => row with { Elapsed = rows[row.Index - 1].Elapsed }));
            var (kept, last) = (Weights.Read(In("best.safetensors")), Weights.Read(In("averaged.safetensors")));
            Assert.All([kept, last], file => Assert.Equal("averaged", file.Metadata["weights"]));
            Assert.Equal(($"{best.Index}", $"{rows[^1].Index}"), (kept.Metadata["epoch"], last.Metadata["epoch"]));
            Assert.Equal($"{best.Averaged.Loss}", kept.Metadata["test_loss"]);
            Assert.Equal(rows[^1].Averaged, Evaluate(recipe, last));
            if (config.SavePt is null) return;
            Assert.Equal(kept.Arrays.SelectMany(a => a.Values.ToArray()), Weights.Read(config.SavePt).Arrays.SelectMany(a => a.Values.ToArray()));
            Assert.Contains("averaged", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(config.SaveOnnx!)));
        }, data);

        Evaluation Evaluate(Recipe recipe, WeightsFile file)
        {
            using var scope = NewDisposeScope();
            return Metrics.Evaluate(SavedModel.Of(recipe.Model, recipe.Net(data), file).ToModel(), data.Test, recipe.Objective, recipe.BatchSize);
        }
    }

    [Fact]
    public void Early_stop_waits_for_the_average_and_the_last_line_says_which_weights_it_is_of()
    {
        Epoch Row(int index, double raw, double averaged) => Tensors.Row(index, 1, raw, 0.5) with { Averaged = new(averaged, ("accuracy", 0.25)) };
        Epoch[] rows = [Row(1, 0.1, 3), Row(2, 0.2, 2), Row(3, 0.3, 1), Row(4, 0.4, 1.5), Row(5, 0.5, 1.5)];
        Assert.Equal(4, (rows | EarlyStop.After(1)).Count());
        Assert.Equal("Best test loss: 1.0000, of the averaged weights", ConsoleReport.Best(rows));
        Assert.Equal("Test of the best averaged weights, mean over 1 seed: loss 1.0000, accuracy 25.00%", ConsoleReport.Best([rows]));
        var validated = rows.Select(row => row with { Validation = new(1.0 / row.Index), AveragedValidation = new(row.Index) });
        Assert.Equal("Test of the best weights (epoch 1, averaged): loss 3.0000, accuracy 25.00%", ConsoleReport.Best(validated));
    }

    [Fact]
    public void Raw_weights_say_so()
    {
        During(Config with { Ema = null, Epochs = 1 }, run => run.Train());
        Assert.Equal("raw", Weights.Read(In("best.safetensors")).Metadata["weights"]);
        Assert.False(File.Exists(In("averaged.safetensors")));
    }

    [Fact]
    public void A_resumed_run_ends_with_the_same_files_to_the_byte()
    {
        During(Config, run => run.Train());
        string[] files = ["best.safetensors", "averaged.safetensors", "last.checkpoint", "loss.png"];
        var whole = files.Select(file => File.ReadAllBytes(In(file))).ToList();
        Directory.Delete(Config.Out!, recursive: true);
        During(Config with { Epochs = 2 }, run => run.Train());
        During(Config with { Resume = Config.Out, Out = null }, run => run.Train());
        Assert.All(files.Zip(whole), file => Assert.Equal(file.Second, File.ReadAllBytes(In(file.First))));

        // Weights of before --ema chose the average are not those of this run's epochs.
        var best = Weights.Read(In("best.safetensors"));
        Weights.SaveSafetensors(In("best.safetensors"), best.Arrays, best.Metadata.Remove("weights"));
        var resumed = Assert.Throws<TorchletException>(() => During(Config with { Resume = Config.Out, Out = null, Epochs = 5 }, run => run.Train()));
        Assert.Contains("its weights is raw and not averaged", resumed.Message);
    }

    [Fact]
    public void An_average_of_what_the_parameters_never_are_is_refused()
    {
        Transform adam = Optimizers.Adam(1e-3), average = AverageParameters(0.9);
        var message = Assert.Throws<ArgumentException>(() => Chain(average, adam)).Message;
        Assert.Equal("Chain: want the average of the parameters at the end, got AverageParameters(0.9) >> Adam(0.001); "
            + "put the average of the parameters at the end of the whole chain.", message);
        Assert.Throws<ArgumentException>(() => Chain(adam, average, Freeze(Slot.IsWeight)));
        Assert.Throws<ArgumentException>(() => Only(Slot.IsWeight, Chain(adam, average)));
        Assert.NotNull(Chain(Lookahead(adam), average).Average);
    }

    static void During(TrainConfig config, Action<Run<TrainConfig>> body, Dataset? data = null)
    {
        var runs = new ScriptRuns("a_script", isListed: false);
        runs.During(() => body(new(config, config, runs, data ?? Data)));
    }
}
