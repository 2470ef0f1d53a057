using System.Collections.Immutable;
using System.Text.Json.Nodes;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Start weights by name: from a model, a file or a run.</summary>
public sealed class StartTests : IDisposable
{
    Dataset Data { get; } = Tensors.SmallData(120, 60);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Out => Path.Combine(folder.Path, "run");

    static Recipe Usual => new(Dense(8) >> BatchNorm() >> Relu >> Dense(10), Objective.Classify(), Optimizers.Adam(1e-2)) { Epochs = 2, BatchSize = 50 };

    [Fact]
    public void All_or_some_weights_and_states_of_a_model_are_taken_and_the_others_drawn()
    {
        using var scope = NewDisposeScope();
        var given = Training.Epochs(Usual with { Seed = 9 }, Data).Last().State!.Model(Usual.Net(Data));
        var (taken, drawn) = (Training.Begin(Usual with { Start = Start.Of(given) }, Data).Model, Training.Begin(Usual, Data).Model);
        Tensors.AssertClose(given.Flat, taken.Flat, 0);
        Assert.All(given.State.Zip(taken.State), pair => Tensors.AssertClose(pair.First, pair.Second, 0));

        var some = Training.Begin(Usual with { Start = Start.Of(given, slot => slot.Name.StartsWith('1')) }, Data).Model;
        foreach (var (((slot, want), other), got) in some.Net.Parameters.Zip(Views(given)).Zip(Views(drawn)).Zip(Views(some)))
            Tensors.AssertClose(slot.Name.StartsWith('1') ? want : other, got, 0);
        Assert.All(given.State.Zip(some.State), pair => Tensors.AssertClose(pair.First, pair.Second, 0));

        static ImmutableArray<Tensor> Views(Model model) => model.Net.Views(model.Flat);
    }

    [Fact]
    public void A_given_model_is_copied_and_recorded_by_the_hash_of_what_is_taken()
    {
        using var scope = NewDisposeScope();
        var (model, other) = (Usual.Net(Data).Init(TorchRandom.Seeded(9)).Model, Usual.Net(Data).Init(TorchRandom.Seeded(8)).Model);
        var start = Start.Of(model);
        var text = Named.TextOf(start);
        Assert.Matches("^Of\\([0-9a-f]{8}\\)$", text);
        Assert.Equal(text, Named.TextOf(Start.Of(model)));
        Assert.NotEqual(text, Named.TextOf(Start.Of(other)));
        Assert.NotEqual(text, Named.TextOf(Start.Of(model, Slot.IsWeight)));
        var flat = model.Flat.clone();
        model.Flat.zero_();
        Tensors.AssertClose(flat, start(other).Flat, 0);
        Assert.Equal(["start"], (Usual with { Start = start }).Instead(Usual).Keys);
    }

    [Fact]
    public void A_name_or_shape_that_does_not_fit_is_one_error()
    {
        using var scope = NewDisposeScope();
        var model = (Dense(8) >> Relu >> Dense(3)).Fit(50).Init(TorchRandom.Seeded(1)).Model;
        string Message(Recipe recipe) => Assert.Throws<ArgumentException>(() => Training.Begin(recipe, Data)).Message;
        var recipe = Usual with { Model = Dense(8) >> Relu >> Dense(10) >> Identity };
        Assert.Equal("Start: the given model does not fit: 2.weight is [3, 8] there, and [10, 8] in the model, 2.bias is [3] there, and [10] in the model; "
            + "choose by only what is taken.", Message(recipe with { Start = Start.Of(model) }));
        Assert.Contains("it has no 1.weight", Message(Usual with { Start = Start.Of(model) }));
        Assert.Contains("the model has no 2.weight", Message(Usual with { Model = Dense(8), Objective = Objective.Regress(), Start = Start.Of(model) }));
        Assert.Contains("nothing is taken of 0.weight", Message(recipe with { Start = Start.Of(model, _ => false) }));
    }

    [Fact]
    public void A_run_starts_from_another_runs_best_weights_records_the_file_and_resumes_without_it()
    {
        var first = Path.Combine(folder.Path, "first");
        Train(Config with { Out = first, Seed = 5 });
        var (whole, cut) = (Path.Combine(folder.Path, "whole"), Out);
        var config = Config with { Start = first, StartOnly = "fc1", Seed = 1 };
        var (console, said) = (Console.Out, new StringWriter());
        Console.SetOut(said);
        try
        {
            Train(config with { Out = whole, Epochs = 4 });
        }
        finally
        {
            Console.SetOut(console);
        }
        var best = Path.Combine(first, "best.safetensors");
        Assert.Contains("Start: fc1.weight, fc1.bias from ", said.ToString());
        Assert.Contains("; drawn: fc2.weight, fc2.bias", said.ToString());
        var start = JsonNode.Parse(File.ReadAllText(Path.Combine(whole, "config.json")))!["start"]!;
        Assert.Equal((best, 64), ($"{start["file"]}", $"{start["sha256"]}".Length));
        Assert.Equal(("[\"fc1.weight\",\"fc1.bias\"]", "[\"fc2.weight\",\"fc2.bias\"]"), (start["taken"]!.ToJsonString(), start["drawn"]!.ToJsonString()));
        Assert.Contains("\"start\": \"From(", File.ReadAllText(Path.Combine(whole, "config.json")));

        Train(config with { Out = cut, Epochs = 2 });
        var kept = File.ReadAllBytes(best);
        File.Delete(best);
        Train(config with { Resume = cut, Epochs = 4 });
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "last.checkpoint")), File.ReadAllBytes(Path.Combine(cut, "last.checkpoint")));
        File.WriteAllBytes(best, kept);
        Assert.Contains("whose start is From(", Assert.Throws<TorchletException>(() =>
            Train(Config with { Resume = cut, Epochs = 5, Seed = 1 })).Message);
    }

    [Fact]
    public void A_run_without_an_epoch_starts_from_the_recorded_file_again_and_from_no_other()
    {
        var first = Path.Combine(folder.Path, "first");
        Train(Config with { Out = first });
        var moved = Path.Combine(folder.Path, "latest");
        Directory.CreateSymbolicLink(moved, first);
        Tensors.Run(Config with { Out = Out, Start = moved }, Data).Begin().Dispose();
        Directory.Delete(moved);
        var other = Path.Combine(folder.Path, "other");
        Train(Config with { Out = other, Seed = 3 });
        Directory.CreateSymbolicLink(moved, other);
        using var scope = NewDisposeScope();
        using (var run = Tensors.Run(Config with { Resume = Out, Start = moved }, Data).Begin())
        {
            var want = Weights.Load(Path.Combine(first, "best.safetensors")).ToModel().Flat;
            Tensors.AssertClose(want, Training.Begin(run.Recipe!, Data).Model.Flat, 0);
        }
        File.Copy(Path.Combine(other, "best.safetensors"), Path.Combine(first, "best.safetensors"), overwrite: true);
        using var again = Tensors.Run(Config with { Resume = Out, Start = moved }, Data).Begin();
        Assert.Contains("it is not the file that the run began with", Assert.Throws<TorchletException>(() => Training.Begin(again.Recipe!, Data)).Message);
    }

    [Theory]
    [InlineData("none.safetensors", null, "--start none.safetensors: no such file or run")]
    [InlineData("{other}", null, "does not fit: fc1.weight is [7, 50] there, and [9, 50] in the model")]
    [InlineData("{other}", "fc9", "nothing is taken of fc1.weight")]
    public void A_start_that_is_not_there_or_does_not_fit_leaves_no_run(string start, string? only, string message)
    {
        var other = Path.Combine(folder.Path, "other");
        Train(Config with { Out = other, Hidden = [7] });
        Assert.Contains(message, Assert.Throws<TorchletException>(() =>
            Tensors.Run(Config with { Out = Out, Start = start.Replace("{other}", other), StartOnly = only }, Data).Begin()).Message);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void The_textbooks_weights_have_the_names_of_a_perceptron_and_options_are_checked()
    {
        using var scope = NewDisposeScope();
        var file = Path.Combine(folder.Path, "book.npz");
        Weights.SaveTorch(file,
            [new("W1", [50, 9], new float[450]), new("b1", [9], new float[9]), new("W2", [9, 10], new float[90]), new("b2", [10], new float[10])]);
        var recipe = (Config with { Start = file }).Recipe(Data);
        Assert.Equal($"From({file})", recipe.Text["start"]);
        Tensors.AssertClose(zeros(recipe.Net(Data).Count), Training.Begin(recipe, Data).Model.Flat, 0);
        Assert.Equal($"From({file}, own)", Named.TextOf(Start.From(file, slot => true)));
        Assert.Equal($"From({file}, Slot.IsWeight)", Named.TextOf(Start.From(file, Slot.IsWeight)));
        string Refused(string line) => Assert.Throws<CommandLineException>(() => CommandLine.Parse(line.Split(' '), new TrainConfig())).Message;
        Assert.Contains("--start-only fc1 has no effect without --start", Refused("--start-only fc1"));
        Assert.Contains("leave one out", Refused("--swa 2 --ema 0.9"));
        Assert.Contains("--swa 11 has no effect with --epochs 10", Refused("--swa 11"));
        Assert.Equal("Adam(0.01) >> MeanOfParameters(3, 3)", (Config with { Swa = 2 }).Recipe(Data).Text["optimizer"]);
    }

    static TrainConfig Config => new() { Hidden = [9], BatchSize = 50, Epochs = 2, LearningRate = 0.01, Plain = true };

    void Train(TrainConfig config)
    {
        var run = Tensors.Run(config, Data);
        run.Train();
        run.Folder.Dispose();
    }
}
