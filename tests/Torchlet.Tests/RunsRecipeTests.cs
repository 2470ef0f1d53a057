using System.Text.Json;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>A run records what was trained, not what the options alone describe.</summary>
public sealed class RunsRecipeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Data => Path.Combine(folder.Path, "data");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_activation_of_ones_own_is_recorded_as_own_and_script_01_refuses_its_weights()
    {
        var (run, _) = Train(config => Mlp.Layer(config.Hidden, Swish, 10));
        const string model = "Dense(9).As(\"fc1\") >> own(Swish) >> Dense(10).As(\"fc2\")";
        var record = JsonDocument.Parse(File.ReadAllText(run.PathOf("config.json"))).RootElement;
        Assert.Equal(model, record.GetProperty("recipe").GetProperty("model").GetString());
        Assert.Equal(["model"], record.GetProperty("instead_of_options").EnumerateArray().Select(part => part.GetString()));
        Assert.All(Plots.Of(run), picture => Assert.DoesNotContain("sigmoid", string.Join(' ', picture.Plot.Titles())));
        Assert.All(Plots.Of(run), picture => Assert.Contains("own(Swish)", string.Join(' ', picture.Plot.Titles())));
        var best = run.PathOf("best.safetensors");
        Assert.Equal(model, Weights.Read(best).Metadata["model"]);

        var outcome = InProcess.Run("scripts/01_infer_pretrained.csx", $"--weights {best} --data {Data} --out {folder.Path}/01");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("the network contains a custom layer", Assert.Single(outcome.ErrorLines));
    }

    [Fact]
    public void Weights_with_a_function_of_ones_own_come_back_beside_the_layer_itself()
    {
        var (run, last) = Train(config => Mlp.Layer(config.Hidden, Swish, 10));
        using var scope = NewDisposeScope();
        var saved = Weights.Load(run.PathOf("best.safetensors"), Mlp.Layer([9], Swish, 10), 1, 28, 28);
        var evaluation = Metrics.Evaluate(saved.ToModel(), run.Data!.Test, Objective.Classify(), 50);
        Assert.Equal(last.Test, evaluation);
    }

    [Fact]
    public void Another_optimizer_or_loss_stands_in_the_pictures_in_place_of_the_options()
    {
        var (run, _) = Train(config => Mlp.Layer(config.Hidden, Relu, 10),
            recipe => recipe with { Optimizer = Optimizers.Lion(1e-3), Objective = Objective.Classify(Losses.Focal(2)) });
        var titles = string.Join(' ', Plots.Of(run)[0].Plot.Titles());
        foreach (var part in new[] { "ScaleByLion", "Focal(2)" }) Assert.Contains(part, titles);
        foreach (var option in new[] { "adam", "cross_entropy", "sigmoid" }) Assert.DoesNotContain(option, titles);
    }

    [Fact]
    public void A_training_of_another_recipe_than_the_runs_is_refused_and_both_are_named()
    {
        var (run, recipe) = Begin(config => Mlp.Layer(config.Hidden, Sigmoid, 10));
        var other = recipe with { Model = Mlp.Layer([9], Swish, 10), Optimizer = Optimizers.Sgd(0.1) };
        foreach (var stage in new[] { CsvLog.To(run), Checkpoint.KeepBest(run), Checkpoint.KeepLast(run) })
        {
            var message = Assert.Throws<ArgumentException>(() => (Training.Epochs(other, run.Data!) | stage).Count()).Message;
            foreach (var part in new[] { "Sigmoid", "own(Swish)", "Adam(0.01)", "Sgd(0.1)", "begin the run with the recipe that Training.Epochs gets" })
                Assert.Contains(part, message);
        }
        Assert.False(File.Exists(run.PathOf("best.safetensors")));
        run.Dispose();
    }

    [Fact]
    public void An_epoch_without_its_state_has_no_weights_to_keep()
    {
        var (run, recipe) = Begin(config => Mlp.Layer(config.Hidden, Sigmoid, 10));
        foreach (var stage in new[] { Checkpoint.KeepBest(run), Checkpoint.KeepLast(run) })
            Assert.Contains("with their State",
                Assert.Throws<ArgumentException>(() => (Training.Epochs(recipe, run.Data!).Select(e => e.Figures()) | stage).Count()).Message);
        run.Dispose();
    }

    [Fact]
    public void The_loss_that_the_options_name_is_the_one_that_is_trained_and_recorded()
    {
        var data = Tensors.SmallData();
        var recipe = new TrainConfig { Loss = "nll" }.Recipe(data);
        Assert.Equal(("nll", Losses.NllOfLogSoftmax), (recipe.Objective.Text, recipe.Objective.Loss));
    }

    [Fact]
    public void An_option_of_an_unknown_name_in_code_is_told_which_there_are()
    {
        string Message(TrainConfig config) => Assert.Throws<ArgumentException>(() => config.Recipe(Tensors.SmallData())).Message;
        Assert.All(Activation.All.Select(a => a.Name), name => Assert.Contains(name, Message(new() { Activation = "swish" })));
        Assert.All(Optimizers.All.Select(o => o.Name), name => Assert.Contains(name, Message(new() { Optimizer = "adma" })));
        Assert.Contains("BatchSize (--batch-size) is '0'", Message(new() { BatchSize = 0 }));
    }

    [Fact]
    public void Data_without_classes_have_an_output_for_each_number_of_a_target()
    {
        using var scope = NewDisposeScope();
        Recipe Of(Tensor targets) => new TrainConfig { Hidden = [3] }.Recipe(Dataset.Of("numbers", new(ones(4, 2), targets), new(ones(4, 2), targets)));
        Assert.Equal("Dense(3).As(\"fc1\") >> Sigmoid >> Dense(1).As(\"fc2\")", Of(ones(4)).Model.Text);
        Assert.Equal("Dense(3).As(\"fc1\") >> Sigmoid >> Dense(6).As(\"fc2\")", Of(ones(4, 2, 3)).Model.Text);
    }

    static Tensor Swish(Tensor x) => x * x.sigmoid();

    (RunFolder Run, Recipe Recipe) Begin(Func<TrainConfig, Layer> model, Func<Recipe, Recipe>? change = null)
    {
        var data = Datasets.Load(SmallMnist.Write(Directory.CreateDirectory(Data).FullName));
        var config = new TrainConfig { Hidden = [9], BatchSize = 50, LearningRate = 1e-2, Epochs = 2, Out = Path.Combine(folder.Path, "run") };
        var recipe = (change ?? (r => r))(config.Recipe(data) with { Model = model(config) });
        return (NewRun.Create("mine", config, data, CPU, folder.Path, DateTime.UnixEpoch, recipe), recipe);
    }

    (RunFolder Run, Epoch Last) Train(Func<TrainConfig, Layer> model, Func<Recipe, Recipe>? change = null)
    {
        var (run, recipe) = Begin(model, change);
        var epochs = Training.Epochs(recipe, run.Data!) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
        run.Dispose();
        return (run, epochs[^1]);
    }
}
