using static TorchSharp.torch;

namespace Torchlet.Tests;

public class ComparisonTests
{
    static readonly CompareConfig Config = new() { Epochs = 2, BatchSize = 64, Hidden = [20], LearningRate = 1e-2, Seeds = [3, 4] };

    static readonly IReadOnlyList<LossEpoch> Rows = [.. Comparison.Epochs(Config, Tensors.SmallData(), epochs => epochs)];

    [Fact]
    public void Every_loss_is_trained_from_every_seed() => Assert.Equal(
        from seed in new long[] { 3, 4 } from variant in LossVariant.All from epoch in new[] { 1, 2 } select (variant.Name, seed, epoch),
        Rows.Select(r => (r.Loss, r.Seed, r.Epoch.Index)));

    [Fact]
    public void Its_test_loss_is_cross_entropy_whatever_was_trained() => Assert.All(Rows, row =>
    {
        using var scope = NewDisposeScope();
        var data = Tensors.SmallData();
        var test = Objective.Classify().Prepare(Batches.Cut(data.Test, ..));
        var probabilities = nn.functional.softmax(ModelOf(row, data).Apply(test.Inputs), 1);
        Assert.Equal(-probabilities.log().gather(1, test.Targets.unsqueeze(1)).mean().item<float>(), row.Epoch.TestLoss, 1e-4);
    });

    [Fact]
    public void Its_train_loss_is_what_was_minimised()
    {
        double TrainLoss(string loss) => Rows.Last(r => r.Loss == loss).Epoch.TrainLoss;
        Assert.True(TrainLoss("nll_on_logits") < 0);
        Assert.InRange(TrainLoss("nll_on_probs"), -1, 0);
        Assert.InRange(TrainLoss("mse"), 0, 0.2);
        Assert.InRange(TrainLoss("double_softmax"), Math.Log(1 + 9 / Math.E), Math.Log(10));
    }

    [Fact]
    public void A_loss_that_turns_to_NaN_is_trained_to_the_end_and_its_rows_say_so()
    {
        var config = Config with { Losses = ["naive", "nll"], LearningRate = 1e3, Seeds = [3] };
        var rows = Comparison.Epochs(config, Tensors.SmallData(), epochs => epochs).ToList();
        Assert.Equal([1, 2, 1, 2], rows.Select(r => r.Epoch.Index));
        Assert.All(rows, r => Assert.Equal(r.Loss == "nll", double.IsFinite(r.Epoch.TrainLoss)));
    }

    [Fact]
    public void It_complains_of_each_mistake_once()
    {
        Assert.Equal(["double_softmax", "nll_on_logits", "nll_on_probs"], Comparison.Complaints(Config, Tensors.SmallData()).Select(c => c.Split(':')[0]));
        Assert.Empty(Comparison.Complaints(Config with { Losses = ["nll", "mse"] }, Tensors.SmallData()));
    }

    [Fact]
    public void Gradient_norms_begin_before_the_training_and_are_the_length_of_softmax_less_one_hot()
    {
        var data = Tensors.SmallData();
        var measured = (Rows | GradientNorms.Beside(Config, data)).ToList();
        Assert.Equal(Rows.Select(r => r with { Epoch = r.Epoch.Figures() }), measured.Select(m => m.Epoch));
        var norms = measured.SelectMany(m => m.Norms).ToList();
        Assert.Equal(from r in Rows from epoch in r.Epoch.Index == 1 ? new[] { 0, 1 } : [r.Epoch.Index] select (r.Loss, r.Seed, epoch),
            norms.Select(n => (n.Loss, n.Seed, n.Epoch)));
        Assert.All(norms.Where(n => n.Loss == "nll_on_logits"), n =>
            Assert.Equal((1, 1, 1), (Math.Round(n.Norm, 5), Math.Round(n.OfRight, 5), Math.Round(n.OfWrong, 5))));

        using var scope = NewDisposeScope();
        var test = Objective.Classify().Prepare(Batches.Cut(data.Test, ..));
        var last = Rows.Last(r => r.Loss == "nll");
        var logits = ModelOf(last, data).Apply(test.Inputs);
        var lengths = (nn.functional.softmax(logits, 1) - nn.functional.one_hot(test.Targets, 10)).norm(1);
        var isRight = logits.argmax(1).eq(test.Targets);
        var row = norms.Last(n => n.Loss == "nll");
        Assert.Equal(lengths.mean().item<float>(), row.Norm, 1e-5);
        Assert.Equal(lengths[isRight].mean().item<float>(), row.OfRight, 1e-5);
        Assert.Equal(lengths[isRight.logical_not()].mean().item<float>(), row.OfWrong, 1e-5);
    }

    [Fact]
    public void Its_progress_counts_trainings_and_the_time_that_is_left()
    {
        var progress = Rows.Take(3).Select(r => r with { Epoch = r.Epoch with { Elapsed = TimeSpan.FromSeconds(10) } })
            .Aggregate(new ComparisonProgress(Config), (p, row) => p.After(row));
        Assert.Equal(TimeSpan.FromSeconds(290), progress.Left); // 16 trainings of 2 epochs, 3 of the 32 done.
        Assert.Matches(@"^nll, seed 3: epoch 1 of 2, test loss [\d.]+, test acc [\d.]+%, 2 of 16, about 4m 50s left$", progress.Line);
        Assert.StartsWith("nll, seed 3: 1 epoch, ", (progress with { Config = Config with { Epochs = 1 } }).Line);
        Assert.Matches(@"^mse, seed 4: 2 epochs, .*%, 16 of 16$", Rows.Aggregate(new ComparisonProgress(Config), (p, row) => p.After(row)).Line);
    }

    static Model ModelOf(LossEpoch row, Dataset data) => row.Epoch.State!.Model(Comparison.Recipe(Config, data, row.Loss, row.Seed).Net(data));
}
