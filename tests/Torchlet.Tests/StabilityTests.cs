namespace Torchlet.Tests;

public class StabilityTests
{
    static IReadOnlyList<StabilityRow> Rows(string loss) => [.. Stability.Rows([loss], seed: 0)];

    [Theory, InlineData("cross_entropy"), InlineData("nll")]
    public void The_right_pairings_stay_finite_and_err_by_rounding(string loss) => Assert.All(Rows(loss), row =>
    {
        Assert.True(row.IsFinite && row.NonfiniteGradients == 0, $"{row}");
        Assert.InRange(row.Error, 0, 1e-6 * row.Scale);
    });

    [Theory, InlineData("log_of_softmax", true, false), InlineData("naive", true, true)]
    public void Softmax_and_log_in_two_steps_do_not(string loss, bool isInfinite, bool isNaN)
    {
        // exp overflows above 88.7 and underflows below −104; the logits of one row differ by up to twice the scale.
        Assert.Equal(Stability.Scales.Where(s => s >= 100), Rows(loss).Where(r => !r.IsFinite).Select(r => r.Scale));
        var last = Rows(loss)[^1];
        Assert.Equal((isInfinite, isNaN), (last.Infinite > 0, last.NotANumber > 0));
        Assert.True(last.NonfiniteGradients > 0);
    }

    [Fact]
    public void The_mistakes_are_finite_and_wrong_by_much_more() =>
        Assert.All(Stability.Rows(["double_softmax", "nll_on_logits", "nll_on_probs"], 0), row =>
            Assert.True(row.IsFinite && row.Error > 0.5 * row.Scale, $"{row}"));

    [Fact]
    public void Scales_go_from_1_to_1e5_through_every_power_of_ten()
    {
        Assert.Equal((1, 1e5), (Stability.Scales[0], Stability.Scales[^1]));
        Assert.Subset(Stability.Scales.ToHashSet(), new HashSet<double> { 1, 10, 100, 1000, 1e4, 1e5 });
    }
}
