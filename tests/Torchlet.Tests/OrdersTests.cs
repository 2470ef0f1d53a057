using System.Text.Json;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The order of an epoch's examples is a function of generator, split and epoch.</summary>
public class OrdersTests
{
    static readonly Recipe Usual = new(Dense(16) >> Dropout(0.2) >> Relu >> Dense(4), Objective.Classify(), Optimizers.Adam(1e-2))
    {
        Epochs = 4, BatchSize = 50, Seed = 5,
    };

    public static TheoryData<string> Names => ["shuffle", "sequential", "bootstrap", "balanced", "Weighted(weight)", "Curriculum(weight, 3, 0.2)", "own"];

    internal static Order Of(string name) => name switch
    {
        "Weighted(weight)" => Orders.Weighted("weight"),
        "Curriculum(weight, 3, 0.2)" => Orders.Curriculum("weight", 3),
        "own" => (random, split, epoch) =>
        {
            var (places, next) = Batches.Shuffle(random, split.Count);
            return (places[..(30 + 20 * epoch)], next);
        }
        ,
        _ => Orders.Named(name)!,
    };

    /// <summary>Pictures of four classes with a weight: 0 for the first ten, then 1, 2, 3, …, 101, by turns.</summary>
    internal static Dataset Data(int train = 170)
    {
        var data = AnyModelTests.Pictures(train);
        return data with { Train = data.Train.With("weight", (arange(train) * 37 % 101).to_type(ScalarType.Float32) * arange(train).ge(10)) };
    }

    static long[] Drawn(Order order, Split split, int epoch = 1, int seed = 1) =>
        order.Draw(TorchRandom.Seeded(seed), split, epoch).Places.data<long>().ToArray();

    [Theory, MemberData(nameof(Names))]
    public void A_training_resumes_to_the_bit_and_its_record_names_the_order(string name)
    {
        using var scope = NewDisposeScope();
        var (recipe, data) = (Usual with { Order = Of(name) }, Data());
        var whole = Training.Epochs(recipe, data).ToList();
        var rest = Training.Epochs(recipe, data, from: whole[1].State).ToList();
        Assert.Equal(whole.Skip(2).Select(e => (e.TrainLoss, e.TestLoss)), rest.Select(e => (e.TrainLoss, e.TestLoss)));
        Assert.Equal(whole[^1].State!.Parameters, rest[^1].State!.Parameters);
        Assert.Equal(whole[^1].State!.Random, rest[^1].State!.Random);
        Assert.Equal(recipe.Steps(data), whole[^1].State!.Step);
        if (name == "shuffle") Assert.DoesNotContain("order", recipe.Text.Keys);
        else Assert.Equal((name, name), (recipe.Text["order"], recipe.Instead(Usual)["order"]));
    }

    [Theory, MemberData(nameof(Names))]
    public void Steps_examples_and_progress_follow_the_order(string name)
    {
        using var scope = NewDisposeScope();
        var (recipe, data, told) = (Usual with { Order = Of(name) }, Data(), new Told());
        var lengths = Enumerable.Range(1, 4).Select(epoch => Drawn(recipe.Order, data.Train, epoch).Length).ToArray();
        Assert.Equal(name switch
        {
            "balanced" => [168, 168, 168, 168],
            "Curriculum(weight, 3, 0.2)" => [34, 102, 170, 170],
            "own" => [50, 70, 90, 110],
            _ => [170, 170, 170, 170],
        }, lengths);
        var steps = Training.Steps(recipe, data).Select(s => (s.Epoch, s.Batch, s.Examples, s.Count, s.LossSum)).ToList();
        Assert.Equal(lengths.Sum(length => Batches.Count(length, 50)), steps.Count);
        Assert.Equal(recipe.Steps(data), steps.Count);
        Assert.Equal(lengths, steps.GroupBy(s => s.Epoch, (_, of) => of.Sum(s => s.Count)));
        Assert.Equal(lengths, steps.GroupBy(s => s.Epoch, (_, of) => of.Last().Examples));
        var rows = Training.Epochs(recipe, data, progress: told).ToList();
        Assert.Equal(lengths, rows.Select(row => told.All.Last(p => p.Epoch == row.Index).Examples));
        Assert.All(told.All, p => Assert.Equal(lengths[p.Epoch - 1], p.Of));
        foreach (var row in rows) Assert.Equal(steps.Where(s => s.Epoch == row.Index).Sum(s => s.LossSum) / lengths[row.Index - 1], row.TrainLoss, 1e-6);
    }

    /// <summary>The loaders draw a base seed for their workers from the global generator, then the samplers draw.</summary>
    [Fact]
    public void Samplers_of_PyTorch_have_the_same_draws()
    {
        using var scope = NewDisposeScope();
        var split = Data().Train;
        using var generator = new Generator(1, CPU);
        long Int64() => (randint_long(long.MinValue, long.MaxValue, generator) - long.MinValue) & long.MaxValue;
        _ = Int64();
        var weighted = multinomial(split["weight"].to_type(ScalarType.Float64), split.Count, replacement: true, generator: generator);
        Assert.Equal(weighted.data<long>().ToArray(), Drawn(Orders.Weighted("weight"), split));
        Assert.Equal(Int64(), Orders.Weighted("weight")(TorchRandom.Seeded(1), split, 1).Next.Int64().Number); // The next draw follows the one before it.
        using var again = new Generator(1, CPU);
        _ = randint_long(long.MinValue, long.MaxValue, again);
        using var seeded = new Generator((ulong)((randint_long(long.MinValue, long.MaxValue, again) - long.MinValue) & long.MaxValue), CPU);
        // RandomSampler draws 32 at a time.
        var parts = Enumerable.Range(0, 170 / 32).Select(_ => 32).Append(170 % 32);
        var drawn = parts.SelectMany(n => randint(0, 170, [n], ScalarType.Int64, generator: seeded).data<long>().ToArray()).ToArray();
        Assert.Equal(drawn, Drawn(Orders.Bootstrap, split));
        Assert.Equal(Batches.Shuffle(TorchRandom.Seeded(1), 170).Order.data<long>().ToArray(), Drawn(Orders.Shuffle, split));
        Assert.Equal(Batches.Shuffle(TorchRandom.Seeded(1), 170).Next, Orders.Shuffle(TorchRandom.Seeded(1), split, 1).Next);
        Assert.Equal(Enumerable.Range(0, 170).Select(i => (long)i), Drawn(Orders.Sequential, split));
    }

    [Fact]
    public void Balanced_takes_each_class_equally_often_and_its_examples_evenly()
    {
        using var scope = NewDisposeScope();
        // 3 examples of class 0, 90 of class 2, 27 of class 5, none of the others.
        var labels = cat([zeros(3, ScalarType.Int64), full(90, 2, ScalarType.Int64), full(27, 5, ScalarType.Int64)]);
        var drawn = Drawn(Orders.Balanced, new(arange(120).unsqueeze(1), labels));
        Assert.Equal(120, drawn.Length);
        Assert.Equal([40, 40, 40], new[] { 0..3, 3..93, 93..120 }.Select(of => drawn.Count(i => i >= of.Start.Value && i < of.End.Value)));
        Assert.Equal([13, 13, 14], Enumerable.Range(0, 3).Select(i => drawn.Count(place => place == i)).Order());
        Assert.Equal(40, drawn.Where(place => place is >= 3 and < 93).Distinct().Count());
        Assert.NotEqual(drawn, Drawn(Orders.Balanced, new(arange(120).unsqueeze(1), labels), seed: 2));
        Assert.NotEqual(drawn.Order(), drawn);
    }

    [Fact]
    public void Weighted_never_draws_weight_zero_and_a_curriculum_begins_with_the_lowest()
    {
        using var scope = NewDisposeScope();
        var split = Data().Train;
        Assert.DoesNotContain(Drawn(Orders.Weighted("weight"), split), place => place < 10);
        var weights = split["weight"].data<float>().ToArray();
        var easy = Drawn(Of("Curriculum(weight, 3, 0.2)"), split);
        Assert.Equal(34, easy.Distinct().Count());
        Assert.True(easy.Max(i => weights[i]) <= Enumerable.Range(0, 170).Except(easy.Select(i => (int)i)).Min(i => weights[i]));
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "far", "Order: want places from 0 to 169, got 0 to 170 in epoch 1." }, { "negative", "Order: want places from 0 to 169, got -1 to 3 in epoch 1." },
        { "none", "Order: want places of examples, got none in epoch 1." }, { "floats", "Order: places: want Int64, got Float32." },
        { "two axes", "Order: places: want [any], got [170, 1]." }, { "by the draws", "Order: want as many places with all draws, 4 in epoch 1, got 5." },
        { "no column", "column: want weight, got 'height'; add it to each split that needs it: split.With(\"height\", …)." },
        { "no labels", "Balanced: want labels as targets, [count] integers, got [170, 4] Float32." },
        { "bad weights", "weights: want finite numbers from 0, not all of them 0, got a least of -1 and a sum of -170." },
        { "two weights", "Weighted: weight: want [170], got [170, 2]." },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void A_wrong_order_is_an_error_that_says_wanted_and_got(string what, string message)
    {
        using var scope = NewDisposeScope();
        var (data, seeded) = (Data(), TorchRandom.Seeded(0));
        Order order = what switch
        {
            "far" => (random, split, _) => (arange(split.Count + 1), random),
            "negative" => (random, split, _) => (arange(-1, 4), random),
            "none" => (random, split, _) => (empty(0, ScalarType.Int64), random),
            "floats" => (random, split, _) => (arange(split.Count).to_type(ScalarType.Float32), random),
            "two axes" => (random, split, _) => (arange(split.Count).unsqueeze(1), random),
            "by the draws" => (random, _, _) => (arange(random.Equals(seeded) ? 4 : 5), random),
            "no column" => Orders.Weighted("height"),
            "no labels" => Orders.Balanced,
            _ => Orders.Weighted("weight"),
        };
        if (what == "no labels")
            data = data with { Train = data.Train with { Targets = zeros(170, 4) }, Test = data.Test with { Targets = zeros(100, 4) }, Classes = [] };
        if (what == "bad weights") data = data with { Train = data.Train.With("weight", -ones(170)) };
        if (what == "two weights") data = data with { Train = data.Train.With("weight", ones(170, 2)) };
        var objective = what == "no labels" ? Objective.Regress(Losses.SquaredError) : Objective.Classify();
        Assert.Equal(message, Assert.Throws<ArgumentException>(
            () => Training.Epochs(Usual with { Order = order, Objective = objective }, data).ToList()).Message.Split(" (Parameter")[0]);
        Assert.Throws<ArgumentException>(() => Orders.Curriculum("weight", 0));
        Assert.Throws<ArgumentException>(() => Orders.Curriculum("weight", 3, 0));
    }

    /// <summary>101 examples in batches of 50 leave one in the epochs with all of them.</summary>
    [Fact]
    public void A_smallest_batch_of_any_epoch_is_refused_at_once()
    {
        using var scope = NewDisposeScope();
        var recipe = Usual with { Model = Dense(8) >> BatchNorm() >> Relu >> Dense(4), Order = Orders.Curriculum("weight", 3) };
        var data = Data(151);
        Assert.StartsWith("quarters: 151 training examples in batches of 50 leave a batch of 1,", Assert.Throws<TorchletException>(
            () => Training.Epochs(recipe, data)).Message);
        _ = Training.Epochs(recipe with { Epochs = 2 }, data).Count();
    }

    [Fact]
    public void An_order_may_keep_the_tensor_that_it_returns()
    {
        using var scope = NewDisposeScope();
        var kept = arange(60);
        Assert.Equal(4, Training.Epochs(Usual with { Order = (random, _, _) => (kept, random) }, Data()).Count());
        Assert.Equal(59, kept[^1].item<long>());
    }

    /// <summary>An augmentation that returns two views of each example.</summary>
    [Fact]
    public void Counts_follow_an_augmentation_that_doubles_the_batch()
    {
        using var scope = NewDisposeScope();
        Batch Twice(Batch batch, TorchRandom random) => batch.Each(part => cat([part, part]));
        var (recipe, data, told) = (Usual with { Model = Dense(4), Augment = Twice, Reduction = Reduction.Mean }, Data(), new Told());
        var (twice, once) = (Training.Epochs(recipe, data, progress: told).ToList(), Training.Epochs(recipe with { Augment = null }, data).ToList());
        Assert.Equal(once.Select(e => e.TrainLoss), twice.Select(e => e.TrainLoss), (x, y) => Math.Abs(x - y) < 1e-4);
        Assert.All(told.All, p => Assert.Equal(170, p.Of));
        Assert.Equal([100, 200, 300, 340], Training.Steps(recipe with { Epochs = 1 }, data).Select(step => step.Examples));
    }

    [Fact]
    public void An_evaluation_counts_the_examples_that_a_preparation_makes()
    {
        using var scope = NewDisposeScope();
        var (data, objective) = (Data(), Objective.Classify());
        var model = Training.Begin(Usual, data).Model;
        var twice = objective with { Prepare = batch => objective.Prepare(batch).Each(part => cat([part, part])) };
        var (once, figures) = (Metrics.Evaluate(model, data.Test, objective, 30), Metrics.Evaluate(model, data.Test, twice, 30));
        Assert.Equal((once.Loss, once.Metrics[0].Value), (figures.Loss, figures.Metrics[0].Value), (x, y) =>
            Math.Abs(x.Loss - y.Loss) < 1e-5 && x.Value == y.Value);
    }

    [Fact]
    public void Options_name_the_order_and_schedules_count_its_steps()
    {
        using var scope = NewDisposeScope();
        var data = Data();
        var recipe = new TrainConfig { Order = "balanced", BatchSize = 8, Schedule = "cosine" }.Recipe(data);
        Assert.Equal(("balanced", 210L), (recipe.Text["order"], recipe.Steps(data)));
        Assert.Contains("210", recipe.Optimizer.Text);
        var numbers = data with { Train = data.Train with { Targets = zeros(170, 4) }, Test = data.Test with { Targets = zeros(100, 4) }, Classes = [] };
        Assert.Equal("--order balanced: Balanced: want labels as targets, [count] integers, got [170, 4] Float32.",
            Assert.Throws<TorchletException>(() => new TrainConfig { Order = "balanced" }.Recipe(numbers)).Message);
    }

    [Theory, InlineData("bootstrap", "bootstrap"), InlineData("shuffle", null)]
    public void A_run_records_its_order_and_resumes_to_the_bit(string name, string? recorded)
    {
        using var folder = new TemporaryFolder();
        var data = Tensors.SmallData(120, 60);
        var (usual, own) = (new TrainConfig { Order = name, BatchSize = 50, Hidden = [8] }, Path.Combine(folder.Path, "run"));
        Train(usual with { Epochs = 2, Out = own });
        Train(SavedRun.Find(own, "mine").Config(["--resume", own, "--epochs", "3"], new TrainConfig()));
        Train(usual with { Epochs = 3, Out = own + "-whole" });
        foreach (var file in new[] { "best.safetensors", "last.checkpoint" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(own + "-whole", file)), File.ReadAllBytes(Path.Combine(own, file)));
        var record = JsonDocument.Parse(File.ReadAllText(Path.Combine(own, "config.json"))).RootElement;
        Assert.Equal(recorded, record.GetProperty("recipe").TryGetProperty("order", out var order) ? order.GetString() : null);
        Assert.Equal(name, record.GetProperty("options").GetProperty("order").GetString());

        void Train(TrainConfig config)
        {
            using var run = NewRun.Create("mine", config, data, CPU, folder.Path, DateTime.UnixEpoch);
            _ = (Training.Epochs(run.Recipe!, run.Data!, run.Finished.State) | Tensors.Timed | CsvLog.To(run) | Checkpoint.KeepBest(run)
                | Checkpoint.KeepLast(run)).Count();
        }
    }

    [Fact]
    public void A_run_with_another_order_is_refused_on_resume()
    {
        using var folder = new TemporaryFolder();
        var (data, path) = (Data(), Path.Combine(folder.Path, "run"));
        Train(Usual with { Epochs = 1, Order = Orders.Curriculum("weight", 3) }, new() { Out = path });
        Assert.Contains("\"order\": \"Curriculum(weight, 3, 0.2)\"", File.ReadAllText(Path.Combine(path, "config.json")));
        Assert.Contains("whose order is Curriculum(weight, 3, 0.2) and not none", Assert.Throws<TorchletException>(
            () => Train(Usual, new() { Resume = path, Epochs = 4 })).Message);
        Train(Usual with { Order = Orders.Curriculum("weight", 3) }, new() { Resume = path, Epochs = 4 });
        var whole = Training.Epochs(Usual with { Order = Orders.Curriculum("weight", 3) }, data).Last();
        Assert.Equal(whole.State!.Parameters, TrainingCheckpoint.Parse(File.ReadAllBytes(Path.Combine(path, "last.checkpoint"))).Snapshot.Parameters);

        void Train(Recipe recipe, TrainConfig config)
        {
            config = config with { Epochs = recipe.Epochs, BatchSize = 50, Seed = 5 };
            using var run = NewRun.Create("mine", config, data, CPU, folder.Path, DateTime.UnixEpoch, recipe);
            _ = (Training.Epochs(run.Recipe!, run.Data!, run.Finished.State) | Tensors.Timed | CsvLog.To(run) | Checkpoint.KeepBest(run)
                | Checkpoint.KeepLast(run)).Count();
        }
    }

    sealed class Told : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> All { get; } = [];

        public void Report(TrainingProgress value) => All.Add(value);
    }
}
