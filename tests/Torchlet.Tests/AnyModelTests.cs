using TorchSharp;
using static Torchlet.Layers;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Training of models, optimizers and objectives of every kind.</summary>
public class AnyModelTests
{
    /// <summary>Pictures of 1 × 8 × 8 random bytes whose class is the brightest of four quarters.</summary>
    internal static Dataset Pictures(int train = 400, int test = 100)
    {
        Split Split(int seed, int count)
        {
            var x = randint(0, 256, [count, 1, 8, 8], ScalarType.Byte, generator: new Generator((ulong)seed, CPU));
            var quarters = nn.functional.avg_pool2d(x.to_type(ScalarType.Float32), [4, 4]).flatten(1);
            return new(x, quarters.argmax(1));
        }
        return Dataset.Of("quarters", Split(1, train), Split(2, test), "a", "b", "c", "d");
    }

    static Dataset Curve()
    {
        var x = linspace(-3, 3, 200).unsqueeze(1);
        return Dataset.Of("sine", new(x, x.sin().squeeze(1)), new(x, x.sin().squeeze(1)));
    }

    static Recipe Of(Layer model, Transform? optimizer = null) =>
        new(model, Objective.Classify(), optimizer ?? Optimizers.Adam(1e-2)) { Epochs = 4, BatchSize = 64, Reduction = Reduction.Mean };

    static readonly Dictionary<string, (Func<Recipe> Recipe, Func<Dataset> Data)> Kinds = new()
    {
        ["perceptron"] = (() => Of(Dense(16) >> Sigmoid >> Dense(4)), () => Pictures()),
        ["conv net with batch norm and dropout"] =
            (() => Of(Conv(6, 3, padding: 1) >> BatchNorm() >> Relu >> MaxPool(2) >> Dropout(0.3) >> Flatten >> Dense(4)), () => Pictures()),
        ["residual with layer norm"] = (() => Of(Dense(16) >> Residual(LayerNorm() >> Dense(16) >> Gelu) >> Dense(4)), () => Pictures()),
        ["dropout, by pullbacks"] = (() => Of(Dense(16) >> Dropout(0.2) >> Relu >> Dense(4)), () => Pictures()),
        ["a custom function"] = (() => Of(Dense(16) >> (x => x * x.sigmoid()) >> Dense(4)), () => Pictures()),
        ["adamw with a schedule, clipped and averaged"] = (() => Of(Dense(16) >> Relu >> Dense(4),
            Chain(ClipByGlobalNorm(1), Optimizers.AdamW(Schedules.WarmupCosine(1e-2, 5, 28)), AverageParameters(0.9))), () => Pictures()),
        ["lookahead over accumulated momentum"] =
            (() => Of(Dense(16) >> Relu >> Dense(4), Lookahead(Accumulate(2, Optimizers.WithMomentum(0.1)))), () => Pictures()),
        ["validation held out"] = (() => Of(Dense(16) >> Relu >> Dense(4)), () => Pictures().Hold(0.2, seed: 3)),
        ["augmented"] = (() => Of(Dense(16) >> Relu >> Dense(4)) with { Augment = Noise }, () => Pictures()),
        ["lstm"] = (() => Of(Reshape(8, 8) >> Recurrent(Lstm(16)) >> Dense(4), Chain(ClipByGlobalNorm(1), Optimizers.Adam(1e-2))), () => Pictures()),
        ["vit"] = (() => Of(Reshape(2, 4, 2, 4) >> Permute(0, 2, 1, 3) >> Reshape(4, 16) >> Each(Dense(8)) >> Positional()
            >> Residual(Each(LayerNorm()) >> Attention(2) >> Dropout(0.1)) >> Residual(Each(LayerNorm() >> Dense(8) >> Gelu)) >> Mean(0) >> Dense(4)),
            () => Pictures()),
        ["branches"] = (() => Of(FanOut(Dense(8) >> BatchNorm(), Flatten >> Reshape(8, 8) >> Recurrent(Gru(4), bidirectional: true)) >> Reshape(2, 8)
            >> Parallel(Dense(8), Repeat(2, Dense(8) >> Tanh >> BatchNorm())) >> Dense(4)), () => Pictures()),
        ["regression"] = (() => new(Dense(20) >> Tanh >> Dense(1), Objective.Regress(), Optimizers.Adam(1e-2)) { Epochs = 4, BatchSize = 50 }, Curve),
        ["autoencoder"] =
            (() => new(Dense(10) >> Relu >> Dense(64) >> Sigmoid, Objective.Reconstruct, Optimizers.Adam(1e-3)) { Epochs = 4, BatchSize = 64 },
            () => Pictures()),
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    static Batch Noise(Batch batch, TorchRandom random) =>
        batch with { Inputs = (Batches.Floats(batch.Inputs) + random.Normal(batch.Inputs.shape, 0, 0.05).Numbers).clamp(0, 1) };

    [Theory, MemberData(nameof(Names))]
    public void It_learns_repeats_itself_and_goes_on_from_any_epoch_to_the_bit(string kind)
    {
        var ((make, data), before) = ((Kinds[kind].Recipe, Kinds[kind].Data()), 0L);
        before = Tensors.Live;
        var whole = Training.Epochs(make(), data).ToList();
        Assert.True(whole[^1].TrainLoss < whole[0].TrainLoss, $"{whole[0]} {whole[^1]}");
        Assert.Equal(whole.Select(e => e.Figures()), Training.Epochs(make(), data).Select(e => e.Figures()));

        var read = TrainingCheckpoint.Parse(TrainingCheckpoint.Bytes(whole[1].State!, [])).Snapshot;
        var rest = Training.Epochs(make(), data, from: read).ToList();
        Assert.Equal(whole[2..].Select(e => e.Figures()), rest.Select(e => e.Figures()));
        AssertSame(whole[^1].State!, rest[^1].State!);
        Assert.Equal(before, Tensors.Live);
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_weights_come_back_from_a_file_as_the_model_that_they_are_of(string kind)
    {
        using var folder = new TemporaryFolder();
        var (recipe, data, run) = (Kinds[kind].Recipe() with { Epochs = 2 }, Kinds[kind].Data(), new RunFolder(folder.Path, "test"));
        run = run with { Data = data, Recipe = recipe };
        var best = (Training.Epochs(recipe, data) | Tensors.Timed | CsvLog.To(run) | Checkpoint.KeepBest(run)).MinBy(e => e.JudgedLoss)!;
        var file = run.PathOf("best.safetensors");
        if (recipe.Model.Text.Contains("own("))
            Assert.Contains("a custom layer is only in the script that trained it",
                Assert.Throws<TorchletException>(() => Weights.Load(file)).Message);
        using var scope = NewDisposeScope();
        var saved = Weights.Load(file, recipe.Model, [.. data.Train.InputShape]);
        var test = recipe.Objective.Prepare(Batches.Cut(data.Test, ..));
        var want = best.State!.Kept().Model(recipe.Net(data)).Apply(test.Inputs);
        Tensors.AssertClose(want, saved.ToModel().Apply(test.Inputs), 0);
        if (recipe.Model.Text.Contains("own(")) return;
        var described = Weights.Load(file);
        Assert.Equal(recipe.Model.Text, described.Layer.Text);
        Tensors.AssertClose(want, described.ToModel().Apply(test.Inputs), 0);
    }

    [Fact]
    public void A_conv_net_with_state_and_chance_keeps_as_many_tensors_in_each_epoch()
    {
        var recipe = Kinds["conv net with batch norm and dropout"].Recipe() with { Epochs = 5 };
        var live = Training.Epochs(recipe, Pictures()).Select(_ => Tensors.Live).ToList();
        Assert.All(live, n => Assert.Equal(live[0], n));
    }

    [Fact]
    public void A_dropout_net_trains_as_libtorchs_modules_after_the_same_seed()
    {
        using var scope = NewDisposeScope();
        var data = Pictures();
        var recipe = Of(Dense(16) >> Relu >> Dropout(0.5) >> Dense(4), Optimizers.Sgd(0.1)) with { Epochs = 2, Seed = 5 };
        var ours = Training.Steps(recipe, data).Select(s => s.LossSum / s.Count).ToList();

        random.manual_seed(5);
        var net = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4));
        var sgd = optim.SGD(net.parameters(), 0.1);
        var theirs = new List<double>();
        for (var epoch = 0; epoch < 2; epoch++)
        {
            var order = DataLoaderDraws.Shuffled(data.Train.Count);
            foreach (var range in Batches.Ranges(data.Train.Count, 64))
            {
                var batch = Batches.Cut(data.Train, order, range);
                var loss = nn.functional.cross_entropy(net.call(Batches.Floats(batch.Inputs).flatten(1)), batch.Targets);
                sgd.zero_grad();
                loss.backward();
                sgd.step();
                theirs.Add(loss.item<float>());
            }
            DataLoaderDraws.InOrder();
        }
        foreach (var (want, got) in theirs.Zip(ours, (a, b) => (a, b))) Assert.Equal(want, got, 1e-5);
    }

    [Fact]
    public void What_is_reported_is_what_the_objective_names()
    {
        var sine = Training.Epochs(Kinds["regression"].Recipe(), Curve()).Last();
        Assert.Equal(["mae"], sine.Test.Metrics.Select(m => m.Name));
        Assert.True(double.IsNaN(sine.TestAccuracy));
        Assert.Empty(Training.Epochs(Kinds["autoencoder"].Recipe(), Pictures()).First().Test.Metrics);
        var judged = Training.Epochs(Kinds["validation held out"].Recipe(), Pictures().Hold(80)).Last();
        Assert.Equal(judged.Validation!.Loss, judged.JudgedLoss);
        var averaged = Training.Epochs(Kinds["adamw with a schedule, clipped and averaged"].Recipe(), Pictures()).First();
        Assert.NotEqual(averaged.Test.Loss, averaged.Averaged!.Loss);
        Assert.Equal(Schedules.WarmupCosine(1e-2, 5, 28).At(7), averaged.LearningRate);
        Assert.Null(sine.LearningRate);
    }

    [Fact]
    public void Floats_of_ones_own_are_left_as_they_are()
    {
        var x = Tensors.Normal(1, 300, 5);
        var (before, positive) = (x.clone(), x[TensorIndex.Colon, 0] > 0);
        var data = Dataset.Of("floats", new(x, positive.to_type(ScalarType.Int32)), new(x, positive.to_type(ScalarType.Byte)), "no", "yes");
        var epochs = Training.Epochs(Of(Dense(8) >> Relu >> Dense(2)) with { Epochs = 20 }, data).ToList();
        Tensors.AssertClose(before, x, 0);
        Assert.True(epochs[^1].TestAccuracy > 0.95, $"{epochs[^1]}");
    }

    [Fact]
    public void What_does_not_fit_together_is_said_before_anything_is_trained()
    {
        var data = Pictures(20, 10);
        string Message(Recipe recipe, Dataset? with = null) => Assert.Throws<ArgumentException>(() => { Training.Epochs(recipe, with ?? data); }).Message;
        Assert.Contains("BatchSize: want 1 or more, got 0", Message(Of(Dense(4)) with { BatchSize = 0 }));
        Assert.Contains("Epochs: want 1 or more, got 0", Message(Of(Dense(4)) with { Epochs = 0 }));
        Assert.Contains("model: want [4], a score for each class, got [5]", Message(Of(Dense(5))));
        Assert.Contains("want training examples, got none", Message(Of(Dense(4)), data with { Train = data.Train[..0] }));
        Assert.Contains("layer 1, Conv(2, 3): want [channels, height, width], got [4]", Message(Of(Dense(4) >> Conv(2, 3))));
    }

    [Theory]
    [InlineData("mean", "loss: want one number an example, [64], got []")]
    [InlineData("square", "loss: want one number an example, [64], got [64, 4]")]
    public void A_loss_that_reduces_by_itself_is_told_so(string kind, string message)
    {
        Tensor Wrong(Tensor z, Tensor y) => kind == "mean" ? Losses.CrossEntropy(z, y).mean() : z.square();
        foreach (var model in new[] { Dense(4), Dense(4) >> (x => x * 1) })
            Assert.Contains(message,
                Assert.Throws<ArgumentException>(() => Training.Epochs(Of(model) with { Objective = Objective.Classify(Wrong) }, Pictures()).Count()).Message);
    }

    [Fact]
    public void Patience_ends_a_training_that_gets_no_better()
    {
        double[] losses = [3, 2, 2.5, 1, 1.5, 1.2, 1.1, 0.5];
        var taken = new List<int>();
        var rows = losses.Select((loss, i) => new Epoch(i + 1, 0, new(loss))) | Pipe.Tap<Epoch>(e => taken.Add(e.Index)) | EarlyStop.After(3);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], rows.Select(e => e.Index));
        Assert.Equal(7, taken.Count);
    }

    [Theory, InlineData(2, 3), InlineData(3, 7), InlineData(4, 8), InlineData(null, 8)]
    public void Patience_ends_a_training_that_goes_on_where_it_would_have_ended_without_the_break(int? patience, int last)
    {
        double[] losses = [3, 4, 3.5, 1, 1.5, 1.2, 1.1, 0.5];
        Epoch[] rows = [.. losses.Select((loss, i) => new Epoch(i + 1, 0, new(9)) { Validation = new(loss) })];
        foreach (var done in Enumerable.Range(0, last + 1))
            Assert.Equal(last, rows[..done].Concat(rows[done..] | EarlyStop.After(patience, rows[..done])).Last().Index);
        Assert.Equal(patience is not null && last < 8, patience is { } p && EarlyStop.IsOver(rows[..last], p));
    }

    [Fact]
    public void Gradients_by_layer_are_those_of_the_first_batch_and_change_nothing_of_the_training()
    {
        var (recipe, data) = (Kinds["conv net with batch norm and dropout"].Recipe() with { Epochs = 3 }, Pictures());
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path, "test") { Data = data, Recipe = recipe };
        var whole = Training.Epochs(recipe, data).ToList();
        var watched = (Training.Epochs(recipe, data) | CsvLog.LayerGradients(run)).ToList();
        Assert.Equal(whole.Select(e => e.Figures()), watched.Select(e => e.Figures()));
        AssertSame(whole[^1].State!, watched[^1].State!);
        var norms = LayerGradient.Of(whole[0].State!, data);
        Assert.Equal(recipe.Net(data).Parameters.Select(slot => slot.Name), norms.Select(g => g.Parameter));
        var log = File.ReadAllLines(run.PathOf("layer_gradients.csv"));
        Assert.Equal((4, $"epoch,{string.Join(',', norms.Select(g => g.Parameter))}"), (log.Length, log[0]));
        Assert.Equal($"1,{string.Join(',', norms.Select(g => g.Norm))}", log[1]);

        var resumed = run with { Finished = new([.. whole[..1].Select(e => e.Figures())], whole[0].State) };
        _ = (Training.Epochs(recipe, data, whole[0].State) | CsvLog.LayerGradients(resumed)).Count();
        Assert.Equal(log, File.ReadAllLines(run.PathOf("layer_gradients.csv")));
    }

    [Fact]
    public void A_linear_models_gradient_has_the_norm_of_the_formula()
    {
        var (x, y) = (Tensors.Normal(1, 20, 3), Tensors.Normal(2, 20));
        var data = Dataset.Of("line", new(x, y), new(x, y));
        var recipe = new Recipe(Dense(1), Objective.Regress(), Optimizers.Sgd(1e-3)) { Epochs = 1, BatchSize = 8, Reduction = Reduction.Sum };
        var state = Training.Epochs(recipe, data).Single().State!;
        var model = state.Model(recipe.Net(data));
        var residual = model.Apply(x[..8]).squeeze(1) - y[..8];
        var norms = LayerGradient.Of(state, data);
        Assert.Equal((2 * residual.unsqueeze(0).mm(x[..8])).norm().item<float>(), norms[0].Norm, 1e-4);
        Assert.Equal((2 * residual).sum().abs().item<float>(), norms[1].Norm, 1e-4);
    }

    [Fact]
    public void Reconstructions_are_of_the_best_network_and_are_drawn_below_their_examples()
    {
        using var folder = new TemporaryFolder();
        var (recipe, data) = (Kinds["autoencoder"].Recipe(), Pictures());
        var run = new RunFolder(folder.Path, "test") { Data = data, Recipe = recipe };
        var best = (Training.Epochs(recipe, data) | CsvLog.Reconstructions(run, 3)).MinBy(e => e.JudgedLoss)!;
        using var scope = NewDisposeScope();
        var want = Reconstruction.Of(best.State!.Model(recipe.Net(data)), data.Test, recipe.Objective, 3);
        var error = want.Select(r => r.Wanted.Zip(r.Made, (a, b) => (a - b) * (a - b)).Average()).Average();
        Assert.Equal(Metrics.Evaluate(best.State.Model(recipe.Net(data)), data.Test[..3], recipe.Objective, 3).Loss, error, 1e-6);
        var plot = InferencePlots.Reconstructions(run, "a net").Plot;
        var tiles = plot.GetPlottables<ScottPlot.Plottables.Heatmap>().Select(h => h.Intensities.Cast<double>().Select(p => (float)p)).ToList();
        Assert.Equal([.. want.Select(r => r.Wanted), .. want.Select(r => r.Made)], tiles);
        Assert.Throws<ArgumentException>(() => Reconstruction.Of(best.State.Model(recipe.Net(data)), data.Test, Objective.Classify(), 3));
    }

    static void AssertSame(Snapshot want, Snapshot got)
    {
        Assert.Equal((want.Epoch, want.Step, want.Random), (got.Epoch, got.Step, got.Random));
        Assert.Equal(want.Parameters.AsSpan(), got.Parameters.AsSpan());
        foreach (var (a, b) in want.Layers.Concat(want.Moments).Zip(got.Layers.Concat(got.Moments)))
        {
            Assert.Equal(a.Shape.AsSpan(), b.Shape.AsSpan());
            Assert.Equal(a.Numbers.AsSpan(), b.Numbers.AsSpan());
        }
    }
}
