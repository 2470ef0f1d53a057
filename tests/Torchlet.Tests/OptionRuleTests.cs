namespace Torchlet.Tests;

/// <summary>Options made in code are held to what the command line is held to.</summary>
public sealed class OptionRuleTests
{
    public static TheoryData<ScriptConfig, string> Wrong => new(
        (new TrainConfig { BatchSize = 0 }, "BatchSize (--batch-size) is '0', want integer, 1 to 1000000000."),
        (new TrainConfig { Activation = "step" }, "Activation (--activation) is 'step', want sigmoid, relu, tanh, gelu, elu, leaky_relu, silu, "),
        (new TrainConfig { LearningRate = double.NaN }, "LearningRate (--lr) is 'NaN', want number, above 0 and at most 1000000000."),
        (new TrainConfig { Target = null! }, "Target (--target) is nothing, want classes or numbers."),
        (new TrainConfig { Hidden = [50, -1] }, "Hidden (--hidden) is '50,-1', want integer,…, 1 to 1000000."),
        (new TrainConfig { Hidden = default }, "Hidden (--hidden) is nothing, want integer,…, 1 to 1000000."),
        (new TrainConfig { Threads = 0 }, "Threads (--threads) is '0', want integer, 1 to 1024."),
        (new TrainConfig { Out = "" }, "Out (--out) is '', want text that is not empty."),
        (new CompareConfig { Seeds = [1, 1] }, "Seeds (--seeds) is '1,1', want integer,…, each once."),
        (new CompareConfig { Losses = [] }, "Losses (--losses) is '', want cross_entropy, nll, log"));

    [Theory, MemberData(nameof(Wrong))]
    public void What_no_command_line_could_say_is_refused_with_option_value_and_what_is_wanted(ScriptConfig config, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => OptionRule.Checked(config)).Message);

    [Fact]
    public void Everything_else_passes_as_it_is()
    {
        ScriptConfig[] configs =
        [
            new TrainConfig(), new CompareConfig(), new InferConfig(), new RedrawConfig(),
            new TrainConfig { Hidden = [], Threads = 3, Out = "x", Epochs = 1 },
        ];
        foreach (var config in configs)
            Assert.Same(config, OptionRule.Checked(config));
    }
}
