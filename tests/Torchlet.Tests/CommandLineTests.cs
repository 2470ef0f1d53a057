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
        var typed = CommandLine.Options(config).Where(o => o.Value is not null).Select(o => $"--{o.Name}={o.Value}");
        Assert.Equal(CommandLine.Options(config), CommandLine.Options(CommandLine.Parse(typed, new CompareConfig())));
    }

    [Theory]
    [InlineData("--plain maybe", "--plain maybe: want true|false.")]
    [InlineData("--epochs 1.5", "--epochs 1.5: want integer, 1 to 1000000.")]
    [InlineData("--epochs 99999999999", "--epochs 99999999999: want integer, 1 to 1000000.")]
    [InlineData("--lr NaN", "--lr NaN: want number, above 0.")]
    [InlineData("--batch-size 70000", "--batch-size 70000: want integer, 1 to 60000.")]
    [InlineData("--activation tanh", "--activation tanh: want sigmoid or relu.")]
    [InlineData("--seed", "Required argument missing for option: '--seed'; --help lists the options.")]
    [InlineData("surplus", "Unrecognized command or argument 'surplus'; --help lists the options.")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string message)
    {
        var error = Assert.Throws<CommandLineException>(() => CommandLine.Parse(arguments.Split(' '), new TrainConfig()));
        Assert.Equal((message, 2), (error.Message, error.ExitCode));
    }

    [Fact]
    public void Names_on_the_command_line_are_those_of_the_library()
    {
        foreach (var loss in new[] { "cross_entropy", "nll" }) Assert.Contains(CommandLine.Parse(["--loss", loss], new TrainConfig()).Loss, Losses.ByName.Keys);
        Assert.Equal(Losses.ByName.Keys, CommandLine.Parse(["--losses", string.Join(',', Losses.ByName.Keys)], new CompareConfig { Losses = [] }).Losses);
        foreach (var activation in Activations.ByName.Keys) Assert.Equal(activation, CommandLine.Parse(["--activation", activation], new TrainConfig()).Activation);
        foreach (var optimizer in Optimizers.ByName.Keys) Assert.Equal(optimizer, CommandLine.Parse(["--optimizer", optimizer], new TrainConfig()).Optimizer);
    }
}
