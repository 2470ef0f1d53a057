using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class ReductionTests
{
    static readonly CompareConfig Config = new() { Epochs = 2, BatchSize = 64, Hidden = [20], LearningRate = 1e-2, Seeds = [3, 4] };

    [Fact]
    public void Sum_over_count_is_the_mean_and_the_average_of_means_is_off_by_the_known_amount()
    {
        (double Sum, long Count)[] batches = [(30, 10), (50, 10), (2, 4)];
        var (exact, average) = (Reductions.SumOverCount(batches), Reductions.AverageOfMeans(batches));
        Assert.Equal(82.0 / 24, exact);
        Assert.Equal((3 + 5 + 0.5) / 3, average, 1e-15);
        Assert.Equal(batches.Sum(b => (1.0 / 3 - b.Count / 24.0) * b.Sum / b.Count), average - exact, 1e-15);
        Assert.Equal(Reductions.SumOverCount(batches[..2]), Reductions.AverageOfMeans(batches[..2]), 1e-15);
    }

    [Fact]
    public void Its_sums_are_the_train_loss_of_the_first_epoch()
    {
        var data = Tensors.SmallData();
        var steps = Reductions.Steps(Config, data).Where(s => s.Seed == 3).ToList();
        Assert.Equal(Enumerable.Range(1, 32), steps.Select(s => s.Step));
        Assert.Equal((64, 2000 % 64), (steps[0].Examples, steps[^1].Examples));
        Assert.Equal(Training.Epochs(Config.Described(data) with { Seed = 3 }, data).First().TrainLoss,
            Reductions.SumOverCount(steps.Select(s => (s.LossSum, s.Examples))), 1e-12);
    }

    [Fact]
    public void Sgds_step_grows_with_the_batch_and_Adams_does_not()
    {
        var steps = Reductions.Steps(Config, Tensors.SmallData()).ToList();
        Assert.All(steps, s => Assert.Equal(s.Examples, s.SgdRatio, 1e-2));
        Assert.All(steps.Where(s => s.Examples == 64), s => Assert.Equal(1, s.AdamRatio, 1e-2));
        Assert.All(steps.Where(s => s.Examples == 64), s => Assert.InRange(s.AdamDifference, 0, 1e-2));
        // A batch of another size is another factor, which Adam's memory of the others does not have.
        Assert.All(steps.Where(s => s.Examples != 64), s => Assert.InRange(s.AdamDifference, 2e-2, 0.5));
    }

    [Theory, InlineData(512), InlineData(1e-3)]
    public void Adam_forgets_a_constant_factor_but_for_epsilon(double factor)
    {
        using var scope = NewDisposeScope();
        var gradients = Enumerable.Range(0, 20).Select(i => Tensors.Normal(i, 100)).ToList();
        Tensors.AssertClose(Last(gradients, 0), Last([.. gradients.Select(g => g * factor)], 0), 1e-6);
        Assert.True((Last(gradients, 1) - Last([.. gradients.Select(g => g * factor)], 1)).abs().max().item<float>() > 1e-2);

        static Tensor Last(IReadOnlyList<Tensor> gradients, double epsilon)
        {
            var (adam, parameters) = (Optimizers.Adam(1, epsilon: epsilon), new ParameterVector(zeros_like(gradients[0]), []));
            return gradients.Aggregate((Update: gradients[0], State: OptimizerState.Of(adam, parameters)), (a, g) => adam.Step(g, parameters, a.State)).Update;
        }
    }
}
