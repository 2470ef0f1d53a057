using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Text of a value that is printed, or typed into the REPL.</summary>
public class PrintedValuesTests
{
    [Fact]
    public void A_net_prints_as_a_table_of_its_layers()
    {
        var plus = Custom("Plus", m => m.Layer("f", Dense(2) >> Relu >> Dense(4), m.Input) is var f && m.Layer("g", Dense(3), m.Input) is not null
            ? (f.Output, (pass, x) => x + pass.Apply(f, x)) : default);
        var net = (Dense(1000).As("fc1") >> BatchNorm() >> Residual(Dense(1000) >> Relu) >> Dense(4) >> plus).Fit(4);
        Assert.Equal("""
            Net: inputs [4], 1,012,041 parameters, 2,000 numbers of state
                     layer        output  parameters  state
              fc1    Dense(1000)  [1000]       5,000      0
              1      BatchNorm()  [1000]       2,000  2,000
              2      Residual     [1000]   1,001,000      0
                0    Dense(1000)  [1000]   1,001,000      0
                1    Relu         [1000]           0      0
              3      Dense(4)     [4]          4,004      0
              4      own(Plus)    [4]             37      0
                f                 [4]             22      0
                  0  Dense(2)     [2]             10      0
                  1  Relu         [2]              0      0
                  2  Dense(4)     [4]             12      0
                g    Dense(3)     [3]             15      0
            """.ReplaceLineEndings("\n"), $"{net}");
        Assert.Equal((net.Count, 2000L, 12), (net.Summary.Parameters, net.Summary.State, net.Summary.Rows.Length));
        Assert.DoesNotContain("state", $"{Dense(2).Fit(3)}");
        Assert.Equal("Net: inputs [3], 0 parameters", $"{Identity.Fit(3)}");
    }

    [Fact]
    public void Values_that_a_user_meets_print_in_a_short_line()
    {
        using var scope = NewDisposeScope();
        var data = Tensors.SmallData();
        var config = new TrainConfig { Epochs = 1, BatchSize = 50, Hidden = [5, 4] };
        var recipe = config.Recipe(data);
        var epoch = Training.Epochs(recipe, data).Single();
        var state = Training.Begin(recipe, data);
        object[] values =
        [
            data, data.Hold(5), data.Train, config, recipe, recipe.Objective, recipe.Objective.Metrics[0], recipe.Optimizer, recipe.Model,
            recipe.Model.Calls[0],
            recipe.Net(data).Layers[0], recipe.Net(data).Parameters[0], epoch, epoch.Test, epoch.State!, epoch.State!.Moments[0], state, state.Optimizer,
            state.Random,
            ParameterVector.Of(state.Model), Batches.Cut(data.Train, ..10), Schedules.Cosine(1e-3, 10), Initializer.He, new RunFolder("here", "script"),
            FinishedEpochs.None, new LossEpoch("mse", 0, epoch),
        ];
        Assert.All(values, value =>
        {
            Assert.DoesNotContain("`", $"{value}");
            Assert.DoesNotContain("System.", $"{value}");
            Assert.InRange($"{value}".Length, 1, 300);
        });
        Assert.Equal("Dataset small: 2,000 + 500 examples [50] Float32, 10 classes (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)", $"{data}");
        Assert.Equal("TrainConfig --epochs 1 --batch-size 50 --hidden 5,4", $"{config}");
        Assert.StartsWith("Epoch 1: train loss ", $"{epoch}");
        Assert.Matches(@"^loss \d\.\d+, accuracy \d+\.\d\d%$", $"{epoch.Test}");
        Assert.Matches(@"^Net: inputs \[50\], 329 parameters\n", $"{recipe.Net(data)}");
    }

    [Fact]
    public void The_header_names_model_parameters_and_steps_and_a_better_batch_size_where_there_are_few()
    {
        using var scope = NewDisposeScope();
        var data = Tensors.SmallData();
        string Headline(TrainConfig config, Dataset data) =>
            RunHeader.Headline(config.Recipe(data), data, new("here", "script") { Config = config });
        Assert.Equal("50-50-100-10 sigmoid, 8,660 parameters, 250 steps an epoch", Headline(new() { BatchSize = 8 }, data));
        Assert.Equal("50-50-100-10 sigmoid, 8,660 parameters, 4 steps an epoch; --batch-size 32 makes 63", Headline(new(), data));
        Assert.EndsWith(", 1 step an epoch; --batch-size 8 makes 13", Headline(new(), Tensors.SmallData(train: 100)));
        Assert.EndsWith(", 1 step an epoch", Headline(new(), Tensors.SmallData(train: 7)));
        Assert.EndsWith(", 4 steps an epoch", RunHeader.Headline(new TrainConfig().Recipe(data), data, new("here", "script")));
        Assert.StartsWith("50-10, 510 parameters, ", Headline(new() { Model = "softmax" }, data));
    }

    [Theory, InlineData(1, "1 epoch"), InlineData(0, "0 epochs"), InlineData(1180, "1,180 epochs")]
    public void A_number_and_its_noun_agree(long count, string text) => Assert.Equal(text, Plural.Of(count, "epoch"));
}
