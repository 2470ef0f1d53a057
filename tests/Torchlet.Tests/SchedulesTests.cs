using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class SchedulesTests
{
    const int Total = 100;

    public static TheoryData<string> Names => ["step", "exponential", "cosine", "one-cycle"];

    [Theory, MemberData(nameof(Names))]
    public void It_is_libtorchs_schedule_step_by_step(string name)
    {
        using var scope = NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(zeros(1));
        using var sgd = optim.SGD([parameter], 0.1);
        var (ours, theirs) = name switch
        {
            "step" => (Schedules.Step(0.1, every: 30, factor: 0.7), optim.lr_scheduler.StepLR(sgd, 30, 0.7)),
            "exponential" => (Schedules.Exponential(0.1, 0.95), optim.lr_scheduler.ExponentialLR(sgd, 0.95)),
            "cosine" => (Schedules.Cosine(0.1, Total), optim.lr_scheduler.CosineAnnealingLR(sgd, Total)),
            _ => (Schedules.OneCycle(0.1, Total), optim.lr_scheduler.OneCycleLR(sgd, 0.1, Total)),
        };
        for (var t = 1; t < Total; t++)
        {
            Assert.Equal(sgd.ParamGroups.First().LearningRate, ours.At(t), 1e-9);
            theirs.step();
        }
    }

    [Fact]
    public void Warm_up_rises_in_a_line_into_any_schedule()
    {
        var schedule = Schedules.Warmup(4, Schedules.Step(0.8, every: 2, factor: 0.5));
        Assert.Equal([0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.4, 0.4, 0.2], Enumerable.Range(1, 9).Select(t => Math.Round(schedule.At(t), 9)));
        Assert.Equal("Warmup(4, Step(0.8, 2, 0.5))", schedule.Text);
    }

    [Theory, InlineData(3), InlineData(4)]
    public void A_training_that_ends_within_its_warm_up_rises_all_the_same(long total)
    {
        var schedule = Schedules.WarmupCosine(0.8, warmup: 4, total);
        Assert.Equal([0.2, 0.4, 0.6, 0.8], Enumerable.Range(1, 4).Select(t => Math.Round(schedule.At(t), 9)));
    }

    [Fact]
    public void A_number_is_a_schedule_and_a_function_is_recorded_as_own()
    {
        Assert.True(((Schedule)0.1).IsConstant);
        Assert.Equal("ScaleByLearningRate(own)", Transforms.ScaleByLearningRate(t => 1.0 / t).Text);
        Assert.Equal("Adam(Cosine(0.001, 50))", Optimizers.Adam(Schedules.Cosine(1e-3, 50)).Text);
    }
}
