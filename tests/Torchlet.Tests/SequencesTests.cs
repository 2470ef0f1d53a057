using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Labels at several positions of an example: losses, accuracy and training.</summary>
public class SequencesTests
{
    const int Words = 5;

    /// <summary>[T] ids ↦ [T, Words] scores: a table of scores, row by row.</summary>
    internal static Layer Table(int words = Words) => Custom("Table", m =>
    {
        var table = m.Weight("table", [words, words]);
        return ([.. m.Input, words], (pass, x) => pass[table].index_select(0, x.flatten()).view([.. x.shape, words]));
    });

    /// <summary>Each id is followed by the next one.</summary>
    static Dataset Following(int length, ScalarType type = ScalarType.Int64)
    {
        Split Of(int seed, int count)
        {
            var ids = Tensors.Labels(seed, count * length, Words).view(count, length);
            return new(ids.to_type(type), (ids + 1) % Words);
        }
        return Dataset.Of("following", Of(1, 60), Of(2, 20), "a", "b", "c", "d", "e");
    }

    public static TheoryData<string> Names => [.. LossVariant.All.Select(v => v.Name), "Smoothed", "Focal"];

    static Loss Named(string name) => name switch
    {
        "Smoothed" => Losses.Smoothed(0.1),
        "Focal" => Losses.Focal(2),
        _ => LossVariant.Named(name).Loss,
    };

    [Theory, MemberData(nameof(Names))]
    public void The_loss_of_a_sequence_is_the_mean_over_its_positions(string name)
    {
        using var scope = NewDisposeScope();
        var (z, y, loss) = (Tensors.Normal(1, 24, Words).view(4, 6, Words), Tensors.Labels(2, 24, Words).view(4, 6), Named(name));
        var wanted = stack([.. Enumerable.Range(0, 6).Select(t => loss(z[.., t], y[.., t]))]).mean([0L]);
        Tensors.AssertClose(wanted, loss(z, y), 1e-6);
        Tensors.AssertClose(wanted, loss(z.view(4, 2, 3, Words), y.view(4, 2, 3)), 1e-6);
        Assert.Equal("labels: want [4, 6], got [4].", Assert.Throws<ArgumentException>(() => loss(z, y[.., 0])).Message.Split(" (")[0]);
        Assert.StartsWith($"labels: want 0 to {Words - 1}, got 7", Assert.Throws<ArgumentException>(() => loss(z, full([4, 6], 7, ScalarType.Int64))).Message);
    }

    [Fact]
    public void Cross_entropy_of_sequences_is_libtorchs_and_so_is_its_gradient()
    {
        using var scope = NewDisposeScope();
        var (z, y) = (Tensors.Normal(1, 24, Words).view(4, 6, Words), Tensors.Labels(2, 24, Words).view(4, 6));
        Tensors.AssertClose(nn.functional.cross_entropy(z.transpose(1, 2), y), Losses.CrossEntropy(z, y).mean(), 1e-6);
        var leaf = z.detach().clone().requires_grad_();
        nn.functional.cross_entropy(leaf.transpose(1, 2), y).backward();
        var (sum, gradient) = Losses.DerivativeOf(Losses.CrossEntropy)!(z, y);
        Tensors.AssertClose(Losses.CrossEntropy(z, y).sum(), sum, 1e-5);
        Tensors.AssertClose(leaf.grad! * 4, gradient, 1e-6);
    }

    [Fact]
    public void The_accuracy_of_a_sequence_is_a_share_of_its_positions()
    {
        using var scope = NewDisposeScope();
        var z = nn.functional.one_hot(tensor(new long[,] { { 0, 1, 2 }, { 3, 4, 0 } }), Words).to_type(ScalarType.Float32);
        Tensors.AssertClose(tensor(new[] { 2f / 3, 0 }), Metric.Accuracy.Of!(z, tensor(new long[,] { { 0, 1, 1 }, { 0, 0, 1 } })), 1e-6);
        Assert.Equal(0.5, Metrics.LargestShare(tensor(new long[,] { { 0, 1 }, { 1, 2 } })));
    }

    [Theory, InlineData(Reduction.Sum), InlineData(Reduction.Mean)]
    public void A_model_with_a_pullback_and_one_without_learn_the_same(Reduction reduction)
    {
        using var scope = NewDisposeScope();
        Split Of(int seed, int count) => new(Tensors.Normal(seed, count * 4, 1).view(count, 4), Tensors.Labels(seed, count * 3, Words).view(count, 3));
        var data = Dataset.Of("scores", Of(1, 40), Of(2, 20), "a", "b", "c", "d", "e");
        double Last(bool byPullback)
        {
            // Dense gives all scores of an example, [15], here as [3, 5].
            var model = new Layer("Rows", input => Dense(15).Fit(input) is var dense ? dense with
            {
                Output = [3, Words],
                Forward = (p, state, x, pass) => dense.Forward(p, state, x, pass) is var result
                    ? result with { Y = result.Y.view(-1, 3, Words), Pullback = (dy, into) => result.Pullback!(dy.view(-1, 15), into) } : default,
                HasPullback = byPullback,
            } : null!);
            Assert.Equal(byPullback, model.Fit(4).HasPullback);
            return Training.Epochs(new(model, Objective.Classify(), Optimizers.Sgd(0.1)) { Epochs = 2, BatchSize = 10, Reduction = reduction }, data)
                .Last().TrainLoss;
        }
        Assert.Equal(Last(byPullback: false), Last(byPullback: true), 1e-6);
    }

    [Theory, InlineData(ScalarType.Int64), InlineData(ScalarType.Int32)]
    public void A_table_learns_which_id_follows(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var rows = Training.Epochs(new(Table(), Objective.Classify(), Optimizers.Adam(0.1)) { Epochs = 20, BatchSize = 10 }, Following(7, type)).ToList();
        Assert.Equal(1, rows[^1].TestAccuracy);
        Assert.InRange(rows[^1].TestLoss, 0, 0.2);
        Assert.InRange(rows[0].TrainLoss, 0.5, Math.Log(Words) + 1);
    }

    [Fact]
    public void A_model_of_one_score_an_example_is_refused_for_sequences()
    {
        using var scope = NewDisposeScope();
        var recipe = new Recipe(Dense(Words), Objective.Classify(), Optimizers.Adam(0.1));
        Assert.Equal("model: want [7, 5], a score for each class at each position, got [5] out of Dense(5).",
            Assert.Throws<ArgumentException>(() => recipe.Net(Following(7))).Message);
    }

    [Fact]
    public void One_hot_targets_are_still_refused()
    {
        var split = Split.Of(new float[,] { { 1 }, { 2 } }, new long[,] { { 1, 0 }, { 0, 1 } });
        Assert.Contains("call argmax(1) on one-hot ones", Assert.Throws<ArgumentException>(() => Dataset.Of("hot", split, split, "a", "b")).Message);
    }
}
