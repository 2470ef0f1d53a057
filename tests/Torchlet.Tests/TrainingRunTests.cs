using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>A script's run that trains itself, the order of its stages, and options without effect.</summary>
public sealed class TrainingRunTests : IDisposable
{
    static readonly Dataset Data = Tensors.SmallData(400, 100);

    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    TrainConfig Config => new() { Epochs = 3, BatchSize = 64, Hidden = [9], LearningRate = 1e-2, Out = Out };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Train_writes_every_file_and_returns_every_epoch()
    {
        var rows = During(Config with { Tensorboard = true, SavePt = Out + ".pt" }, run => run.Train());
        Assert.Equal([1, 2, 3], rows.Select(row => row.Index));
        Assert.Equal(["accuracy.png", "best.safetensors", "config.json", TensorBoard.FileName, "last.checkpoint", "log.csv", "loss.png", "status"],
            Directory.EnumerateFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Out + ".pt"));
        Assert.Equal("finished\n", Status);
        Assert.All(rows, row => Assert.Null(row.State));
    }

    [Fact]
    public void Train_is_the_stages_in_their_order()
    {
        During(Config, run => run.Train());
        During(Config with { Out = Out + "-stages" }, run =>
        {
            foreach (var training in run.Trainings())
                _ = training.Epochs() | Clock.Time | training.Display | training.Log | training.KeepBest | training.KeepLast | training.EarlyStop
                    | training.TensorBoard | training.Draw;
            return 0;
        });
        foreach (var file in new[] { "best.safetensors", "last.checkpoint", "loss.png" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(Out, file)), File.ReadAllBytes(Path.Combine(Out + "-stages", file)));
    }

    [Fact]
    public void Train_stops_early()
    {
        var config = Config with { Epochs = 40, LearningRate = 0.5, Patience = 2 };
        var rows = During(config, run => run.Train(), Known(Data));
        Assert.InRange(rows.Count, 3, 39);
        Assert.Equal(rows.Count, During(config with { Resume = Out, Out = null }, run => run.Train(), Known(Data)).Count);
    }

    [Fact]
    public void Best_predicts_with_the_best_weights_and_leaves_no_tensor()
    {
        During(Config, run =>
        {
            var best = Epoch.Best(run.Train())!;
            var (before, model) = (Tensors.Live, run.Best());
            Assert.Equal(best.TestAccuracy, model.Accuracy(Data.Test), 1e-9);
            Assert.Equal(best.Test, model.Evaluate(Data.Test));
            Assert.Equal(Enumerable.Range(0, 100), model.Predict(Data.Test).Select(p => p.Index));
            using (var outputs = model.Apply(Data.Test.Inputs[..7])) Assert.Equal([7, 10], outputs.shape);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.InRange(Tensors.Live - before, -100, 1); // The slice is the caller's.
            return 0;
        });
    }

    [Fact]
    public void Best_prepares_inputs_as_the_objective_does()
    {
        During(Config, run =>
        {
            var inverted = run.Recipe.Objective with { Prepare = batch => batch with { Inputs = 1 - Batches.Floats(batch.Inputs) } };
            var best = Epoch.Best(run.Train(run.Recipe with { Objective = inverted }))!;
            Assert.Equal(best.TestAccuracy, run.Best().Accuracy(Data.Test), 1e-9);
            using var scope = NewDisposeScope();
            Assert.NotEqual(best.TestLoss, Metrics.Evaluate(run.Best().ToModel(), Data.Test, Objective.Classify(), 50).Loss);
            var outputs = run.Best().ToModel().Apply(1 - Batches.Floats(Data.Test.Inputs));
            Tensors.AssertClose(outputs, run.Best().Apply(Data.Test.Inputs), 0);
            var confidences = Activations.Softmax(outputs).amax([1]).data<float>().ToArray();
            Assert.Equal(confidences, run.Best().Predict(Data.Test).Select(p => p.Confidence).ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
            return 0;
        });
    }

    [Fact]
    public void Several_seeds_give_all_rows_and_the_best_seeds_model()
    {
        During(Config with { Seeds = [3, -1] }, run =>
        {
            var rows = run.Train();
            Assert.Equal([1, 2, 3, 1, 2, 3], rows.Select(row => row.Index));
            Assert.Equal(rows.Min(row => row.TestLoss), run.Best().Evaluate(Data.Test).Loss);
            return 0;
        });
    }

    [Fact]
    public void Best_before_a_training_says_to_train()
    {
        using var run = new Begun(Config);
        Assert.Contains("call run.Train() first", Assert.Throws<InvalidOperationException>(() => run.Run.Best()).Message);
    }

    [Fact]
    public void A_script_begins_one_run()
    {
        using var run = new Begun(Config);
        Assert.Throws<InvalidOperationException>(() => run.Run.Begin());
        Assert.Throws<InvalidOperationException>(() => run.Run.On(Data));
        Assert.Same(run.Run.Folder, run.Run.Trainings(run.Run.Recipe).Single().Folder);
    }

    [Fact]
    public void A_training_runs_once()
    {
        using var run = new Begun(Config);
        run.Run.Train();
        Assert.Contains("has run already", Assert.Throws<InvalidOperationException>(() => run.Run.Train()).Message);
    }

    [Theory]
    [InlineData("prepare", "whose prepare is none and not own")]
    [InlineData("evaluation", "whose evaluation is none and not nll")]
    [InlineData("batch size", "whose recipe.batch_size is 100 and not 10")]
    [InlineData("metrics", "resume it with the same metrics")]
    public void Another_part_is_not_resumed(string part, string message)
    {
        var known = Data with { Checksums = Data.Checksums.Add("small", "00") };
        Recipe Usual(Run<TrainConfig> run) => run.Recipe with { BatchSize = 100 };
        using (var first = new Begun(Config, begin: false, data: known)) first.Run.Train(Usual(first.Run));
        using var second = new Begun(Config with { Resume = Out, Out = null, Epochs = Config.Epochs + 1 }, begin: false, data: known);
        var usual = Usual(second.Run);
        var other = part switch
        {
            "prepare" => usual with { Objective = usual.Objective with { Prepare = batch => batch with { Inputs = Batches.Floats(batch.Inputs) } } },
            "evaluation" => usual with { Objective = usual.Objective with { Evaluation = Losses.NllOfLogSoftmax } },
            "metrics" => usual with { Objective = usual.Objective with { Metrics = [] } },
            _ => usual with { BatchSize = 10 },
        };
        var log = File.ReadAllText(Path.Combine(Out, "log.csv"));
        Assert.Contains(message, Assert.Throws<TorchletException>(() => second.Run.Train(other)).Message);
        Assert.Equal(log, File.ReadAllText(Path.Combine(Out, "log.csv")));
    }

    public static TheoryData<string, string> Swapped => new(
        ("Clock Log Display", "Display comes after Log"), ("Clock KeepBest Log", "Log comes after KeepBest"),
        ("Clock Log KeepLast KeepBest", "KeepBest comes after KeepLast"),
        ("Clock Log EarlyStop KeepLast", "KeepLast comes after EarlyStop"), ("Clock Log TensorBoard EarlyStop", "EarlyStop comes after TensorBoard"),
        ("Display Clock", "Clock comes after Display"), ("Clock Display Display", "Display is used twice"),
        ("Log Clock", "Log comes before Clock, or without it"),
        ("Display Log", "Log comes before Clock, or without it"), ("Clock Log KeepLast LayerGradients", "KeepLast is used twice"));

    [Theory, MemberData(nameof(Swapped))]
    public void Stages_in_another_order_are_refused_and_both_are_named(string stages, string message)
    {
        using var run = new Begun(Config);
        var training = run.Run.Trainings().Single();
        var known = new Dictionary<string, Func<IEnumerable<Epoch>, IEnumerable<Epoch>>>
        {
            ["Clock"] = Clock.Time, ["Display"] = training.Display, ["Log"] = training.Log, ["KeepBest"] = training.KeepBest, ["KeepLast"] = training.KeepLast,
            ["EarlyStop"] = training.EarlyStop, ["TensorBoard"] = training.TensorBoard, ["LayerGradients"] = CsvLog.LayerGradients(training.Folder),
        };
        var error = Assert.Throws<ArgumentException>(() => stages.Split(' ').Aggregate(training.Epochs(), (epochs, stage) => epochs | known[stage]).Count());
        Assert.Contains(message, error.Message);
        Assert.EndsWith("The order is Clock, Display, Log, KeepBest, KeepLast, EarlyStop, TensorBoard, Draw.", error.Message);
    }

    [Fact]
    public void Keeping_the_best_weights_remembers_nothing_between_two_uses()
    {
        using var run = new Begun(Config);
        var (keep, epochs) = (Checkpoint.KeepBest(run.Run.Folder), run.Run.Trainings().Single().Epochs().ToList());
        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal(3, (epochs | keep).Count());
            Assert.True(File.Exists(Path.Combine(Out, "best.safetensors")));
            File.Delete(Path.Combine(Out, "best.safetensors"));
        }
    }

    [Theory, InlineData("nothing"), InlineData("pipe"), InlineData("trainings"), InlineData("seeds")]
    public void A_run_that_began_to_train_and_has_no_epoch_fails(string way)
    {
        var config = way == "seeds" ? Config with { Seeds = [1, 2] } : Config;
        var error = Assert.Throws<TorchletException>(() => During(config, run => way switch
        {
            "nothing" => run.Begin(),
            "pipe" => run.Trainings().Single() is var training ? training.Epochs() | Clock.Time | training.Log : [],
            _ => (object)run.Trainings(),
        }));
        Assert.Contains("the run began to train and has no epoch", error.Message);
        Assert.Equal(1, error.ExitCode);
        Assert.Equal("failed\n", Status);
    }

    [Fact]
    public void A_finished_run_that_is_continued_needs_no_epoch()
    {
        During(Config, run => run.Train(), Known(Data));
        During(Config with { Resume = Out, Out = null }, run => run.Begin(), Known(Data));
        Assert.Equal("finished\n", Status);
    }

    [Fact]
    public void A_run_with_a_subject_of_its_own_trains_no_recipe()
    {
        During(Config, run => run.Begin(subject: "two networks"));
        Assert.Equal(("finished\n", "two networks"), (Status, RunRecord.Read(Path.Combine(Out, "config.json")).Subject));
    }

    [Fact]
    public void A_folder_that_a_program_makes_is_not_ended_by_a_script()
    {
        var place = Out + "-other";
        During(Config, run =>
        {
            RunFolder.Create(new RedrawConfig { Out = place }).Dispose();
            return run.Train();
        });
        Assert.Equal(("finished\n", "running\n"), (Status, File.ReadAllText(Path.Combine(place, "status"))));
    }

    [Theory]
    [InlineData("--lr 0.5", "--lr 0.5 has no effect: the script replaces the optimizer with Sgd(0.1); leave the option out.")]
    [InlineData("--optimizer lion", "--optimizer lion has no effect")]
    [InlineData("--optimizer sgd --momentum 0.7", "--momentum 0.7 has no effect")]
    [InlineData("--hidden 5,6", "--hidden 5,6 has no effect")]
    [InlineData("--loss nll", "--loss nll has no effect")]
    [InlineData("--reduction sum", "--reduction sum has no effect")]
    [InlineData("--epochs 7", "--epochs 7 has no effect: the script trains with 3")]
    [InlineData("--batch-size 8", "--batch-size 8 has no effect: the script replaces the batch_size with 512")]
    public void An_option_of_a_part_that_the_script_replaced_is_refused_before_there_is_a_folder(string options, string message)
    {
        var defaults = new TrainConfig { Out = Out, Epochs = 3, Reduction = "mean" };
        using var run = new Begun(CommandLine.Parse(options.Split(' '), defaults), defaults, begin: false);
        var recipe = new Recipe(Layers.Dense(9) >> Layers.Relu >> Layers.Dense(10), Objective.Classify(Losses.Focal(2)), Optimizers.Sgd(0.1)) { Epochs = 3 };
        var error = Assert.Throws<CommandLineException>(() => run.Run.Train(recipe with { Seed = run.Run.Config.Seed }));
        Assert.StartsWith(message, error.Message);
        Assert.False(Directory.Exists(Out));
    }

    [Theory]
    [InlineData("--lr 0.5 --optimizer sgd"), InlineData("--init normal:0.01"), InlineData("--activation relu"),
        InlineData("--hidden 9"), InlineData("--seed 4"), InlineData("--epochs 2")]
    public void An_option_that_the_scripts_own_part_depends_on_is_taken(string options)
    {
        var defaults = new TrainConfig { Out = Out, BatchSize = 64, Hidden = [5], Activation = "tanh" };
        using var run = new Begun(CommandLine.Parse(options.Split(' '), defaults), defaults, begin: false);
        var recipe = run.Run.Recipe with
        {
            Optimizer = Optimizers.Sgd(run.Run.Config.LearningRate),
            Model = Layers.Dense(9, Initializer.Normal(0.01)) >> Layers.Relu >> Layers.Dense(10),
        };
        Assert.Contains("model", run.Run.Begin(recipe).Changed.Keys);
    }

    [Fact]
    public void An_option_of_a_part_with_a_custom_function_is_taken()
    {
        var config = Config with { Activation = "relu" };
        using var run = new Begun(config, new(), begin: false);
        var folder = run.Run.Begin(run.Run.Recipe with { Model = Layers.Dense(9) >> (x => x * x.sigmoid()) >> Layers.Dense(10) });
        Assert.Equal(["model"], folder.Changed.Keys);
    }

    [Theory, InlineData("--patience 2", "--patience 2", "EarlyStop"), InlineData("--tensorboard", "--tensorboard", "TensorBoard")]
    public void An_option_whose_stage_is_left_out_is_refused_at_the_last_stage(string options, string option, string stage)
    {
        var config = CommandLine.Parse(options.Split(' '), Config);
        var error = Assert.Throws<CommandLineException>(() => During(config, run =>
        {
            var training = run.Trainings().Single();
            return training.Epochs() | Clock.Time | training.Log | training.Draw;
        }));
        Assert.StartsWith($"{option} has no effect: the script's stages lack {stage}", error.Message);
        Assert.Equal("failed\n", Status);
    }

    [Theory, InlineData("--patience 1", "--patience 1 has no effect: 2 epochs in a row were no better, and the script's stages lack EarlyStop"),
        InlineData("--tensorboard", "--tensorboard has no effect: the script's stages lack TensorBoard")]
    public void An_option_whose_stage_is_left_out_is_refused_without_the_last_stage_too(string options, string message)
    {
        var config = CommandLine.Parse(options.Split(' '), Config with { LearningRate = 1e-30 }); // No epoch is better than the first.
        var error = Assert.Throws<CommandLineException>(() => During(config, run =>
        {
            var training = run.Trainings().Single();
            return (training.Epochs() | Clock.Time | training.Log).Count();
        }));
        Assert.StartsWith(message, error.Message);
        Assert.Equal("failed\n", Status);
        // With the stage, which is left to a loop of the script's own, it has an effect.
        var other = config with { Out = Out + "-other" };
        var rows = During(other, run => run.Trainings().Single() is var t ? (t.Epochs() | Clock.Time | t.Log | t.EarlyStop | t.TensorBoard).Count() : 0);
        Assert.InRange(rows, 2, 3);
    }

    [Fact]
    public void A_file_that_the_options_name_and_the_script_did_not_write_is_an_error()
    {
        var (file, old) = (Path.Combine(folder.Path, "model.pt"), DateTime.UtcNow.AddHours(-1));
        File.WriteAllText(file, "of another run");
        File.SetLastWriteTimeUtc(file, old);
        var error = Assert.Throws<CommandLineException>(() => During(Config with { SavePt = file }, run =>
        {
            var training = run.Trainings().Single();
            return training.Epochs() | Clock.Time | training.Log | training.KeepBest | Plots.Curves(training.Folder);
        }));
        Assert.StartsWith($"--save-pt {file} has no effect", error.Message);
        Assert.Equal("failed\n", Status);
    }

    public static TheoryData<string, string> Settings => new(
        ("Limit", "Limit (--limit) is 100 and has no effect: small has 400 training examples; load the data with Datasets.Load(config)."),
        ("Validation", "Validation (--validation) is 0.1 and has no effect: small has no validation examples"),
        ("Patience", "Patience (--patience) is 3 and has no effect: a recipe does not stop early; leave it out and add the stage EarlyStop.After(3)"),
        ("Seeds", "Seeds (--seeds) is 1,2 and has no effect: a recipe has one Seed"),
        ("Threads", "Threads (--threads) is 99 and has no effect: libtorch uses "));

    [Theory, MemberData(nameof(Settings))]
    public void A_setting_in_code_that_would_do_nothing_is_an_error(string setting, string message)
    {
        TrainConfig config = setting switch
        {
            "Limit" => new() { Limit = 100 },
            "Validation" => new() { Validation = 0.1 },
            "Patience" => new() { Patience = 3 },
            "Seeds" => new() { Seeds = [1, 2] },
            _ => new() { Threads = 99 },
        };
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => config.Recipe(Data)).Message);
    }

    [Fact]
    public void Settings_that_the_data_were_loaded_with_are_fine()
    {
        using var scope = NewDisposeScope();
        var config = new TrainConfig { Limit = 100, Validation = 0.1, Device = "cpu" };
        Assert.Equal(512, config.Recipe(config.Examples(Data)).BatchSize);
    }

    [Fact]
    public void Data_of_the_script_that_lack_an_option_are_a_wrong_command_line()
    {
        using var run = new Begun(Config with { Limit = 100 }, begin: false);
        Assert.StartsWith("Limit (--limit) is 100", Assert.Throws<CommandLineException>(() => run.Run.Train()).Message);
        Assert.StartsWith("Limit (--limit) is 100", Assert.Throws<ArgumentException>(() => RunFolder.Create(Config with { Limit = 100 }, Data)).Message);
    }

    string Status => File.ReadAllText(Path.Combine(Out, "status"));

    static Dataset Known(Dataset data) => data with { Checksums = data.Checksums.SetItem("train", "0123") };

    /// <summary>The value that a script's body returns; its runs are ended.</summary>
    static R During<R>(TrainConfig config, Func<Run<TrainConfig>, R> body, Dataset? data = null)
    {
        var (runs, result) = (new ScriptRuns("a_script", isListed: false), default(R)!);
        runs.During(() => result = body(new(config, config, runs, data ?? Data)));
        return result;
    }

    /// <summary>A run whose folder is let go of in the end.</summary>
    sealed class Begun : IDisposable
    {
        readonly ScriptRuns runs = new("a_script", isListed: false);

        public Begun(TrainConfig config, TrainConfig? defaults = null, bool begin = true, Dataset? data = null)
        {
            Run = new(config, defaults ?? config, runs, data ?? Data);
            if (begin) Run.Begin();
        }

        public Run<TrainConfig> Run { get; }

        public void Dispose()
        {
            try
            {
                runs.During(() => throw new OperationCanceledException());
            }
            catch (OperationCanceledException)
            {
                // It ends the runs as failed.
            }
        }
    }
}
