using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>The answer of a comparison of losses, in words. A sentence is there only if the numbers say so; where they say otherwise, another one is.</summary>
public static class StudySummary
{
    const double SameTraining = 0.01; // nats of test loss
    const double NoticeablyWorse = 0.01; // of accuracy

    /// <summary>One sentence in two languages.</summary>
    sealed record Sentence(string English, string Korean);

    /// <summary>summary.md, in English (en) or Korean (ko).</summary>
    public static string Markdown(StudyMeasurements m, string language)
    {
        string In(Sentence s) => language == "ko" ? s.Korean : s.English;
        var text = new StringBuilder();
        void Paragraph(string s) => text.Append(s).Append("\n\n");

        Paragraph($"# {In(Title(m))}");
        Paragraph(In(Method(m)));
        Paragraph(string.Join('\n', Table(m, In)));
        Paragraph($"## {In(new("The answer", "결론"))}");
        Paragraph(string.Join('\n', Findings(m).Select((s, i) => $"{i + 1}. {In(s)}")));
        Paragraph($"## {In(new("Pictures", "그림"))}");
        foreach (var (name, caption) in Pictures) Paragraph($"![{In(caption)}]({name})");
        return text.ToString().TrimEnd() + "\n";
    }

    static readonly ImmutableArray<(string Name, Sentence Caption)> Pictures =
    [
        ("losses.png", new("Test cross-entropy by epoch", "에폭별 테스트 교차 엔트로피")),
        ("accuracy.png", new("Test accuracy by epoch", "에폭별 테스트 정확도")),
        ("stability.png", new("Error of each loss in float32, by the size of the logits", "logits의 크기에 따른 각 손실의 float32 오차")),
        ("gradient_norm.png", new("Length of the gradient at the logits by epoch", "에폭별 logits에서의 기울기 크기")),
        ("gradient_of_mistakes.png", new("Gradient of misclassified examples, relative to that of the others", "맞힌 예제 대비 틀린 예제의 기울기 크기")),
    ];

    static Sentence Title(StudyMeasurements m) => new($"What each loss wants: {m.Subject}", $"손실 함수마다 무엇을 넣어야 하는가: {m.Subject}");

    static Sentence Method(StudyMeasurements m)
    {
        var (config, seeds) = (m.Config, string.Join(", ", m.Epochs.Select(e => e.Seed).Distinct()));
        var numbers = Text($"{config.Optimizer}, lr {config.LearningRate}, batch {config.BatchSize}");
        return new(
            Text($"""
                Every loss starts from the same weights and sees the same batches: {config.Epochs} epochs, seeds {seeds}, {numbers}. Test losses are the
                cross-entropy of softmax(logits) in nats, whatever was minimised; numbers are means over the seeds, with the lowest and the highest in
                parentheses.
                """),
            Text($"""
                모든 손실은 같은 가중치에서 출발해 같은 배치를 같은 순서로 학습한다: 에폭 {config.Epochs}, 시드 {seeds}, {numbers}. 무엇을
                최소화했든 테스트 손실은 softmax(logits)의 교차 엔트로피(단위: nat)이다. 수치는 시드별 결과의 평균이고, 괄호 안은 최솟값과
                최댓값이다.
                """));
    }

    static IEnumerable<string> Table(StudyMeasurements m, Func<Sentence, string> In)
    {
        yield return In(new(
            Text($"""
                | loss | output activation → loss function | it wants | test cross-entropy | test accuracy (%) | gradient at the logits, before training |
                gradient of mistakes ÷ of the rest, during training | not finite from |
                """),
            Text($"""
                | 손실 | 출력 활성화 함수 → 손실 함수 | 원하는 입력 | 테스트 교차 엔트로피 | 테스트 정확도 (%) | 학습 전 logits에서의 기울기 크기 |
                학습 중 기울기 크기 비 (틀린 예제 ÷ 맞힌 예제) | 유한하지 않게 되는 logits 크기 |
                """)));
        yield return "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |";
        foreach (var v in m.Variants)
        {
            var wants = $"{In(Name(v.Wants))} {(v.Fits ? "✓" : In(new($"✗ gets {Name(v.Gives).English}", $"✗ 실제 입력: {Name(v.Gives).Korean}")))}";
            var (losses, accuracies) = (m.Last(v.Name).Select(e => e.Epoch.TestLoss), m.Last(v.Name).Select(e => e.Epoch.TestAccuracy));
            var end = m.Stability.FirstOrDefault(s => s.Loss == v.Name && !s.IsFinite) is { } row ? Text($"±{row.Scale:n0} ({row.Nonfinite})") : "–";
            yield return Text($"""
                | `{v.Name}` | {v.Output} → `{v.Criterion}` | {wants} | {Spread(losses, "f3")} | {Spread(accuracies, "f1", scale: 100)} |
                {m.Norm(v.Name):f3} | {m.MistakeRatio(v.Name):f2} | {end} |
                """);
        }
    }

    static IEnumerable<Sentence> Findings(StudyMeasurements m) =>
        ((Sentence?[])
        [
            OneFunction(m), SameTrainings(m), Joined(Overflow(m), Survivors(m)),
            .. Mistakes(m), Joined(Crawl(m), SizeAlone(m)), OtherLoss(m), .. Broken(m),
            Averages(m), Steps(m),
        ]).OfType<Sentence>();

    static Sentence? Joined(Sentence? a, Sentence? b) => a is null ? b : b is null ? a : new($"{a.English} {b.English}", $"{a.Korean} {b.Korean}");

    /// <summary>Whether cross_entropy and nll are one function.</summary>
    static Sentence? OneFunction(StudyMeasurements m)
    {
        if (m.Equivalence.Count == 0) return null;
        var (loss32, gradient32) = m.Largest("float32");
        var (loss64, gradient64) = m.Largest("float64");
        var steps = m.Equivalence.Select(e => (e.Seed, e.Step)).Distinct().Count();
        return m.IsRounding
            ? new(
                Text($"""
                    `cross_entropy` wants raw logits and `nll_loss` wants `log_softmax`. Paired so, they are one function: over {steps:n0} steps they
                    differ by at most {Small(loss32)} in a loss and {Small(gradient32)} in a gradient in float32, by {Small(loss64)} and
                    {Small(gradient64)} in float64. That is rounding.
                    """),
                Text($"""
                    `cross_entropy`에는 logits를 그대로, `nll_loss`에는 `log_softmax`를 거친 값을 넣는다. 그렇게 짝지으면 둘은 같은 함수이다:
                    {steps:n0}스텝 동안 차이는 float32에서 손실 {Small(loss32)}, 기울기 {Small(gradient32)} 이하, float64에서 손실 {Small(loss64)},
                    기울기 {Small(gradient64)} 이하로, 반올림 오차일 뿐이다.
                    """))
            : new(
                Text($"""
                    `cross_entropy` and `nll` are **not** one function here: over {steps:n0} steps they differ by up to {Small(loss32)} in a loss and
                    {Small(gradient32)} in a gradient in float32, by {Small(loss64)} and {Small(gradient64)} in float64. That is more than rounding.
                    """),
                Text($"""
                    여기서 `cross_entropy`와 `nll`은 같은 함수가 **아니다**: {steps:n0}스텝 동안 차이가 float32에서 손실 {Small(loss32)}, 기울기
                    {Small(gradient32)}, float64에서 손실 {Small(loss64)}, 기울기 {Small(gradient64)}까지 벌어졌고, 이는 반올림 오차로 설명되지
                    않는다.
                    """));
    }

    /// <summary>Which of the other ways to the same number learn the same.</summary>
    static Sentence? SameTrainings(StudyMeasurements m)
    {
        var ways = m.Variants.Where(v => v.Name is "nll" or "log_of_softmax" or "naive").Select(v => v.Name).ToList();
        if (ways.Count == 0 || m.Last("cross_entropy").Count == 0) return null;
        var distances = ways.Select(w => (Name: w, Distance: m.Last("cross_entropy").Zip(m.Last(w), (a, b) => Distance(a, b)).Max())).ToList();
        var same = distances.Where(d => d.Distance <= SameTraining).ToList();
        var english = same.Count == 0 ? "" : Text($"""
            After training, the test losses of {Names(same.Select(d => d.Name))} lie within {Small(same.Max(d => d.Distance))} nats of that of
            `cross_entropy`: theory's "softmax, then cross-entropy" and the code's "log_softmax, then nll" are one formula, computed in another order.
            """);
        var korean = same.Count == 0 ? "" : Text($"""
            학습이 끝나면 {Names(same.Select(d => d.Name))}의 테스트 손실은 `cross_entropy`와 {Small(same.Max(d => d.Distance))} nat 이내로 같다:
            이론의 "softmax 다음 교차 엔트로피"와 코드의 "log_softmax 다음 nll"은 계산 순서만 다른 같은 식이다.
            """);
        foreach (var (name, distance) in distances.Where(d => d.Distance > SameTraining && double.IsFinite(d.Distance)))
        {
            var (because, koreanBecause) = name == "nll" && m.IsRounding
                ? (", as each step hands its rounding on to the next", "(스텝마다 반올림 오차가 다음 스텝으로 이어진다)") : ("", "");
            english += Text($" `{name}` ends {distance:g3} nats away from `cross_entropy`{because}.");
            korean += Text($" `{name}`의 테스트 손실은 `cross_entropy`와 {distance:g3} nat 차이가 난다{koreanBecause}.");
        }
        return english.Length == 0 ? null : new(english.TrimStart(), korean.TrimStart());
    }

    /// <summary>Which losses do not survive large logits, and from where.</summary>
    static Sentence? Overflow(StudyMeasurements m)
    {
        var ends = m.Stability.Where(s => !s.IsFinite).GroupBy(s => s.Loss).Select(g => g.MinBy(s => s.Scale)!).ToList();
        if (ends.Count == 0) return null;
        var english = string.Join(" and ", ends.Select(e => Text($"`{e.Loss}` turns to {e.Nonfinite} at logits of ±{e.Scale:n0}")));
        var korean = string.Join(", ", ends.Select(e => Text($"`{e.Loss}`는 logits가 ±{e.Scale:n0}일 때 {e.Nonfinite}")));
        return new($"Order matters to a computer: in float32 {english}.", $"컴퓨터에서는 계산 순서가 중요하다: float32에서 {korean} 값이 나온다.");
    }

    /// <summary>Whether cross_entropy and nll survive the largest logits.</summary>
    static Sentence? Survivors(StudyMeasurements m)
    {
        var right = m.Stability.Where(s => s.Loss is "cross_entropy" or "nll").ToList();
        if (right.Count == 0 || !right.All(s => s.IsFinite)) return null;
        var (names, scale, error) = (right.Select(r => r.Loss).Distinct(), right.Max(r => r.Scale), right.Max(r => r.Error / r.Scale));
        return new(
            Text($"""
                The values of {Names(names)} stay finite up to ±{scale:n0}, with an error of at most {Small(error)} of the logits' size: the largest
                logit is subtracted, and exp and log are never taken apart (log-sum-exp).
                """),
            Text($"""
                {Names(names)}의 값은 ±{scale:n0}까지 유한하고, 오차는 logits 크기의 {Small(error)}배 이하이다: 가장 큰 logit을 먼저 빼고 exp와 log를
                따로 계산하지 않기 때문이다(log-sum-exp).
                """));
    }

    /// <summary>What each mistake costs.</summary>
    static IEnumerable<Sentence> Mistakes(StudyMeasurements m)
    {
        if (m.Last("cross_entropy").Count == 0) yield break;
        var (_, loss, accuracy) = m.End("cross_entropy");
        foreach (var v in m.Variants.Where(v => !v.Fits))
        {
            var (trainLoss, itsLoss, itsAccuracy) = m.End(v.Name);
            // A negative log-likelihood cannot be below zero: nobody who looks at the log needs to miss it.
            var (sign, koreanSign) = !(trainLoss < 0) ? ("", "") : (
                Text($" Its training loss, {trainLoss:f1}, gives it away: a negative log-likelihood is never below zero."),
                Text($" 훈련 손실이 음수({trainLoss:f1})라는 점에서 알아챌 수 있다: 음의 로그 우도는 0보다 작을 수 없다."));
            yield return itsAccuracy < accuracy - NoticeablyWorse
                ? new(
                    Text($"""
                        `{v.Name}` gives {Name(v.Gives).English} to `{v.Criterion}`, runs without an error and learns badly: {itsAccuracy * 100:f1}%
                        and {itsLoss:f2} nats, against {accuracy * 100:f1}% and {loss:f2} nats.
                        """) + sign,
                    Text($"""
                        `{v.Name}`는 `{v.Criterion}`에 {Object(v.Gives)} 넣는다. 오류 없이 실행되지만 학습이 잘되지 않는다: 정확도
                        {itsAccuracy * 100:f1}%, 손실 {itsLoss:f2} nat (`cross_entropy`는 {accuracy * 100:f1}%, {loss:f2} nat).
                        """) + koreanSign)
                : new(
                    Text($"""
                        `{v.Name}` gives {Name(v.Gives).English} to `{v.Criterion}`; in these trainings that cost no accuracy: {itsAccuracy * 100:f1}%
                        and {itsLoss:f2} nats, against {accuracy * 100:f1}% and {loss:f2} nats.
                        """),
                    Text($"""
                        `{v.Name}`는 `{v.Criterion}`에 {Object(v.Gives)} 넣지만, 이번 학습에서는 정확도 손해가 없었다: {itsAccuracy * 100:f1}%,
                        {itsLoss:f2} nat (`cross_entropy`는 {accuracy * 100:f1}%, {loss:f2} nat).
                        """));
        }
    }

    /// <summary>Why double_softmax crawls, if its gradient shows it.</summary>
    static Sentence? Crawl(StudyMeasurements m)
    {
        var times = m.Norm("cross_entropy") / m.Norm("double_softmax");
        var (its, reference) = (m.MistakeRatio("double_softmax"), m.MistakeRatio("cross_entropy"));
        return !(times > 2) || !(m.End("double_softmax").Accuracy < m.End("cross_entropy").Accuracy - NoticeablyWorse) ? null
            : its < 1 && reference > 1
                ? new(
                    Text($"""
                        Why double softmax crawls: its gradient at the logits starts {times:f0} times smaller, and it favours what is right already: a
                        misclassified example pulls {its:f2} times as hard as a right one, with `cross_entropy` {reference:f2} times.
                        """),
                    Text($"""
                        double softmax의 학습이 느린 이유: logits에서의 기울기가 처음부터 `cross_entropy`의 1/{times:f0}이고, 이미 맞힌 예제에
                        치우친다. 틀린 예제의 기울기는 맞힌 예제의 {its:f2}배이다(`cross_entropy`는 {reference:f2}배).
                        """))
                : new(
                    Text($"Double softmax's gradient at the logits starts {times:f0} times smaller than that of `cross_entropy`."),
                    Text($"double softmax의 logits에서의 기울기는 처음부터 `cross_entropy`의 1/{times:f0}이다."));
    }

    /// <summary>Whether a loss with a still smaller gradient learns better than double_softmax: then smallness is not the reason.</summary>
    static Sentence? SizeAlone(StudyMeasurements m)
    {
        var (times, accuracy) = (m.Norm("cross_entropy") / m.Norm("mse"), m.End("mse").Accuracy);
        return !(m.Norm("mse") < m.Norm("double_softmax")) || !(accuracy > m.End("double_softmax").Accuracy + NoticeablyWorse) ? null : new(
            Text($"""
                Its size alone is not the reason: `mse` starts with a gradient {times:f0} times smaller than `cross_entropy` and reaches
                {accuracy * 100:f1}%, its mistakes pulling {m.MistakeRatio("mse"):f2} times as hard as the rest.
                """),
            Text($"""
                기울기가 작다는 것만으로는 설명되지 않는다: `mse`의 기울기는 `cross_entropy`의 1/{times:f0}에서 시작하지만 정확도는
                {accuracy * 100:f1}%에 이르고, 틀린 예제의 기울기는 맞힌 예제의 {m.MistakeRatio("mse"):f2}배이다.
                """));
    }

    /// <summary>How mse compares.</summary>
    static Sentence? OtherLoss(StudyMeasurements m)
    {
        if (m.Last("mse").Count == 0 || m.Last("cross_entropy").Count == 0) return null;
        var (its, reference) = (m.End("mse"), m.End("cross_entropy"));
        var (english, korean) = its.Accuracy < reference.Accuracy - NoticeablyWorse ? ("behind", "에 뒤진다")
            : its.Accuracy > reference.Accuracy + NoticeablyWorse ? ("ahead of", "보다 앞선다") : ("level with", "와 비슷하다");
        return new(
            Text($"""
                `mse` of softmax is another loss, not a mistake: with {its.Accuracy * 100:f1}% and {its.TestLoss:f2} nats it is {english} `cross_entropy`
                ({reference.Accuracy * 100:f1}%, {reference.TestLoss:f2} nats) in accuracy after these epochs.
                """),
            Text($"""
                softmax에 대한 `mse`는 실수가 아니라 다른 손실이다: 정확도 {its.Accuracy * 100:f1}%, 손실 {its.TestLoss:f2} nat이며, 이 에폭까지
                정확도는 `cross_entropy`({reference.Accuracy * 100:f1}%, {reference.TestLoss:f2} nat){korean}.
                """));
    }

    /// <summary>Which trainings ended in numbers that are none.</summary>
    static IEnumerable<Sentence> Broken(StudyMeasurements m) =>
        from row in m.Epochs
        where !double.IsFinite(row.Epoch.TrainLoss) || !double.IsFinite(row.Epoch.TestLoss)
        group row by row.Loss into training
        let firsts = training.GroupBy(e => e.Seed, e => e.Epoch.Index).ToList()
        select new Sentence(
            $"The loss of `{training.Key}` is NaN or infinite: {string.Join(", ", firsts.Select(f => $"seed {f.Key} from epoch {f.Min()} on"))}.",
            $"`{training.Key}`의 손실은 NaN 또는 무한대가 되었다: {string.Join(", ", firsts.Select(f => $"시드 {f.Key}에서 에폭 {f.Min()}부터"))}.");

    /// <summary>The average training loss of an epoch: of the sums, and of the batch means.</summary>
    static Sentence? Averages(StudyMeasurements m)
    {
        if (m.Reduction.Count == 0) return null;
        var rows = m.Reduction.Where(r => r.Seed == m.Reduction[0].Seed).ToList();
        var batches = rows.Select(r => (r.LossSum, r.Examples)).ToList();
        var (exact, average, last, full) = (Reductions.SumOverCount(batches), Reductions.AverageOfMeans(batches), rows[^1].Examples, rows[0].Examples);
        return last == full
            ? new(
                Text($"""
                    All batches hold {full} examples, so the sum of the losses divided by their number ({exact:f5}) and the average of the batch means
                    agree; they part as soon as the last batch is smaller.
                    """),
                Text($"""
                    모든 배치의 크기가 {full}이므로 손실의 합을 예제 수로 나눈 값({exact:f5})과 배치 평균의 평균이 같다. 마지막 배치가 더 작으면
                    둘은 달라진다.
                    """))
            : new(
                Text($"""
                    The sum of the first epoch's losses divided by their number is {exact:f5}, exactly the mean over the examples; the average of the
                    batch means is {average:f5}, off by {Small(Math.Abs(average - exact))}, because each of the last batch's {last} examples counts
                    {(double)full / last:f1} times.
                    """),
                Text($"""
                    첫 에폭 손실의 합을 예제 수로 나눈 값은 {exact:f5}이고, 예제에 대한 평균과 정확히 같다. 배치 평균의 평균은 {average:f5}이고
                    {Small(Math.Abs(average - exact))}만큼 어긋난다: 마지막 배치의 예제 {last}개가 저마다 {(double)full / last:f1}배의 비중을 차지하기
                    때문이다.
                    """));
    }

    /// <summary>What the reduction does to SGD's step, and to Adam's.</summary>
    static Sentence? Steps(StudyMeasurements m)
    {
        if (m.Reduction.Count == 0) return null;
        var (sgd, adam, difference) = (Median(r => r.SgdRatio), Median(r => r.AdamRatio), Median(r => r.AdamDifference));
        var isNearlyTheSame = Math.Abs(adam - 1) < 0.1 && difference < 0.1;
        return isNearlyTheSame
            ? new(
                Text($"""
                    Summing instead of averaging makes SGD's step {sgd:f0} times longer, and hardly touches Adam's, which divides by the gradient's
                    size: {adam:f3} times as long, {difference * 100:f1}% different (medians over the steps).
                    """),
                Text($"""
                    평균 대신 합을 쓰면 SGD의 스텝은 {sgd:f0}배 길어지지만, 기울기의 크기로 나누는 Adam의 스텝은 거의 그대로이다: 길이는 {adam:f3}배,
                    차이는 {difference * 100:f1}% (전체 스텝의 중앙값).
                    """))
            : new(
                Text($"""
                    Summing instead of averaging makes SGD's step {sgd:f0} times longer and Adam's {adam:f3} times, {difference * 100:f1}% different
                    (medians over the steps).
                    """),
                Text($"""
                    평균 대신 합을 쓰면 SGD의 스텝은 {sgd:f0}배, Adam의 스텝은 {adam:f3}배 길어지고, Adam의 스텝은 {difference * 100:f1}%
                    달라진다(전체 스텝의 중앙값).
                    """));

        double Median(Func<ReductionStep, double> of) => m.Reduction.Select(of).Order().ElementAt(m.Reduction.Count / 2);
    }

    static Sentence Name(OutputKind kind) => kind switch
    {
        OutputKind.Logits => new("logits", "logits"),
        OutputKind.LogProbabilities => new("log-probabilities", "로그 확률"),
        _ => new("probabilities", "확률"),
    };

    /// <summary>A kind as the object of a Korean sentence, with the particle that its sound asks for.</summary>
    static string Object(OutputKind kind) => Name(kind).Korean + (kind == OutputKind.Logits ? "를" : "을");

    static double Distance(LossEpoch a, LossEpoch b) =>
        Math.Abs(a.Epoch.TestLoss - b.Epoch.TestLoss) is var distance && double.IsNaN(distance) ? double.PositiveInfinity : distance;

    static string Spread(IEnumerable<double> values, string format, double scale = 1)
    {
        // Scaled last, as in the sentences, so that both round alike.
        string Show(double x) => (x * scale).ToString(format, CultureInfo.InvariantCulture);
        var all = values.ToList();
        return all.Count == 1 ? Show(all[0]) : !all.All(double.IsFinite) ? Show(double.NaN) : $"{Show(all.Average())} ({Show(all.Min())}–{Show(all.Max())})";
    }

    static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"`{n}`"));

    static string Small(double x) => x.ToString(x == 0 ? "0" : "0.0e-0", CultureInfo.InvariantCulture);

    /// <summary>A text whose lines are those of this file, in one line.</summary>
    static string Text(FormattableString text) => FormattableString.Invariant(text).ReplaceLineEndings(" ");
}
