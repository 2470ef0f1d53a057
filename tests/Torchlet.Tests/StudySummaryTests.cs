namespace Torchlet.Tests;

public class StudySummaryTests
{
    /// <summary>Made-up numbers that support every claim, from two seeds.</summary>
    static StudyMeasurements Measured()
    {
        var config = new CompareConfig { Epochs = 2, Seeds = [0, 1] };
        var trainings = from seed in config.Seeds from loss in config.Losses from epoch in new[] { 1, 2 } select (loss, seed, epoch);
        return new("3-2-1 on made-up data", config,
            [.. trainings.Select(t => new LossEpoch(
                t.loss, t.seed, new(t.epoch, t.loss == "nll_on_logits" ? -5 : 1, Test(TestLoss(t.loss), Accuracy(t.loss) + 0.002 * t.seed))))],
            [.. from seed in config.Seeds
                from precision in new[] { "float32", "float64" }
                let single = precision == "float32"
                select new LossDifference(seed, 1, precision, single ? 2.5e-7 : 3.5e-16, single ? 4.5e-8 : 5.5e-17)],
            [.. from loss in config.Losses
                from scale in new[] { 1.0, 100 }
                select new StabilityRow(loss, scale, 10, loss == "naive" && scale == 100 ? 3 : 0, 0, 0, 1e-7 * scale)],
            [.. trainings.Select(t => new GradientNorm(t.loss, t.seed, t.epoch - 1, Norm(t.loss), 0.5, t.loss == "cross_entropy" ? 0.75 : 0.25))],
            [new(0, 1, 10, 20, 10, 1, 0.01), new(0, 2, 10, 20, 10, 1, 0.01), new(0, 3, 5, 5, 10, 1, 0.01)]);

        static double TestLoss(string loss) => loss switch { "double_softmax" => 2, "nll_on_logits" => 3, "nll_on_probs" => 4, "mse" => 1.5, _ => 1 };
        static double Accuracy(string loss) => loss switch { "double_softmax" => 0.4, "nll_on_logits" => 0.1, "nll_on_probs" => 0.3, "mse" => 0.8, _ => 0.9 };
        static double Norm(string loss) => loss switch { "double_softmax" => 0.1, "mse" => 0.025, _ => 1 };
    }

    static Evaluation Test(double loss, double accuracy) => new(loss, ("accuracy", accuracy));

    static StudyMeasurements Trained(string loss, Func<Epoch, Epoch> change) =>
        Measured() with { Epochs = [.. Measured().Epochs.Select(e => e.Loss == loss ? e with { Epoch = change(e.Epoch) } : e)] };

    /// <summary>A change of the numbers; what they support before it, and what they support after it; in English, and in Korean.</summary>
    public static TheoryData<string, string?, string, string?, string> Claims => new(
        ("differ in float64", "they are one function", "**not** one function", "둘은 같은 함수이다", "같은 함수가 **아니다**"),
        ("are NaN", "That is rounding.", "more than rounding", "반올림 오차일 뿐이다", "반올림 오차로 설명되지 않는다"),
        ("end elsewhere", "test losses of `nll`, `log_of_softmax`, `naive` lie within", "`nll` ends 0.5 nats away",
            "`nll`, `log_of_softmax`, `naive`의 테스트 손실은", "`nll`의 테스트 손실은 `cross_entropy`와 0.5 nat 차이가 난다"),
        ("all survive", "`naive` turns to ∞ at logits of ±100", "The values of `cross_entropy`, `nll` stay finite",
            "`naive`는 logits가 ±100일 때 ∞", "`cross_entropy`, `nll`의 값은 ±100까지 유한하고"),
        ("mistake does no harm", "`double_softmax` gives probabilities to `cross_entropy`, runs without an error and learns badly: 40.1% and 2.00 nats",
            "cost no accuracy: 89.5%",
            "정확도 40.1%, 손실 2.00 nat", "정확도 손해가 없었다: 89.5%"),
        ("has a large gradient", "starts 10 times smaller", "## The answer", "`cross_entropy`의 1/10이고", "## 결론"),
        ("pulls at mistakes", "favours what is right already", "starts 10 times smaller than that of `cross_entropy`.",
            "이미 맞힌 예제에 치우친다", "처음부터 `cross_entropy`의 1/10이다."),
        ("mse learns nothing", "Its size alone is not the reason: `mse` starts with a gradient 40 times smaller", "is behind `cross_entropy`",
            "작다는 것만으로는 설명되지 않는다", "에 뒤진다"),
        ("mse is best", "is behind `cross_entropy`", "is ahead of `cross_entropy`", "에 뒤진다", "보다 앞선다"),
        ("is positive", "gives it away", "`nll_on_logits` gives logits", "음수(-5.0)라는 점", "`nll_loss`에 logits를 넣는다"),
        ("batches of one size", "1.80000, exactly the mean", "All batches hold 10 examples", "1.80000이고, 예제에 대한 평균", "모든 배치의 크기가 10"),
        ("Adam feels it", "hardly touches Adam's", "Adam's 3.000 times, 50.0% different", "거의 그대로이다", "3.000배 길어지고"),
        ("breaks", null, "The loss of `mse` is NaN or infinite: seed 0 from epoch 2 on, seed 1 from epoch 2 on.", null, "시드 0에서 에폭 2부터"));

    static StudyMeasurements Changed(string change) => change switch
    {
        "differ in float64" => Measured() with { Equivalence = [.. Measured().Equivalence.Select(e => e with { Loss = 2.5e-7 })] },
        "are NaN" => Measured() with { Equivalence = [.. Measured().Equivalence.Select(e => e with { Gradient = double.NaN })] },
        "end elsewhere" => Trained("nll", e => e with { Test = e.Test with { Loss = 1.5 } }),
        "all survive" => Measured() with { Stability = [.. Measured().Stability.Select(s => s with { Infinite = 0 })] },
        "mistake does no harm" => Trained("double_softmax", e => e with { Test = Test(e.TestLoss, 0.895) }),
        "has a large gradient" => Measured() with { Gradients = [.. Measured().Gradients.Select(g => g with { Norm = 1 })] },
        "pulls at mistakes" => Measured() with { Gradients = [.. Measured().Gradients.Select(g => g with { OfWrong = 0.75 })] },
        "mse learns nothing" => Trained("mse", e => e with { Test = Test(e.TestLoss, 0.1) }),
        "mse is best" => Trained("mse", e => e with { Test = Test(e.TestLoss, 0.95) }),
        "is positive" => Trained("nll_on_logits", e => e with { TrainLoss = 1 }),
        "batches of one size" => Measured() with { Reduction = [.. Measured().Reduction.Take(2)] },
        "Adam feels it" => Measured() with { Reduction = [.. Measured().Reduction.Select(r => r with { AdamRatio = 3, AdamDifference = 0.5 })] },
        "breaks" => Trained("mse", e => e.Index == 2 ? e with { TrainLoss = double.NaN, Test = e.Test with { Loss = double.NaN } } : e),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    [Theory, MemberData(nameof(Claims))]
    public void A_claim_is_there_only_if_the_numbers_support_it(string change, string? english, string otherwise, string? korean, string koreanOtherwise)
    {
        foreach (var (language, claim, other) in new[] { ("en", english, otherwise), ("ko", korean, koreanOtherwise) })
        {
            var text = StudySummary.Markdown(Changed(change), language);
            Assert.Contains(other, text);
            if (claim is null) continue;
            Assert.Contains(claim, StudySummary.Markdown(Measured(), language));
            Assert.DoesNotContain(claim, text);
        }
    }

    [Fact]
    public void The_table_holds_the_means_and_the_ranges_that_were_measured()
    {
        var table = StudySummary.Markdown(Measured(), "en");
        Assert.Contains(
            "| `double_softmax` | softmax → `cross_entropy` | logits ✗ gets probabilities | 2.000 (2.000–2.000) | 40.1 (40.0–40.2) | 0.100 | 0.50 | – |",
            table);
        Assert.Contains(
            "| `naive` | log(naive softmax) → `nll_loss` | log-probabilities ✓ | 1.000 (1.000–1.000) | 90.1 (90.0–90.2) | 1.000 | 0.50 | ±100 (∞) |", table);
        Assert.Contains("differ by at most 2.5e-7 in a loss and 4.5e-8 in a gradient in float32, by 3.5e-16 and 5.5e-17 in float64", table);
        Assert.Contains("the average of the batch means is 1.66667, off by 1.3e-1, because each of the last batch's 5 examples counts 2.0 times", table);
    }

    [Fact]
    public void The_table_and_the_sentences_round_alike()
    {
        var epochs = Measured().Epochs.Select(e => e with { Epoch = e.Epoch with { Test = Test(e.Epoch.TestLoss, e.Seed == 0 ? 0.6702 : 0.6628) } });
        var text = StudySummary.Markdown(Measured() with { Epochs = [.. epochs] }, "en");
        Assert.Contains("| 66.6 (66.3–67.0) |", text);
        Assert.Contains("with 66.6% and 1.50 nats", text);
    }

    [Fact]
    public void Both_languages_say_the_same_line_by_line()
    {
        var (english, korean) = (StudySummary.Markdown(Measured(), "en").Split('\n'), StudySummary.Markdown(Measured(), "ko").Split('\n'));
        Assert.Equal(english.Length, korean.Length);
        Assert.DoesNotContain(english, line => line.Any(IsHangul));
        Assert.All(korean.Where(line => line.Length > 0 && !line.StartsWith('|')), line => Assert.Contains(line, IsHangul));

        static bool IsHangul(char c) => c is >= '가' and <= '힣';
    }

    [Theory, InlineData("mse"), InlineData("cross_entropy"), InlineData("nll"), InlineData("double_softmax")]
    public void One_loss_alone_is_compared_with_nothing(string loss)
    {
        var all = Measured();
        var text = StudySummary.Markdown(all with
        {
            Epochs = [.. all.Epochs.Where(e => e.Loss == loss && e.Seed == 0)],
            Gradients = [.. all.Gradients.Where(g => g.Loss == loss && g.Seed == 0)],
            Stability = [.. all.Stability.Where(s => s.Loss == loss)],
        }, "en");
        Assert.DoesNotContain("against", text);
        Assert.DoesNotContain("NaN", text);
        Assert.Equal(1, text.Split('\n').Count(line => line.StartsWith("| `")));
    }
}
