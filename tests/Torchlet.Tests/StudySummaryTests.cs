using System.Text.RegularExpressions;

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

    /// <summary>A change of the measurements; a claim that holds only before it, and one that holds after it; in English and in Korean.</summary>
    public static TheoryData<string, string?, string, string?, string> Claims => new(
        ("differ in float64", "they are the same function", "**not** the same function", "둘은 같은 함수입니다", "같은 함수가 **아닙니다**"),
        ("are NaN", "These differences are rounding errors.", "larger than rounding errors", "모두 반올림 오차입니다", "반올림 오차보다 큽니다"),
        ("end elsewhere", "the test losses of `nll`, `log_of_softmax`, `naive` differ",
            "the test loss of `nll` differs from that of `cross_entropy` by 0.5 nats.\n  The rounding error of each step",
            "`nll`, `log_of_softmax`, `naive`의 테스트 손실은", "`nll`의 테스트 손실은 `cross_entropy`와 0.5 nat 차이가 납니다.\n  한 스텝의 반올림 오차가"),
        ("naive ends elsewhere", "the test losses of `nll`, `log_of_softmax`, `naive` differ",
            "the test loss of `naive` differs from that of `cross_entropy` by 0.5 nats.\n- ",
            "`nll`, `log_of_softmax`, `naive`의 테스트 손실은", "`naive`의 테스트 손실은 `cross_entropy`와 0.5 nat 차이가 납니다.\n- "),
        ("all survive", "the loss of `naive` becomes ∞ at logits of ±100", "The losses of `cross_entropy`, `nll` stay finite for logits up to ±100.",
            "logits가 ±100일 때 `naive`의 손실은 유한한 값이 아니라 ∞입니다", "`cross_entropy`, `nll`의 손실은 logits가 ±100까지 커져도 유한합니다"),
        ("nll overflows", "`nll` stay finite", "the loss of `nll` becomes NaN at logits of ±1.", "까지 커져도 유한합니다", "±1일 때 `nll`의 손실은 유한한 값이 아니라 NaN입니다"),
        ("mistake does no harm",
            "`double_softmax` passes probabilities to `cross_entropy`, which expects logits.\n"
            + "    It runs without an error but learns badly: 40.1% and 2.00 nats.",
            "cost no accuracy in these trainings: 89.5% and 2.00 nats",
            "학습이 잘되지 않습니다: 정확도 40.1%, 손실 2.00 nat", "정확도가 떨어지지 않았습니다: 정확도 89.5%"),
        ("has a large gradient", "is 10 times smaller", "## Findings", "`cross_entropy`의 1/10입니다", "## 결론"),
        ("pulls at mistakes", "This is why `double_softmax` learns slowly.", "is 10 times smaller than that of `cross_entropy`.",
            "이미 맞힌 예제의 기울기가 더 큽니다", "`cross_entropy`의 1/10입니다."),
        ("mse learns nothing", "and 40 times smaller than that of `cross_entropy`, but `mse` reaches 80.1%", "accuracy is lower than that of `cross_entropy`",
            "기울기가 작다고 해서", "`cross_entropy`보다 낮습니다"),
        ("mse is best", "accuracy is lower than that of `cross_entropy`", "accuracy is higher than that of `cross_entropy`",
            "`cross_entropy`보다 낮습니다", "`cross_entropy`보다 높습니다"),
        ("mse is level", "accuracy is lower than that of `cross_entropy`", "accuracy is about the same as that of `cross_entropy`",
            "`cross_entropy`보다 낮습니다", "`cross_entropy`와 비슷합니다"),
        ("is positive", "training loss of -5.0 reveals", "`nll_on_logits` passes logits to `nll_loss`, which expects log-probabilities",
            "학습 손실이 -5.0인 것", "`nll_loss`에는 로그 확률 값을 넣어야 하는데 logits 값을 넣습니다"),
        ("batches of one size", "is 1.80000.\n  This is exactly the mean", "All batches have the same size, 10.",
            "1.80000입니다.\n  이 값은 예제 전체의 평균", "모든 배치의 크기가 10"),
        ("Adam feels it", "It hardly changes, because Adam", "Adam's step becomes 3.000 times as long and differs by 50.0%",
            "스텝이 거의 바뀌지 않습니다", "길이가 3.000배가 되고, 50.0% 달라집니다"),
        ("nothing was learned", "It runs without an error but learns badly",
            "It reaches 90.1% on the test data, and always answering the most frequent class gives 89.9%.",
            "학습이 잘되지 않습니다", "가장 많은 클래스만 답해도 89.9%가 나옵니다"),
        ("breaks", null,
            "- With seed 0, the loss of `mse` is NaN or infinite from epoch 2 on.\n- With seed 1, the loss of `mse` is NaN or infinite from epoch 2 on.",
            null, "- 시드 0에서 `mse`의 손실이 에폭 2부터 NaN 또는 무한대입니다.\n- 시드 1에서"));

    static StudyMeasurements Changed(string change) => change switch
    {
        "differ in float64" => Measured() with { Equivalence = [.. Measured().Equivalence.Select(e => e with { Loss = 2.5e-7 })] },
        "are NaN" => Measured() with { Equivalence = [.. Measured().Equivalence.Select(e => e with { Gradient = double.NaN })] },
        "end elsewhere" => Trained("nll", e => e with { Test = e.Test with { Loss = 1.5 } }),
        "naive ends elsewhere" => Trained("naive", e => e with { Test = e.Test with { Loss = 1.5 } }),
        "nll overflows" => Measured() with { Stability = [.. Measured().Stability.Select(s => s with { NotANumber = s.Loss == "nll" ? 1 : 0 })] },
        "all survive" => Measured() with { Stability = [.. Measured().Stability.Select(s => s with { Infinite = 0 })] },
        "mistake does no harm" => Trained("double_softmax", e => e with { Test = Test(e.TestLoss, 0.895) }),
        "has a large gradient" => Measured() with { Gradients = [.. Measured().Gradients.Select(g => g with { Norm = 1 })] },
        "pulls at mistakes" => Measured() with { Gradients = [.. Measured().Gradients.Select(g => g with { OfWrong = 0.75 })] },
        "mse learns nothing" => Trained("mse", e => e with { Test = Test(e.TestLoss, 0.1) }),
        "mse is best" => Trained("mse", e => e with { Test = Test(e.TestLoss, 0.95) }),
        "mse is level" => Trained("mse", e => e with { Test = Test(e.TestLoss, 0.9) }),
        "is positive" => Trained("nll_on_logits", e => e with { TrainLoss = 1 }),
        "batches of one size" => Measured() with { Reduction = [.. Measured().Reduction.Take(2)] },
        "Adam feels it" => Measured() with { Reduction = [.. Measured().Reduction.Select(r => r with { AdamRatio = 3, AdamDifference = 0.5 })] },
        "nothing was learned" => Measured() with { ConstantAccuracy = 0.899 },
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

    [Theory, InlineData("en"), InlineData("ko")]
    public void A_template_names_exactly_the_values_that_are_computed(string language)
    {
        var computed = Claims.Select(row => Changed(row.Data.Item1)).Prepend(Measured())
            .SelectMany(m => Names("", StudySummary.ValuesOf(m, kind => $"{kind}"))).ToHashSet();
        var (named, level) = (new HashSet<string>(), "");
        foreach (Match tag in Regex.Matches(StudySummary.Template(language), @"\{\{([#/]?)(\w+)\}\}"))
        {
            var (sign, name) = (tag.Groups[1].Value, tag.Groups[2].Value);
            var isCondition = computed.Contains($"{level}?{name}");
            if (sign == "/" && level.EndsWith($"{name}/", StringComparison.Ordinal)) level = level[..^$"{name}/".Length];
            if (sign != "/") named.Add($"{level}{(sign == "#" && isCondition ? "?" : sign)}{name}");
            if (sign == "#" && !isCondition) level += $"{name}/";
        }
        Assert.Equal(computed.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));

        // A condition is ?name, a section with values of its own is #name, and these are name/value.
        static IEnumerable<string> Names(string level, IReadOnlyDictionary<string, object?> values) => values.SelectMany(value => value.Value switch
        {
            bool => [$"{level}?{value.Key}"],
            null => [$"{level}#{value.Key}"],
            IReadOnlyDictionary<string, object?> section => Names($"{level}{value.Key}/", section).Prepend($"{level}#{value.Key}"),
            IEnumerable<IReadOnlyDictionary<string, object?>> items =>
                items.SelectMany(item => Names($"{level}{value.Key}/", item)).Prepend($"{level}#{value.Key}"),
            _ => [$"{level}{value.Key}"],
        });
    }

    [Fact]
    public void A_template_translates_every_kind_of_output() => Assert.All(["en", "ko"], language =>
        Assert.Equal(Enum.GetNames<OutputKind>(), Regex.Matches(StudySummary.Template(language), @"\{\{(\w+): ").Select(word => word.Groups[1].Value)));

    [Theory, InlineData("en"), InlineData("ko")]
    public void No_braces_are_left(string language) => Assert.DoesNotMatch(@"\{\{|\}\}", StudySummary.Markdown(Measured(), language));

    [Fact]
    public void The_table_has_the_measured_means_and_ranges()
    {
        var table = StudySummary.Markdown(Measured(), "en");
        Assert.Contains(
            "| `double_softmax` | softmax → `cross_entropy` | logits | probabilities ✗ | 2.000 (2.000–2.000) | 40.1 (40.0–40.2) | 0.100 | 0.50 | – |",
            table);
        Assert.Contains(
            "| `naive` | log(naive softmax) → `nll_loss` | log-probabilities | log-probabilities ✓ "
            + "| 1.000 (1.000–1.000) | 90.1 (90.0–90.2) | 1.000 | 0.50 | ±100 (∞) |", table);
        Assert.Contains("the losses differ by at most 2.5e-7 in float32 and 3.5e-16 in float64", table);
        Assert.Contains("The gradients differ by at most 4.5e-8 in float32 and 5.5e-17 in float64", table);
        Assert.Contains("The average of the batch means is 1.66667, which is off by 1.3e-1.", table);
        Assert.Contains("each example in the last batch, which holds 5, counts 2.0 times", table);
    }

    /// <summary>The numbers that no other test looks for, in both languages.</summary>
    [Theory]
    [InlineData("en", "Epochs: 2; seeds: 0, 1; batch size: 512.\nOptimizer: adam with learning rate 0.0002.")]
    [InlineData("en", "differ from that of `cross_entropy` by at most 0 nats")]
    [InlineData("en", "Their error is at most 1.0e-7 times")]
    [InlineData("en", "The gradient of a misclassified example is 0.50 times that of a correct one,\n  compared with 1.50 times for `cross_entropy`.")]
    [InlineData("en", "The gradient of its misclassified examples is 0.50 times")]
    [InlineData("en", "`cross_entropy` reaches 90.1% and 1.00 nats on the test data")]
    [InlineData("en", "makes SGD's step 10 times longer.\n  Adam's step becomes 1.000 times as long and differs by 1.0%.")]
    [InlineData("ko", "에폭: 2, 시드: 0, 1, 배치 크기: 512.\n옵티마이저: adam, 학습률: 0.0002.")]
    [InlineData("ko", "차이가 0 nat 이하입니다")]
    [InlineData("ko", "logits 크기의 1.0e-7배 이하")]
    [InlineData("ko", "맞힌 예제의 0.50배입니다\n  (`cross_entropy`는 1.50배)")]
    [InlineData("ko", "`mse`에서 틀린 예제의 기울기는 맞힌 예제의 0.50배")]
    [InlineData("ko", "`cross_entropy`는 테스트 정확도 90.1%, 테스트 손실 1.00 nat입니다")]
    [InlineData("ko", "SGD의 스텝은 10배 길어집니다.\n  Adam의 스텝은 길이가 1.000배가 되고, 1.0% 달라집니다.")]
    public void The_summary_states_every_number(string language, string claim) => Assert.Contains(claim, StudySummary.Markdown(Measured(), language));

    [Theory, InlineData("en"), InlineData("ko")]
    public void Where_nothing_was_learned_no_loss_is_said_to_cost_nothing(string language)
    {
        var text = StudySummary.Markdown(Measured() with { ConstantAccuracy = 0.899 }, language);
        Assert.DoesNotContain(language == "en" ? "cost no accuracy" : "떨어지지 않았습니다", text);
        Assert.DoesNotContain(language == "en" ? "about the same as" : "비슷합니다", text);
        Assert.DoesNotContain(language == "en" ? "lower than" : "낮습니다", text);
    }

    [Theory]
    [InlineData("ko", null, null, "ko_KR.UTF-8"), InlineData("ko", null, "ko_KR", "en_US.UTF-8"), InlineData("en", "C", "ko_KR", "ko_KR.UTF-8")]
    [InlineData("ko", "", "", "ko"), InlineData("en", null, null, null), InlineData("en", null, null, "kok_IN"), InlineData("ko", "ko.UTF-8", null, "C")]
    public void The_language_is_that_of_the_locale(string language, string? all, string? messages, string? lang) =>
        Assert.Equal(language, StudySummary.Language(name => name switch { "LC_ALL" => all, "LC_MESSAGES" => messages, _ => lang }));

    [Fact]
    public void The_table_and_the_sentences_round_alike()
    {
        var epochs = Measured().Epochs.Select(e => e with { Epoch = e.Epoch with { Test = Test(e.Epoch.TestLoss, e.Seed == 0 ? 0.6702 : 0.6628) } });
        var text = StudySummary.Markdown(Measured() with { Epochs = [.. epochs] }, "en");
        Assert.Contains("| 66.6 (66.3–67.0) |", text);
        Assert.Contains("a test accuracy of 66.6% and a test loss of 1.50 nats", text);
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

    [Theory, InlineData("mse"), InlineData("cross_entropy"), InlineData("nll"), InlineData("double_softmax"), InlineData("double_softmax,mse")]
    public void Losses_are_compared_only_with_losses_that_were_trained(string trained)
    {
        var (all, losses) = (Measured(), trained.Split(','));
        var text = StudySummary.Markdown(all with
        {
            Epochs = [.. all.Epochs.Where(e => losses.Contains(e.Loss) && e.Seed == 0)],
            Gradients = [.. all.Gradients.Where(g => losses.Contains(g.Loss) && g.Seed == 0)],
            Stability = [.. all.Stability.Where(s => losses.Contains(s.Loss))],
        }, "en");
        Assert.DoesNotContain("compar", text);
        Assert.DoesNotContain("NaN", text);
        Assert.Equal(losses.Length, text.Split('\n').Count(line => line.StartsWith("| `")));
    }
}
