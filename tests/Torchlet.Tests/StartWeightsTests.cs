using static Torchlet.Layers;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Start of a training: the recipe's weights, or a snapshot of the same training.</summary>
public sealed class StartWeightsTests : IDisposable
{
    Dataset Data { get; } = Tensors.SmallData(120, 60);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Start_weights_are_copied_and_trained_on()
    {
        using var scope = NewDisposeScope();
        var pretrained = Usual.Net(Data).Init(TorchRandom.Seeded(9)).Model;
        var before = pretrained.Flat.clone();
        var recipe = Usual with { Start = drawn => drawn with { Flat = pretrained.Flat }, Optimizer = Optimizers.Sgd(1e-9) };
        foreach (var _ in Enumerable.Range(0, 2)) // The weights are the script's still.
        {
            var last = Training.Epochs(recipe, Data).Last();
            Tensors.AssertClose(before, tensor(last.State!.Parameters.ToArray()), 1e-6);
            Tensors.AssertClose(before, pretrained.Flat, 0);
        }
        Assert.StartsWith("Start: parameters: want [498], got [3]",
            Assert.Throws<ArgumentException>(() => Training.Epochs(Usual with { Start = m => m with { Flat = zeros(3) } }, Data).Count()).Message);
    }

    [Fact]
    public void They_are_a_part_of_the_recipe_in_the_record_and_on_resume()
    {
        var recipe = Usual with { Start = drawn => drawn with { Flat = drawn.Flat * 2 } };
        Assert.Equal(["start"], recipe.Instead(Usual).Keys);
        Train(recipe, new() { Out = Out });
        Assert.Contains("\"start\": \"own\"", File.ReadAllText(Path.Combine(Out, "config.json")));
        Assert.Contains("whose start is own and not none",
            Assert.Throws<TorchletException>(() => Train(Usual with { Epochs = 3 }, new() { Resume = Out, Epochs = 3 })).Message);
    }

    [Fact]
    public void A_run_refuses_epochs_from_a_snapshot_that_its_files_would_not_tell_of()
    {
        using var run = Begin(Usual, new() { Out = Out });
        var foreign = Training.Epochs(Usual with { Seed = 5 }, Data).First().State! with { Epoch = 0 };
        foreach (var stage in new[] { CsvLog.To(run), Checkpoint.KeepBest(run), Checkpoint.KeepLast(run) })
            Assert.Contains("as recipe.Start",
                Assert.Throws<ArgumentException>(() => (Training.Epochs(Usual, Data, foreign) | Tensors.Timed | stage).Count()).Message);
        Assert.False(File.Exists(run.PathOf("best.safetensors")) || File.Exists(run.PathOf("last.checkpoint")));
    }

    [Fact]
    public void An_edited_script_or_a_part_that_it_loads_is_said_on_resume()
    {
        var (script, part) = (Path.Combine(folder.Path, "mine.csx"), Path.Combine(folder.Path, "part.csx"));
        File.WriteAllText(script, "#load \"part.csx\"\n#load \"lib/torchlet.csx\"\n");
        File.WriteAllText(part, "// 1\n#load \"mine.csx\"");
        var runs = new ScriptRuns("mine", isListed: false) { Source = script };
        string Resumed(TrainConfig config)
        {
            var (error, said) = (Console.Error, new StringWriter());
            Console.SetError(said);
            try
            {
                NewRun.Create("mine", config, Data, CPU, folder.Path, DateTime.UnixEpoch, Usual with { Epochs = config.Epochs }, runs: runs).Dispose();
                return said.ToString();
            }
            finally
            {
                Console.SetError(error);
            }
        }
        Assert.Equal("", Resumed(new() { BatchSize = 50, Out = Out, Epochs = 2 }));
        var again = new TrainConfig { BatchSize = 50, Resume = Out, Epochs = 3 };
        Assert.DoesNotContain("has changed", Resumed(again));
        File.AppendAllText(part, "// another loss");
        Assert.Contains("mine has changed since the run in ", Resumed(again));
        File.WriteAllText(part, "// 1\n#load \"mine.csx\"");
        File.AppendAllText(script, "// another loss");
        Assert.Contains("mine has changed since the run in ", Resumed(again));
    }

    public static TheoryData<string, string> Others => new(
        ("rmsprop for momentum", "the optimizer ScaleByRms(0.99, 1E-08) >> ScaleByLearningRate(0.01), got Momentum(0.9) >> ScaleByLearningRate(0.01)"),
        ("model", "the model Dense(8) >> Tanh >> Dense(10), got Dense(8) >> Relu >> Dense(10)"), ("adam", "the optimizer Adam(0.01), got Momentum"),
        ("own of fewer states", "number of the optimizer's states 0, got 1"), ("parameters", "number of parameters 498, got 3"),
        ("layers", "the states of layers , got [8]"));

    [Theory, MemberData(nameof(Others))]
    public void A_snapshot_of_another_training_is_refused_at_once(string way, string message)
    {
        var momentum = Usual with { Optimizer = Optimizers.WithMomentum(0.01) };
        var was = Training.Epochs(momentum, Data).First().State!;
        var (recipe, snapshot) = way switch
        {
            "rmsprop for momentum" => (momentum with { Optimizer = Optimizers.RmsProp(0.01) }, was),
            "model" => (momentum with { Model = Dense(8) >> Tanh >> Dense(10) }, was),
            "adam" => (momentum with { Optimizer = Optimizers.Adam(0.01) }, was),
            "own of fewer states" => (momentum with { Optimizer = Chain(ScaleByLearningRate(0.01)) }, was with { Recipe = null }),
            "parameters" => (momentum, was with { Recipe = null, Parameters = [1, 2, 3] }),
            _ => (momentum, was with { Layers = [new([8], [.. new float[8]])] }),
        };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Training.Epochs(recipe, Data, snapshot)).Message); // Not enumerated.
    }

    [Fact]
    public void A_snapshot_of_the_same_training_goes_on_and_more_epochs_may_follow()
    {
        var first = Training.Epochs(Usual, Data).Last().State!;
        Assert.Equal([3, 4], Training.Epochs(Usual with { Epochs = 4 }, Data, first).Select(e => e.Index));
    }

    string Out => Path.Combine(folder.Path, "run");

    static Recipe Usual => new(Dense(8) >> Relu >> Dense(10), Objective.Classify(), Optimizers.Adam(1e-2)) { Epochs = 2, BatchSize = 50 };

    RunFolder Begin(Recipe recipe, TrainConfig config) =>
        NewRun.Create("mine", config with { BatchSize = 50 }, Data, CPU, folder.Path, DateTime.UnixEpoch, recipe);

    void Train(Recipe recipe, TrainConfig config)
    {
        using var run = Begin(recipe, config);
        var epochs = Training.Epochs(run.Recipe!, run.Data!, run.Finished.State);
        _ = (epochs | Tensors.Timed | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run)).Count();
    }
}
