using System.Collections.Immutable;
using System.Reflection;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The effect of a training's options: each does something, is recorded, repeats itself, and is refused where it would do nothing.</summary>
public sealed class LearningConfigTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static TrainConfig Parsed(string options) => CommandLine.Parse(options.Split(' ', StringSplitOptions.RemoveEmptyEntries), new TrainConfig());

    /// <summary>2,000 pictures of 28 × 28, so 40 steps of the usual size in ten epochs, whose labels mean nothing.</summary>
    static Dataset Blank(params long[] shape)
    {
        Split Of(int count) => new(zeros([count, .. shape], ScalarType.Byte), arange(count) % 10);
        return Dataset.Of("blanks", Of(2000), Of(10), [.. Enumerable.Range(0, 10).Select(d => $"{d}")]);
    }

    /// <summary>The option that is looked at, last; the part of the recipe that it moves; and what that part holds then.</summary>
    static readonly (string Options, string Part, string Text)[] Effects =
    [
        ("--lr 0.1", "optimizer", "Adam(0.1)"),
        ("--model softmax", "model", "Dense(10).As(\"fc1\")"),
        ("--model lenet", "model", "Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Conv(16, 5) >> Relu >> MaxPool(2) >> Flatten >> "
            + "Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10)"),
        ("--model convnet", "model", "BatchNorm() >> Relu"),
        ("--model resnet", "model", ">> Residual(Conv("),
        ("--hidden 9", "model", "Dense(9).As(\"fc1\") >> Sigmoid >> Dense(10).As(\"fc2\")"),
        ("--activation relu", "model", "Dense(50).As(\"fc1\") >> Relu >> "),
        ("--model lenet --activation tanh", "model", "Conv(16, 5) >> Tanh >> MaxPool(2)"),
        ("--dropout 0.5", "model", "Sigmoid >> Dropout(0.5) >> Dense(100).As(\"fc2\") >> Sigmoid >> Dropout(0.5) >> Dense(10)"),
        ("--model convnet --dropout 0.5", "model", "Dense(128) >> Relu >> Dropout(0.5) >> Dense(10)"),
        ("--init he", "model", "Dense(50, init: He)"),
        ("--model lenet --init normal:0.5", "model", "Conv(6, 5, padding: 2, init: Normal(0.5))"),
        ("--optimizer lion", "optimizer", "ScaleByLion(0.9, 0.99) >> ScaleByLearningRate(0.0002)"),
        ("--optimizer sgd --momentum 0.5", "optimizer", "Momentum(0.5) >> ScaleByLearningRate(0.0002)"),
        ("--weight-decay 0.1", "optimizer", "AddDecayedWeights(0.1) >> Adam(0.0002)"),
        ("--schedule cosine", "optimizer", "Adam(Cosine(0.0002, 40))"),
        ("--schedule step", "optimizer", "Adam(Step(0.0002, 14, 0.1))"),
        ("--schedule exponential", "optimizer", "Adam(Exponential(0.0002, 0.891"),
        ("--schedule one-cycle", "optimizer", "Adam(OneCycle(0.0002, 40))"),
        ("--schedule plateau:2", "optimizer", "Adam(ReduceOnPlateau(0.0002, 0.1, 2, 0.0001, 0))"),
        ("--warmup 10", "optimizer", "Adam(Warmup(10, 0.0002))"),
        ("--schedule cosine --warmup 10", "optimizer", "Adam(Warmup(10, Cosine(0.0002, 30)))"),
        ("--schedule cosine --warmup 50", "optimizer", "Adam(Warmup(50, Cosine(0.0002, 1)))"),
        ("--clip 2", "optimizer", "ClipByGlobalNorm(2) >> Adam(0.0002)"),
        ("--ema 0.9", "optimizer", "Adam(0.0002) >> AverageParameters(0.9)"),
        ("--swa 3", "optimizer", "Adam(0.0002) >> MeanOfParameters(4, 8)"),
        ("--start best.safetensors", "start", "From(best.safetensors)"),
        ("--start best.safetensors --start-only fc1", "start", "From(best.safetensors, fc1)"),
        ("--reduction mean", "reduction", "mean"),
        ("--judge accuracy", "judge", "accuracy (more is better)"),
        ("--augment shift:2,rotate:10", "augment", "shift:2,rotate:10"),
        ("--order balanced", "order", "balanced"),
        ("--order bootstrap", "order", "bootstrap"),
        ("--loss nll", "objective", "nll"),
        ("--loss hinge", "objective", "Hinge(1)"),
        ("--label-smoothing 0.1", "objective", "Smoothed(0.1)"),
    ];

    [Fact]
    public void Each_option_moves_its_part_of_the_recipe_and_no_other_one()
    {
        using var scope = NewDisposeScope();
        var data = Blank(1, 28, 28);
        foreach (var (options, part, text) in Effects)
        {
            var without = Parsed(string.Join(' ', options.Split(' ')[..^2])).Recipe(data);
            Assert.Equal(part.Split(','), Parsed(options).Recipe(data).Instead(without).Keys.Order());
            Assert.Contains(text, Parsed(options).Recipe(data).Text[part.Split(',')[^1]]);
            Assert.Equal(part.Split(',')[^1], ShownOption.OfLibrary.Single(shown => shown.Name == options.Split(' ')[^2][2..]).How.Part);
        }
        Assert.Equal("Adam(0.0002)", new TrainConfig().Recipe(data).Text["optimizer"]);
        // Those two are numbers of a recipe, those five choose its examples, those two how often and how long it is followed, and the last who hears of it.
        string[] others = ["epochs", "batch-size", "limit", "validation", "target", "context", "tokens", "seeds", "patience", "tensorboard"];
        var all = typeof(TrainConfig).GetProperties().Where(p => p.CanWrite && p.DeclaringType != typeof(RunConfig) && p.DeclaringType != typeof(ScriptConfig)
            && p.GetCustomAttribute<NotReplayedAttribute>() is null).Select(OptionRule.Name);
        Assert.Equal(all.Order(), Effects.Select(e => e.Options.Split(' ')[^2][2..]).Distinct().Concat(others).Order());
    }

    public static TheoryData<string, string, string> Optimized => new(
        ("adam", "AddDecayedWeights(0.1) >> Adam(1)", ""),
        ("sgd", "AddDecayedWeights(0.1) >> Sgd(1)", "AddDecayedWeights(0.1) >> Momentum(0.5) >> ScaleByLearningRate(1)"),
        ("momentum", "AddDecayedWeights(0.1) >> Momentum(0.9) >> ScaleByLearningRate(1)", "AddDecayedWeights(0.1) >> Momentum(0.5) >> ScaleByLearningRate(1)"),
        ("nesterov", "AddDecayedWeights(0.1) >> Momentum(0.9, nesterov: true) >> ScaleByLearningRate(1)",
            "AddDecayedWeights(0.1) >> Momentum(0.5, nesterov: true) >> ScaleByLearningRate(1)"),
        ("adamw", "ScaleByAdam(0.9, 0.999, 1E-08) >> AddDecayedWeights(0.1) >> ScaleByLearningRate(1)", ""),
        ("nadam", "AddDecayedWeights(0.1) >> ScaleByNAdam(0.9, 0.999, 1E-08, 0.004) >> ScaleByLearningRate(1)", ""),
        ("radam", "AddDecayedWeights(0.1) >> ScaleByRAdam(0.9, 0.999, 1E-08) >> ScaleByLearningRate(1)", ""),
        ("rmsprop", "AddDecayedWeights(0.1) >> ScaleByRms(0.99, 1E-08) >> ScaleByLearningRate(1)", ""),
        ("adagrad", "AddDecayedWeights(0.1) >> ScaleByAdagrad(1E-10) >> ScaleByLearningRate(1)", ""),
        ("adadelta", "AddDecayedWeights(0.1) >> ScaleByAdadelta(0.9, 1E-06) >> ScaleByLearningRate(1)", ""),
        ("lion", "ScaleByLion(0.9, 0.99) >> AddDecayedWeights(0.1) >> ScaleByLearningRate(1)", ""));

    [Theory, MemberData(nameof(Optimized))]
    public void Weight_decay_and_momentum_stand_where_pytorch_has_them(string name, string decayed, string withMomentum)
    {
        Assert.Equal(decayed, Optimizers.Named(name, decay: 0.1)(1).Text);
        Assert.Equal(withMomentum == "" ? decayed : withMomentum, Optimizers.Named(name, decay: 0.1, momentum: 0.5)(1).Text);
        Assert.Equal(withMomentum != "", OptionRule.Conflict(new TrainConfig { Optimizer = name, Momentum = 0.5 }) is null);
        Assert.Equal(Optimizers.All.Select(o => o.Name), Optimized.Select(row => row.Data.Item1));
    }

    [Fact]
    public void A_model_goes_with_the_options_that_it_has_a_use_for()
    {
        foreach (var model in NamedModel.All)
        {
            ImmutableArray<long> input = model.Name == "gpt" ? [12] : [3, 28, 28];
            var parts = new ModelParts(10, Layers.Sigmoid) { Hidden = [5], Dropout = 0.1, Input = input, AreIds = input.Length == 1 };
            var config = new TrainConfig { Model = model.Name };
            foreach (var (changed, given) in new[]
            {
                (parts with { Hidden = [6] }, config with { Hidden = [6] }),
                (parts with { Dropout = 0.2 }, config with { Dropout = 0.2 }),
                (parts with { Activation = Layers.Tanh }, config with { Activation = "tanh" }),
                (parts with { Init = Initializer.He }, config with { Init = "he" }),
            })
                Assert.Equal(model.Layers(changed).Text != model.Layers(parts).Text, OptionRule.Conflict(given) is null);
            var layer = model.Layers(parts with { Activation = Layers.Relu });
            Assert.Equal(model.Name == "gpt" ? [12, 10] : [10], layer.Fit(input).Output);
            Assert.Equal(layer.Text, LayerText.Parse(layer.Text).Text);
        }
    }

    [Theory]
    [InlineData("--model lenet --hidden 9", "--hidden goes with --model mlp only, and --model is lenet.")]
    [InlineData("--model softmax --dropout 0.1", "--dropout goes with --model mlp, lenet, convnet, lstm, gru, vit or gpt only, and --model is softmax.")]
    [InlineData("--model softmax --activation relu", "--activation goes with --model mlp, lenet, convnet, resnet, vit or gpt only, and --model is softmax.")]
    [InlineData("--momentum 0.9", "--momentum goes with --optimizer sgd, momentum or nesterov only, and --optimizer is adam.")]
    [InlineData("--schedule one-cycle --warmup 5", "--warmup goes with --schedule constant, cosine, step or exponential only, and --schedule is one-cycle.")]
    [InlineData("--loss nll --label-smoothing 0.1", "--label-smoothing goes with --loss cross_entropy only, and --loss is nll.")]
    public void An_option_that_would_do_nothing_is_refused_on_the_command_line_in_code_and_by_help(string options, string message)
    {
        Assert.Equal((message, 2), Assert.Throws<CommandLineException>(() => Parsed(options)) is var error ? (error.Message, error.ExitCode) : default);
        var code = options.Split(' ').Chunk(2).Aggregate(new TrainConfig(), (config, option) => option switch
        {
            ["--model", var name] => config with { Model = name },
            ["--hidden", _] => config with { Hidden = [9] },
            ["--dropout", _] => config with { Dropout = 0.1 },
            ["--activation", var name] => config with { Activation = name },
            ["--momentum", _] => config with { Momentum = 0.9 },
            ["--schedule", var name] => config with { Schedule = name },
            ["--warmup", _] => config with { Warmup = 5 },
            ["--loss", var name] => config with { Loss = name },
            _ => config with { LabelSmoothing = 0.1 },
        });
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => OptionRule.Checked(code)).Message);
        var help = string.Join(' ', CommandLine.Read(["--help"], new TrainConfig(), "x.csx").Help!.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"with {message[(message.IndexOf("with") + 5)..message.IndexOf(", and")]}", help);
    }

    [Theory]
    [InlineData("--model lenet5", "--model lenet5: want mlp, softmax, lenet, convnet, resnet, lstm, gru, vit or gpt; did you mean lenet?")]
    [InlineData("--schedule cosin", "--schedule cosin: want constant, cosine, step, exponential, one-cycle or plateau:3; did you mean cosine?")]
    [InlineData("--init xavir", "--init xavir: want "
        + "default, he, xavier, lecun, he-uniform, xavier-uniform, orthogonal, zeros or normal:0.01; did you mean xavier?")]
    [InlineData("--init normal:0", "--init normal:0: want "
        + "default, he, xavier, lecun, he-uniform, xavier-uniform, orthogonal, zeros or normal:0.01; did you mean normal:0.01?")]
    [InlineData("--augment shift", "--augment shift: want shift:2, rotate:10, scale:0.1, flip:0.5, crop:0.8, cut-out:8 or noise:0.1; did you mean shift:2?")]
    [InlineData("--augment shift:2,rotate:x", "--augment shift:2,rotate:x: want "
        + "shift:2, rotate:10, scale:0.1, flip:0.5, crop:0.8, cut-out:8 or noise:0.1; did you mean rotate:10?")]
    [InlineData("--reduction average", "--reduction average: want sum or mean.")]
    [InlineData("--dropout 1", "--dropout 1: want number, 0 to less than 1.")]
    [InlineData("--label-smoothing 0", "--label-smoothing 0: want number, above 0 and below 1.")]
    [InlineData("--weight-decay -1", "--weight-decay -1: want number, 0 to 1000000000.")]
    [InlineData("--clip 0", "--clip 0: want number, above 0 and at most 1000000000.")]
    [InlineData("--ema 1", "--ema 1: want number, 0 to less than 1.")]
    [InlineData("--warmup 0", "--warmup 0: want integer, 1 to 1000000000.")]
    [InlineData("--validation 1.5", "--validation 1.5: want number, a whole one, or a share above 0 and below 1.")]
    [InlineData("--limit 0", "--limit 0: want integer, 1 to 1000000000.")]
    public void A_wrong_value_is_told_what_is_wanted(string options, string message) =>
        Assert.Equal(message, Assert.Throws<CommandLineException>(() => Parsed(options)).Message);

    [Theory]
    [InlineData("--model lenet", 13, "--model lenet: the inputs of blanks are [13], and it does not take them "
        + "(layer 0, Conv(6, 5, padding: 2): want [channels, height, width], got [13]); mlp takes any.")]
    [InlineData("--model lstm", 13, "--model lstm: the inputs of blanks are [13], and it does not take them "
        + "(want pictures, or sequences of numbers, [steps, numbers]); mlp takes any.")]
    [InlineData("--model gpt", 13, "--model gpt: the inputs of blanks are [13], and it does not take them "
        + "(want sequences of ids: integers, [tokens]); mlp takes any.")]
    [InlineData("--augment shift:2", 13, "--augment shift:2: it changes pictures, and the inputs of blanks are [13].")]
    [InlineData("--limit 3000", 13, "--limit 3000: blanks has 2000 training examples; ask for no more.")]
    [InlineData("--limit 5 --validation 5", 13, "--validation 5: that is 5 of 5 training examples; hold out one or more, and leave one or more.")]
    [InlineData("--validation 0.0001", 13, "--validation 0.0001: that is 0 of 2000 training examples; hold out one or more, and leave one or more.")]
    public void Data_that_an_option_cannot_take_are_one_line(string options, int width, string message)
    {
        using var scope = NewDisposeScope();
        var config = Parsed(options);
        Assert.Equal(message, Assert.Throws<TorchletException>(() => config.Recipe(config.Examples(Blank(width)))).Message);
    }

    [Theory]
    [InlineData("", 600, null, 4), InlineData("--limit 100", 100, null, 4)]
    [InlineData("--validation 0.1", 540, 60, 6), InlineData("--limit 100 --validation 30 --seed 5", 70, 30, 6)]
    public void Examples_are_chosen_out_of_the_first_ones_and_nothing_else_is_held(string options, int train, int? validation, int tensors)
    {
        using var scope = NewDisposeScope();
        SmallMnist.Write(folder.Path);
        var before = Tensors.Live;
        var data = Datasets.Load(Parsed($"--data {folder.Path} {options}"));
        Assert.Equal((train, validation, 200, before + tensors), (data.Train.Count, data.Validation?.Count, data.Test.Count, Tensors.Live));
        var whole = Datasets.Load(folder.Path).Train;
        var sums = new[] { data.Train, data.Validation }.OfType<Split>().SelectMany(split => split.Inputs.sum([1, 2, 3]).data<long>()).Order();
        Assert.Equal(whole[..(train + validation ?? train)].Inputs.sum([1, 2, 3]).data<long>().Order(), sums);
        if (validation is not { } count) return;
        var first = whole[..(train + count)];
        Assert.Equal(Labels(Dataset.Of("x", first, first).Hold(count).Validation!), Labels(data.Validation!));

        static IEnumerable<long> Labels(Split split) => split.Targets.to_type(ScalarType.Int64).data<long>();
    }

    public static TheoryData<string, string> Combined => new(
        ("--model convnet --augment shift:2,rotate:10,scale:0.1 --schedule one-cycle --reduction mean --validation 0.1 --limit 200",
            "cross_entropy · adam · lr 0.01 · one-cycle · batch 64 · relu · reduction mean · augmented: shift:2,rotate:10,scale:0.1 · "
                + "validation 0.1 · limit 200 · seed 0"),
        ("--hidden 20 --dropout 0.3 --init he --activation relu --optimizer nesterov --momentum 0.8 --weight-decay 1e-3 --schedule cosine --warmup 5 --clip 1 "
            + "--ema 0.9 --label-smoothing 0.1 --reduction mean",
            "cross_entropy · smoothed 0.1 · nesterov · momentum 0.8 · decay 0.001 · lr 0.01 · cosine · warm-up 5 · clip 1 · average 0.9 · batch 64 · relu · "
                + "dropout 0.3 · init he · reduction mean · seed 0"));

    [Theory, MemberData(nameof(Combined))]
    public void A_run_is_recorded_replayed_and_resumed_to_the_bit(string options, string settled)
    {
        var data = $"--data {SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName)}";
        var first = Parsed($"{data} {options} --lr 1e-2 --epochs 3 --batch-size 64 --out {Path.Combine(folder.Path, "whole")}");
        var whole = Train(first);
        Assert.Equal(settled, RunRecord.Read(Path.Combine(whole, "config.json")).Settled);

        var broken = Train(first with { Out = Path.Combine(folder.Path, "broken") }, epochs: 1);
        Train(SavedRun.Find(broken, "02").Config(["--resume", broken], new TrainConfig()));
        var replayed = Train(CommandLine.Read(["--config", whole, "--out", Path.Combine(folder.Path, "again")], new TrainConfig(), "02.csx").Config);
        foreach (var run in new[] { broken, replayed })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "best.safetensors")), File.ReadAllBytes(Path.Combine(run, "best.safetensors")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "last.checkpoint")), File.ReadAllBytes(Path.Combine(broken, "last.checkpoint")));
        Assert.Contains("and its optimizer depends on that number", Assert.Throws<CommandLineException>(() =>
            Train(SavedRun.Find(broken, "02").Config(["--resume", broken, "--epochs", "4"], new TrainConfig()))).Message);
    }

    /// <summary>Runs script 02 for at most so many epochs, after which the process dies. Returns the run's folder.</summary>
    string Train(TrainConfig config, int? epochs = null)
    {
        using var scope = NewDisposeScope();
        var data = Datasets.Load(config);
        using var run = NewRun.Create("02", config, data, CPU, Path.Combine(folder.Path, "home"), DateTime.UnixEpoch);
        var rows = Training.Epochs(run.Recipe!, data, run.Finished.State) | Tensors.Timed | CsvLog.To(run) | Checkpoint.KeepBest(run)
            | Checkpoint.KeepLast(run);
        _ = rows.Take(epochs ?? int.MaxValue).Count();
        return run.Folder;
    }

    [Fact]
    public void What_has_no_use_is_known_of_a_record_that_cannot_be_made_of_nothing_too()
    {
        Assert.Null(OptionRule.Conflict(new Positional(1) { Model = "lenet" }));
        Assert.StartsWith("--momentum goes with", OptionRule.Conflict(new Positional(1) { Momentum = 0.5 }));
    }

    [Fact]
    public void A_comparison_of_losses_takes_models_that_remember_and_drop()
    {
        using var scope = NewDisposeScope();
        var config = new CompareConfig { Model = "convnet", Seeds = [1], BatchSize = 100, Limit = 200, Schedule = "cosine", Augment = ["shift:1"] };
        var data = config.Examples(Blank(1, 28, 28));
        Assert.Equal(100, data.Train.Count / 2);
        Assert.All(Equivalence.Differences(config, data).Take(4), row => Assert.InRange(row.Gradient, 0, row.Precision == "float64" ? 1e-12 : 1e-4));
        Assert.Equal(2, Reductions.Steps(config, data).Count());
        Assert.Equal(["convnet", "Cosine(0.0002, 20)"],
            [config.Described(data).Subject(data).Split(' ')[0], Comparison.Recipe(config, data, "nll", 1).Optimizer.LearningRate!.Text]);
    }

    record Positional(int Extra) : TrainConfig;
}
