using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Figures of a whole split, and the figure that chooses the best epoch.</summary>
public sealed class SplitMetricsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    // Labels 0 0 0 1 1 2, predictions 0 0 1 1 0 3: counted by hand, as scikit-learn counts.
    static (Tensor Scores, Tensor Labels) Predicted() =>
        (nn.functional.one_hot(tensor(new long[] { 0, 0, 1, 1, 0, 3 }), 5).to_type(ScalarType.Float32), tensor(new long[] { 0, 0, 0, 1, 1, 2 }));

    [Theory]
    [InlineData("macro_precision", (2.0 / 3 + 1.0 / 2 + 0 + 0) / 4)]
    [InlineData("macro_recall", (2.0 / 3 + 1.0 / 2 + 0 + 0) / 4)]
    [InlineData("macro_f1", (4.0 / 6 + 2.0 / 4 + 0 + 0) / 4)]
    public void Macro_figures_are_means_over_the_classes_that_occur(string name, double wanted)
    {
        using var scope = NewDisposeScope();
        var (scores, labels) = Predicted();
        Assert.Equal(wanted, Of(name)(scores, labels), 1e-12);
    }

    [Fact]
    public void R2_and_perplexity_are_their_formulas()
    {
        using var scope = NewDisposeScope();
        var (y, t) = (tensor(new[] { 1f, 2, 4 }).unsqueeze(1), tensor(new[] { 1f, 3, 5 }).unsqueeze(1));
        Assert.Equal(1 - 2.0 / 8, Metric.R2.Whole(y, t), 1e-6);
        Assert.Equal(4, Metric.Perplexity.Whole(zeros(3, 4), tensor(new long[] { 0, 1, 3 })), 1e-5);
    }

    [Fact]
    public void Top_k_counts_labels_among_the_k_largest_scores()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new[,] { { 3f, 2, 1 }, { 3, 2, 1 }, { 3, 2, 1 } });
        var labels = tensor(new long[] { 0, 1, 2 });
        Assert.Equal([true, true, false], Metric.TopK(2).Of!(scores, labels).data<bool>().ToArray());
        Assert.Equal([true, true, true], Metric.TopK(9).Of!(scores, labels).data<bool>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Metric.TopK(0));
    }

    [Fact]
    public void Batches_make_no_difference_to_the_figure_of_a_split()
    {
        using var scope = NewDisposeScope();
        var data = Tensors.SmallData(50, 60);
        var model = Dense(10).Fit(50).Init(TorchRandom.Seeded(1)).Model;
        var objective = Objective.Classify() with { Metrics = [Metric.Accuracy, Metric.MacroF1, Metric.Perplexity] };
        var (whole, parts) = (Metrics.Evaluate(model, data.Test, objective, 60), Metrics.Evaluate(model, data.Test, objective, 7));
        Assert.Equal(whole["macro_f1"], parts["macro_f1"]);
        Assert.Equal(Math.Exp(whole.Loss), parts["perplexity"], 1e-4);
        Assert.Equal(whole["accuracy"], parts["accuracy"]);
    }

    /// <summary>The losses rise while the figure rises too: the two choose different epochs.</summary>
    [Fact]
    public void The_judge_chooses_epoch_weights_and_patience()
    {
        var rows = Enumerable.Range(1, 6).Select(i => new Epoch(i, 1, new(i, ("macro_f1", i < 4 ? i / 10.0 : 0.1)))).ToList();
        Assert.Equal(1, Epoch.Best(rows)!.Index);
        var judged = rows.ConvertAll(row => row with { JudgedBy = new("macro_f1", true) });
        Assert.Equal(3, Epoch.Best(judged)!.Index);
        Assert.Equal(5, (judged | EarlyStop.After(2)).Count());
        Assert.Equal(3, (rows | EarlyStop.After(2)).Count());
        Assert.StartsWith("Best test macro_f1: 0.3000", ConsoleReport.Best(judged));
    }

    [Fact]
    public void A_run_keeps_the_weights_that_its_judge_chose_and_remembers_it()
    {
        var data = Tensors.SmallData(400, 100);
        var config = new TrainConfig { Epochs = 6, BatchSize = 64, Hidden = [9], LearningRate = 0.5, Judge = "accuracy", Out = Out };
        var best = Epoch.Best(Trained(config, data))!;
        Assert.Equal("accuracy (more is better)", new RunFolder(Out, "").Record().Trained["judge"]);
        var read = TrainingLog.Read(new(Out, ""))[0];
        Assert.Equal(best.Index, Epoch.Best(read)!.Index);
        Assert.Equal(read.Max(e => e.TestAccuracy), best.TestAccuracy);
        Assert.NotEqual(read.MinBy(e => e.TestLoss)!.Index, best.Index);
        Assert.Equal($"{best.Index}", Weights.Read(Path.Combine(Out, "best.safetensors")).Metadata["epoch"]);

        using var scope = NewDisposeScope();
        Assert.Contains("macro_f1", File.ReadLines(Log(config with { Judge = "macro_f1", Out = Out + "-f1" }, data)).First());
    }

    [Theory, InlineData("macro_f1", "numbers", "--judge macro_f1 goes with --target classes only"),
        InlineData("r2", "classes", "--judge r2 goes with --target numbers only")]
    public void A_judge_of_other_targets_is_refused(string judge, string target, string because) =>
        Assert.StartsWith(because, new TrainConfig { Judge = judge, Target = target }.Conflict);

    [Fact]
    public void A_judge_that_is_no_figure_or_has_no_direction_is_refused()
    {
        var objective = Objective.Classify() with { Metrics = [Metric.Accuracy, new("hit", (y, t) => y.argmax(1).eq(t))] };
        Assert.Contains("want loss, accuracy, hit, got 'f1'", Assert.Throws<ArgumentException>(() => (objective with { Judge = "f1" }).JudgedBy).Message);
        Assert.Contains("want a metric that says which is better, got hit",
            Assert.Throws<ArgumentException>(() => (objective with { Judge = "hit" }).JudgedBy).Message);
    }

    static Func<Tensor, Tensor, double> Of(string name) => Metric.All.First(metric => metric.Name == name).Whole;

    string Log(TrainConfig config, Dataset data)
    {
        _ = Trained(config, data);
        return Path.Combine(config.Out!, "log.csv");
    }

    static IReadOnlyList<Epoch> Trained(TrainConfig config, Dataset data)
    {
        var run = Tensors.Run(config, data);
        return run.Train();
    }
}
