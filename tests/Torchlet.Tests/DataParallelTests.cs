using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class DataParallelTests
{
    static readonly Recipe Dense = new(
        Flatten >> Dense(20) >> Sigmoid >> Dropout(0.3) >> Dense(4), Objective.Classify(), Optimizers.Adam(1e-3))
    {
        Epochs = 2, BatchSize = 50, Seed = 3,
    };

    [Theory]
    [InlineData(10, 3, new[] { 0, 3, 6, 10 })]
    [InlineData(2, 4, new[] { 0, 0, 1, 1, 2 })]
    [InlineData(8, 1, new[] { 0, 8 })]
    public void Shares_cover_a_batch(int batch, int count, int[] ends) => Assert.Equal(
        ends.Zip(ends.Skip(1)).Select(pair => pair.First..pair.Second),
        Enumerable.Range(0, count).Select(rank => new DataParallel(rank, count, x => x).Rows(batch)));

    /// <summary>152 examples in batches of 50 leave a last batch of two, which three shares and four do not each have a row of.</summary>
    [Theory]
    [InlineData(1, Reduction.Sum)]
    [InlineData(2, Reduction.Sum)]
    [InlineData(3, Reduction.Sum)]
    [InlineData(4, Reduction.Mean)]
    public void Several_learn_what_one_learns(int count, Reduction reduction)
    {
        var (recipe, data) = (Dense with { Reduction = reduction }, AnyModelTests.Pictures(train: 152));
        AssertSame(Training.Epochs(recipe, data), Together(count, recipe, data));
    }

    [Fact]
    public void What_is_done_to_a_batch_is_done_before_it_is_shared()
    {
        var recipe = Dense with { Augment = Augmentation.Shift(2) };
        var data = AnyModelTests.Pictures(train: 120);
        AssertSame(Training.Epochs(recipe, data), Together(3, recipe, data));
    }

    [Theory, MemberData(nameof(OrdersTests.Names), MemberType = typeof(OrdersTests))]
    public void Several_agree_on_the_order(string name)
    {
        using var scope = NewDisposeScope();
        var (recipe, data) = (Dense with { Order = OrdersTests.Of(name) }, OrdersTests.Data());
        AssertSame(Training.Epochs(recipe, data), Together(3, recipe, data));
    }

    /// <summary>The loss of each example is weighted by its side column.</summary>
    [Fact]
    public void Several_cut_side_columns_as_the_examples()
    {
        using var scope = NewDisposeScope();
        var (recipe, data) = (Dense with { Differentiate = SideColumnsTests.Weighted(Backpropagation.ValueAndGrad) }, OrdersTests.Data());
        AssertSame(Training.Epochs(recipe, data), Together(3, recipe, data, share => SideColumnsTests.Weighted(share.ValueAndGrad)));
    }

    /// <summary>By automatic differentiation: two halves that are the same have the statistics of the whole.</summary>
    [Fact]
    public void Running_statistics_are_the_mean_over_the_examples()
    {
        var recipe = new Recipe(
            Conv(3, 3) >> BatchNorm() >> Relu >> Flatten >> Dense(4), Objective.Classify(), Optimizers.Sgd(0.01));
        using var scope = NewDisposeScope();
        var model = Training.Begin(recipe, AnyModelTests.Pictures()).Model;
        var half = TorchRandom.Seeded(1).Normal([6, 1, 8, 8], 0, 1).Numbers;
        var batch = new Batch(cat([half, half]), arange(6).repeat(2) % 4);
        var whole = Backpropagation.ValueAndGrad(model, batch, Losses.CrossEntropy, Pass.Training(TorchRandom.Seeded(0)), Reduction.Mean);
        // The other half's vector is this one's.
        var shared = new DataParallel(1, 2, vector => vector * 2)
            .ValueAndGrad(model, batch, Objective.Classify().Minimised, Pass.Training(TorchRandom.Seeded(0)), Reduction.Mean);
        Tensors.AssertClose(whole.Gradient, shared.Gradient, 1e-5);
        Tensors.AssertClose(whole.LossSum, shared.LossSum, 1e-4);
        Assert.Equal(2, shared.State.Length);
        Tensors.AssertClose(whole.State[0], shared.State[0], 1e-5);
        Tensors.AssertClose(whole.State[1], shared.State[1], 1e-3); // Of n − 1, which is another one in a half.
    }

    static void AssertSame(IEnumerable<Epoch> one, IReadOnlyList<IReadOnlyList<Epoch>> several)
    {
        foreach (var (of, i) in one.Select((epoch, i) => (epoch, i)))
        {
            Assert.All(several, rows => Assert.Equal(of.TrainLoss, rows[i].TrainLoss, of.TrainLoss * 1e-5));
            Assert.All(several, rows => Assert.Equal(of.TestLoss, rows[i].TestLoss, of.TestLoss * 1e-5));
            Assert.All(several, rows => Assert.Equal(several[0][i].State!.Parameters, rows[i].State!.Parameters));
            Assert.All(several, rows => Assert.Equal(of.State!.Random, rows[i].State!.Random));
        }
    }

    static IReadOnlyList<IReadOnlyList<Epoch>> Together(int count, Recipe recipe, Dataset data, Func<DataParallel, Differentiate>? differentiate = null)
    {
        using var turn = new Barrier(count);
        var vectors = new Tensor[count];
        var rows = new IReadOnlyList<Epoch>[count];
        var shares = Enumerable.Range(0, count).Select(rank => new DataParallel(rank, count, vector => Sum(rank, vector)));
        var threads = shares.Select(share => new Thread(() =>
            rows[share.Rank] = [.. Training.Epochs(recipe with { Differentiate = differentiate?.Invoke(share) ?? share.ValueAndGrad }, data)])).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return rows;

        Tensor Sum(int rank, Tensor vector)
        {
            vectors[rank] = vector;
            Wait();
            var sum = stack(vectors).sum(dim: 0);
            Wait();
            return sum;
        }

        void Wait()
        {
            if (!turn.SignalAndWait(TimeSpan.FromSeconds(60))) throw new TimeoutException("A share has not come.");
        }
    }
}
