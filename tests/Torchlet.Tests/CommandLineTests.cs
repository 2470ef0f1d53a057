using System.Collections.Immutable;

namespace Torchlet.Tests;

public class CommandLineTests
{
    [Fact]
    public void Options_replace_the_scripts_defaults_and_nothing_else()
    {
        var defaults = new TrainConfig { Epochs = 7 };
        var config = CommandLine.Parse(["--lr=3e-3", "--hidden", "8,9", "--plain", "--threads", "2", "--seed", "-5"], defaults);
        Assert.Equal((7, 3e-3, true, 2, -5), (config.Epochs, config.LearningRate, config.Plain, config.Threads!.Value, config.Seed));
        Assert.Equal([8, 9], config.Hidden);
        Assert.Equal(2e-4, defaults.LearningRate);
    }

    [Fact]
    public void A_config_written_out_reads_back_as_itself()
    {
        var config = new CompareConfig { Seeds = [3, 4], Losses = ["nll"], LearningRate = 0.1, Out = "x", Plain = true };
        var typed = CommandLine.Options(config).Where(o => o.Value is not null).SelectMany(o => CommandLine.Typed(o.Name, o.Value!));
        Assert.Equal(CommandLine.Options(config), CommandLine.Options(CommandLine.Parse(typed, new CompareConfig())));
    }

    const string WantsLosses = "want cross_entropy, nll, log_of_softmax, naive, double_softmax, nll_on_logits, nll_on_probs or mse, "
        + "at least one, each once";

    const string WantsActivations = "sigmoid, relu, tanh, gelu, elu, leaky_relu, silu, softplus, mish, selu, hardtanh, hardsigmoid, hardswish, "
        + "relu6 or identity";

    // Options of dotnet-script 2.0 before --, some of which it takes after -- too.
    static readonly string[] OfDotnetScript =
        ["-i", "-c", "-s", "-p", "-d", "-h", "-?", "--help", "--debug",
            "--verbosity", "--no-cache", "--cache-path", "--sources", "--info", "--version", "--isolated-load-context"];

    static IEnumerable<RunConfig> EveryConfig => typeof(RunConfig).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(RunConfig)) && !t.IsAbstract).Select(t => (RunConfig)Activator.CreateInstance(t)!);

    [Theory]
    [InlineData("--plain maybe", "--plain maybe: want true|false.")]
    [InlineData("--epochs 0", "--epochs 0: want integer, 1 to 1000000.")]
    [InlineData("--epochs=1.5", "--epochs 1.5: want integer, 1 to 1000000.")]
    [InlineData("--epochs 99999999999", "--epochs 99999999999: want integer, 1 to 1000000.")]
    [InlineData("--seed 99999999999999999999", "--seed 99999999999999999999: want integer.")]
    [InlineData("--threads 0", "--threads 0: want integer, 1 to 1024.")]
    [InlineData("--lr 0", "--lr 0: want number, above 0 and at most 1000000000.")]
    [InlineData("--lr=-1", "--lr -1: want number, above 0 and at most 1000000000.")]
    [InlineData("--lr NaN", "--lr NaN: want number, above 0 and at most 1000000000.")]
    [InlineData("--lr Infinity", "--lr Infinity: want number, above 0 and at most 1000000000.")]
    [InlineData("--lr 0,1", "--lr 0,1: want number, above 0 and at most 1000000000.")]
    [InlineData("--batch-size 2000000000", "--batch-size 2000000000: want integer, 1 to 1000000000.")]
    [InlineData("--hidden 50,,100", "--hidden 50,,100: want integer,…, 1 to 1000000.")]
    [InlineData("--hidden 50,0", "--hidden 50,0: want integer,…, 1 to 1000000.")]
    [InlineData("--seeds 1,x", "--seeds 1,x: want integer,…, each once.")]
    [InlineData("--seeds 1,2,1", "--seeds 1,2,1: want integer,…, each once.")]
    [InlineData("--losses nll,nll", $"--losses nll,nll: {WantsLosses}.")]
    [InlineData("--losses ", $"--losses '': {WantsLosses}.")]
    [InlineData("--losses nll,cros_entropy", $"--losses nll,cros_entropy: {WantsLosses}; did you mean cross_entropy?")]
    [InlineData("--activation step", $"--activation step: want {WantsActivations}.")]
    [InlineData("--activation Relu", $"--activation Relu: want {WantsActivations}; did you mean relu?")]
    [InlineData("--optimizer adma", "--optimizer adma: want adam, sgd, momentum, nesterov, adamw, nadam, "
        + "radam, rmsprop, adagrad, adadelta or lion; did you mean adam?")]
    [InlineData("--out ", "--out '': want text that is not empty.")]
    [InlineData("--config ", "--config '': want text that is not empty.")]
    [InlineData("--seed", "Required argument missing for option: '--seed'; --help lists the options.")]
    [InlineData("--seed 1 --seed 1", "--seed is given twice; give it once.")]
    [InlineData("--plain --plain", "--plain is given twice; give it once.")]
    [InlineData("surplus", "Unrecognized argument 'surplus'; --help lists the options.")]
    [InlineData("--hidden 50, 100", "Unrecognized argument '100'; --help lists the options.")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string message)
    {
        var error = Assert.Throws<CommandLineException>(() => CommandLine.Parse(arguments.Split(' '), new CompareConfig()));
        Assert.Equal((message, 2), (error.Message, error.ExitCode));
    }

    [Theory, InlineData("--lr"), InlineData("--hidden")]
    public void A_value_of_any_length_is_repeated_in_part(string option) =>
        Assert.InRange(
            Assert.Throws<CommandLineException>(() => CommandLine.Parse([option, new string('9', 100_000)], new TrainConfig())).Message.Length, 100, 200);

    [Theory]
    [InlineData("--epoch 3", "--epoch", "--epochs")]
    [InlineData("--epcohs=3", "--epcohs", "--epochs")]
    [InlineData("-epochs 3", "-epochs", "--epochs")]
    [InlineData("--batch 3", "--batch", "--batch-size")]
    [InlineData("--learning-rate 3", "--learning-rate", "--lr")]
    [InlineData("--activaton relu", "--activaton", "--activation")]
    [InlineData("--zzz", "--zzz", null)]
    [InlineData("-x", "-x", null)]
    public void A_mistyped_option_names_the_one_that_was_meant(string arguments, string option, string? meant) =>
        Assert.Equal($"Unrecognized option '{option}'; {(meant is null ? "" : $"did you mean {meant}? ")}--help lists the options.",
            Assert.Throws<CommandLineException>(() => CommandLine.Parse(arguments.Split(' '), new TrainConfig())).Message);

    [Theory]
    [InlineData("", "", 0), InlineData("ab", "", 2), InlineData("epochs", "epochs", 0)]
    [InlineData("kitten", "sitting", 3), InlineData("epcohs", "epochs", 1), InlineData("ca", "abc", 3)]
    public void Words_are_as_far_apart_as_it_takes_errors_to_type_one_for_the_other(string a, string b, int errors) =>
        Assert.Equal((errors, errors), (NearestMatch.Distance(a, b), NearestMatch.Distance(b, a)));

    [Fact]
    public void No_option_is_one_that_dotnet_script_takes()
    {
        foreach (var config in EveryConfig)
            Assert.Empty(CommandLine.Options(config).Select(o => $"--{o.Name}").Intersect(OfDotnetScript));
        Assert.True(EveryConfig.Count() >= 3);
    }

    [Fact]
    public void Help_names_every_option_with_its_meaning_and_an_example_in_80_columns()
    {
        foreach (var config in EveryConfig)
        {
            var help = CommandLine.Read(["--help"], config, Path.Combine(ProjectFolders.Root, "scripts", "x.csx")).Help!;
            Assert.All(CommandLine.Options(config), o => Assert.Matches($@"\n  --{o.Name} <[^>]+> +\S", help));
            Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80 && line == line.TrimEnd() || line.Contains("dotnet run"), line));
            Assert.DoesNotContain("run.cs", CommandLine.Read(["--help"], config, "Program.cs").Help!);
            var example = help.Split("\\\n    ")[1];
            _ = CommandLine.Parse(example.Split(' '), config);
        }
    }

    [Theory]
    [InlineData(typeof(TrainConfig), "epochs seeds limit context tokens lr batch-size")]
    [InlineData(typeof(CompareConfig), "losses language epochs seeds limit context tokens lr")]
    [InlineData(typeof(GalleryConfig), "epochs seeds limit context tokens resume data side device threads seed config out plain")]
    public void Options_of_all_scripts_are_listed_last(Type config, string names) =>
        Assert.StartsWith(names, string.Join(' ', CommandLine.Options((ScriptConfig)Activator.CreateInstance(config)!).Select(o => o.Name)));

    sealed class Colours : INames
    {
        static IEnumerable<string> INames.Names => ["red", "grey:0.5"];
        static bool INames.Includes(string name) => name.StartsWith("grey:", StringComparison.Ordinal);
    }

    sealed record Painted : ScriptConfig
    {
        [OneOf<Colours>] public ImmutableArray<string> Colour { get; init; } = ["red"];
    }

    [Fact]
    public void A_script_can_define_a_set_of_names()
    {
        Assert.Equal(["grey:0.1", "red"], CommandLine.Parse(["--colour", "grey:0.1,red"], new Painted()).Colour);
        Assert.Equal("--colour rde: want red or grey:0.5; did you mean red?",
            Assert.Throws<CommandLineException>(() => CommandLine.Parse(["--colour", "rde"], new Painted())).Message);
        Assert.Contains("--colour <red|grey:0.5,…>", CommandLine.Read(["--help"], new Painted(), "x.csx").Help);
    }

    [Fact]
    public void An_empty_list_of_hidden_layers_is_a_network_without_any() =>
        Assert.Empty(CommandLine.Parse(["--hidden", ""], new TrainConfig()).Hidden);

    [Fact]
    public void What_differs_from_the_records_own_defaults_is_shown_as_it_would_be_typed()
    {
        Assert.Equal("", CommandLine.Differing(new CompareConfig()));
        var config = new TrainConfig
        {
            Epochs = 3, LearningRate = 1e-3, Hidden = [], Data = "my digits", Out = "elsewhere", Plain = true, Config = "x", SavePt = "y",
        };
        Assert.Equal("--epochs 3 --lr 0.001 --hidden '' --data 'my digits'", CommandLine.Differing(config));
    }

    record Positional(int Extra) : TrainConfig;

    [Fact]
    public void A_record_that_cannot_be_made_of_nothing_shows_all_that_it_is() =>
        Assert.StartsWith("--extra 3 --epochs 10 --seeds '' --lr 0.0002", CommandLine.Differing(CommandLine.Parse(["--extra", "3"], new Positional(2))));

    [Fact]
    public void A_config_without_an_end_is_refused()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "no /dev/zero here");
        Assert.Contains("larger than 4 MB", Assert.Throws<TorchletException>(() => CommandLine.Parse(["--config", "/dev/zero"], new TrainConfig())).Message);
    }

    [Theory]
    [InlineData("""{"script": "x", "options": {"epochs": "0"}}""", "epochs 0: want integer, 1 to 1000000.")]
    [InlineData("""{"script": "x", "options": {"hidden": [1, 2]}}""", "it is not what a run wrote")]
    [InlineData("""{"script": "x", "options": {"epoch": "3"}}""", "x has no option 'epoch'; did you mean epochs?")]
    [InlineData("""{"script": "x", "options": {"wings": "2"}}""", "x has no option 'wings'.")]
    [InlineData("""{"script": "y", "options": {"epochs": "3"}}""", "it is of a run of y, and this is x; name a run of x.")]
    [InlineData("""{"script": "x"}""", "it is not what a run wrote")]
    [InlineData("""{"script": "x", "options": 7}""", "it is not what a run wrote")]
    [InlineData("[]", "it is not what a run wrote")]
    [InlineData("{", "it is not what a run wrote")]
    public void A_wrong_config_file_is_named_with_its_option_and_what_is_wanted(string json, string because)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(file, json);
        var error = Assert.Throws<TorchletException>(() => CommandLine.Read(["--config", file], new TrainConfig(), "scripts/x.csx"));
        Assert.StartsWith($"{file}: {because}", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_saved_config_stands_in_for_options_that_are_not_given_but_never_for_places_to_write()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(file, """
            {
                "script": "x",
                "options": {
                    "epochs": "4", "lr": 0.5, "hidden": "8,9", "threads": null, "seed": "7",
                    "out": "old", "save-pt": "old.pt", "plain": "true", "config": "older"
                }
            }
            """);
        foreach (var place in new[] { file, folder.Path })
        {
            var config = CommandLine.Read(["--seed", "1", "--config", place, "--out", "new"],
                new TrainConfig { Epochs = 2, Activation = "relu" }, "x.csx").Config;
            Assert.Equal((4, 0.5, "8,9", 1, "relu"), (config.Epochs, config.LearningRate, string.Join(',', config.Hidden), config.Seed, config.Activation));
            Assert.Equal(("new", null, false, null), (config.Out, config.SavePt, config.Plain, config.Threads));
        }
        Assert.Contains("no such file",
            Assert.Throws<TorchletException>(() => CommandLine.Parse(["--config", file + "x"], new TrainConfig())).Message);
    }

    [Fact]
    public void Names_on_the_command_line_are_those_of_the_library()
    {
        foreach (var loss in new[] { "cross_entropy", "nll" })
            Assert.Contains(CommandLine.Parse(["--loss", loss], new TrainConfig()).Loss, LossVariant.All.Select(v => v.Name));
        Assert.Equal(LossVariant.All.Select(v => v.Name),
            CommandLine.Parse(["--losses", string.Join(',', LossVariant.All.Select(v => v.Name))], new CompareConfig { Losses = [] }).Losses);
        foreach (var activation in Activation.All.Select(a => a.Name))
            Assert.Equal(activation, CommandLine.Parse(["--activation", activation], new TrainConfig()).Activation);
        foreach (var model in NamedModel.All.Select(m => m.Name))
            Assert.Equal(model, CommandLine.Parse(["--model", model], new TrainConfig()).Model);
        foreach (var schedule in Schedules.All.Select(s => s.Name))
            Assert.Equal(schedule, CommandLine.Parse(["--schedule", schedule], new TrainConfig()).Schedule);
        foreach (var init in Initializer.All.Select(i => i.Name))
            Assert.Equal(init, CommandLine.Parse(["--init", init], new TrainConfig()).Init);
        foreach (var optimizer in Optimizers.All.Select(o => o.Name))
            Assert.Equal(optimizer, CommandLine.Parse(["--optimizer", optimizer], new TrainConfig()).Optimizer);
    }
}
