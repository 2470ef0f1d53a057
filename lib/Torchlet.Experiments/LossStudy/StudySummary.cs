using System.Globalization;
using System.Text.RegularExpressions;
using NamedValues = System.Collections.Generic.Dictionary<string, object?>;

namespace Torchlet;

/// <summary>Text of script 03's summary.md: the template of a language, filled with the values of a comparison of losses.</summary>
/// <remarks>
/// The templates are summary.en.md and summary.ko.md next to this file. <c>{{name}}</c> is a value. The lines between <c>{{#name}}</c> and
/// <c>{{/name}}</c> are written only if the measurements support them, or once for each item of a list. <c>{{Probabilities: 확률}}</c> at the
/// top is the template's word for an <see cref="OutputKind"/>.
/// </remarks>
public static partial class StudySummary
{
    const double SameTraining = 0.01; // nats of test loss
    const double NoticeablyWorse = 0.01; // of accuracy
    const double LeastLearned = 0.1; // of the errors of always the same answer

    /// <summary>Text of summary.md in English (en) or Korean (ko).</summary>
    public static string Markdown(StudyMeasurements m, string language)
    {
        var template = Template(language);
        var words = Word().Matches(template).ToDictionary(word => word.Groups["kind"].Value, word => word.Groups["text"].Value);
        return Filled(Word().Replace(template, ""), ValuesOf(m, kind => words[kind.ToString()]));
    }

    /// <summary>The language of a locale as POSIX chooses one, by LC_ALL, else LC_MESSAGES, else LANG: ko where that is Korean, else en.</summary>
    /// <param name="variable">Looks up an environment variable; null if there is none.</param>
    public static string Language(Func<string, string?> variable) =>
        new[] { "LC_ALL", "LC_MESSAGES", "LANG" }.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value))?.Split('_', '.', '-')[0] == "ko"
            ? "ko" : "en";

    /// <summary>The template of a language.</summary>
    internal static string Template(string language) => Page.Embedded($"summary.{language}.md").ReplaceLineEndings("\n");

    static string Filled(string template, NamedValues values) => Tag().Replace(template, tag =>
        (values[tag.Groups["name"].Value], tag.Groups["lines"].Value) switch
        {
            (null or false, _) => "",
            (true, var lines) => Filled(lines, values),
            (NamedValues section, var lines) => Filled(lines, section),
            (IEnumerable<NamedValues> items, var lines) => string.Concat(items.Select(item => Filled(lines, item))),
            (var value, _) => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        });

    /// <summary>The values that a template names: texts and numbers, conditions, and for sections values of their own, one or many or null.</summary>
    internal static NamedValues ValuesOf(StudyMeasurements m, Func<OutputKind, string> word) => new(Learning(m))
    {
        ["subject"] = m.Subject, ["epochs"] = m.Config.Epochs, ["seeds"] = string.Join(", ", m.Epochs.Select(e => e.Seed).Distinct()),
        ["optimizer"] = m.Config.Optimizer, ["learning_rate"] = m.Config.LearningRate, ["batch_size"] = m.Config.BatchSize,
        ["losses"] = m.Variants.Select(v => Row(m, v, word)),
        ["is_rounding"] = m.Equivalence.Count > 0 && m.IsRounding, ["is_more_than_rounding"] = m.Equivalence.Count > 0 && !m.IsRounding,
        ["steps"] = Text(m.Equivalence.Select(e => (e.Seed, e.Step)).Distinct().Count(), "n0"),
        ["loss_float32"] = Small(m.Largest("float32").Loss), ["gradient_float32"] = Small(m.Largest("float32").Gradient),
        ["loss_float64"] = Small(m.Largest("float64").Loss), ["gradient_float64"] = Small(m.Largest("float64").Gradient),
        ["same_results"] = SameResults(m), ["other_results"] = OtherResults(m), ["diverged"] = Diverged(m), ["reduction"] = Reduction(m),
        ["no_overflow"] = NoOverflow(m), ["has_overflow"] = Overflows(m).Any(),
        ["overflows"] = Overflows(m).Select(s => new NamedValues { ["loss"] = s.Loss, ["scale"] = Text(s.Scale, "n0"), ["value"] = s.Nonfinite }),
        ["learned_nothing"] = LearnedNothing(m) ? new NamedValues
        {
            ["accuracy"] = Percent(m.End("cross_entropy").Accuracy), ["constant_accuracy"] = Percent(m.ConstantAccuracy),
        } : null,
        ["has_mistakes"] = m.Last("cross_entropy").Count > 0 && m.Variants.Any(v => !v.Fits),
        ["mistakes"] = m.Variants.Where(v => !v.Fits).Select(v => Mistake(m, v, word)),
    };

    /// <summary>The values that compare how cross_entropy, double_softmax and mse learned.</summary>
    static NamedValues Learning(StudyMeasurements m)
    {
        var (reference, mse, softmax) = (m.End("cross_entropy"), m.End("mse"), m.Norm("double_softmax"));
        var (times, timesOfMse) = (m.Norm("cross_entropy") / softmax, m.Norm("cross_entropy") / m.Norm("mse"));
        var (ratio, referenceRatio) = (m.MistakeRatio("double_softmax"), m.MistakeRatio("cross_entropy"));
        var (isBehind, isAhead) = (IsWorse(m, "mse", "cross_entropy"), IsWorse(m, "cross_entropy", "mse"));
        return new()
        {
            ["cross_entropy_accuracy"] = Percent(reference.Accuracy), ["cross_entropy_loss"] = Text(reference.TestLoss, "f2"),
            ["cross_entropy_ratio"] = Text(referenceRatio, "f2"),
            ["double_softmax_is_slow"] = times > 2 && IsWorse(m, "double_softmax", "cross_entropy"), ["double_softmax_times"] = Text(times, "f0"),
            ["double_softmax_favours_correct_examples"] = ratio < 1 && referenceRatio > 1, ["double_softmax_ratio"] = Text(ratio, "f2"),
            // False without cross_entropy, because the ratio is NaN then.
            ["mse_learns_with_small_gradient"] = timesOfMse > 0 && m.Norm("mse") < softmax && IsWorse(m, "double_softmax", "mse"),
            ["mse_times"] = Text(timesOfMse, "f0"), ["mse_ratio"] = Text(m.MistakeRatio("mse"), "f2"),
            ["mse_is_compared"] = m.Last("mse").Count > 0 && m.Last("cross_entropy").Count > 0,
            ["mse_accuracy"] = Percent(mse.Accuracy), ["mse_loss"] = Text(mse.TestLoss, "f2"),
            ["mse_is_behind"] = isBehind, ["mse_is_ahead"] = isAhead, ["mse_is_level"] = !LearnedNothing(m) && !isBehind && !isAhead,
        };
    }

    static NamedValues Row(StudyMeasurements m, LossVariant v, Func<OutputKind, string> word) => new()
    {
        ["loss"] = v.Name, ["activation"] = v.Output, ["criterion"] = v.Criterion,
        ["expects"] = word(v.Wants), ["gets"] = word(v.Gives), ["mark"] = v.Fits ? "✓" : "✗",
        ["test_loss"] = Spread(m.Last(v.Name).Select(e => e.Epoch.TestLoss), x => Text(x, "f3")),
        ["test_accuracy"] = Spread(m.Last(v.Name).Select(e => e.Epoch.TestAccuracy), Percent),
        ["gradient_norm"] = Text(m.Norm(v.Name), "f3"), ["mistake_ratio"] = Text(m.MistakeRatio(v.Name), "f2"),
        ["not_finite_from"] = Overflows(m).Where(s => s.Loss == v.Name).Select(s => $"±{Text(s.Scale, "n0")} ({s.Nonfinite})").FirstOrDefault("–"),
    };

    static NamedValues Mistake(StudyMeasurements m, LossVariant v, Func<OutputKind, string> word) => new()
    {
        ["loss"] = v.Name, ["criterion"] = v.Criterion, ["expects"] = word(v.Wants), ["gets"] = word(v.Gives),
        ["accuracy"] = Percent(m.End(v.Name).Accuracy), ["test_loss"] = Text(m.End(v.Name).TestLoss, "f2"),
        ["learns_badly"] = IsWorse(m, v.Name, "cross_entropy"), ["costs_no_accuracy"] = !LearnedNothing(m) && !IsWorse(m, v.Name, "cross_entropy"),
        ["is_negative"] = m.End(v.Name).TrainLoss < 0, ["train_loss"] = Text(m.End(v.Name).TrainLoss, "f1"),
    };

    /// <summary>Whether an accuracy is noticeably worse than another. Among trainings that learned nothing, differences say nothing.</summary>
    static bool IsWorse(StudyMeasurements m, string loss, string other) =>
        !LearnedNothing(m) && m.End(loss).Accuracy < m.End(other).Accuracy - NoticeablyWorse;

    /// <summary>Whether cross_entropy, which the others are compared with, is hardly better than always the same answer.</summary>
    static bool LearnedNothing(StudyMeasurements m) =>
        m.End("cross_entropy").Accuracy < m.ConstantAccuracy + LeastLearned * (1 - m.ConstantAccuracy);

    static NamedValues? SameResults(StudyMeasurements m) => Distances(m).Where(d => d.Distance <= SameTraining).ToList() is not { Count: > 0 } same ? null
        : new() { ["names"] = Names(same.Select(d => d.Loss)), ["distance"] = Small(same.Max(d => d.Distance)) };

    static IEnumerable<NamedValues> OtherResults(StudyMeasurements m) =>
        from d in Distances(m)
        where d.Distance > SameTraining && double.IsFinite(d.Distance)
        select new NamedValues { ["loss"] = d.Loss, ["distance"] = Text(d.Distance, "g3"), ["is_accumulated_rounding"] = d.Loss == "nll" && m.IsRounding };

    /// <summary>Largest difference in test loss, over the seeds, between cross_entropy and each other way to compute it.</summary>
    static IEnumerable<(string Loss, double Distance)> Distances(StudyMeasurements m) =>
        from v in m.Variants
        where v.Name is "nll" or "log_of_softmax" or "naive" && m.Last("cross_entropy").Count > 0
        let distances = m.Last("cross_entropy").Zip(m.Last(v.Name), (a, b) => Math.Abs(a.Epoch.TestLoss - b.Epoch.TestLoss))
        select (v.Name, distances.Select(d => double.IsNaN(d) ? double.PositiveInfinity : d).Max());

    /// <summary>The smallest logits at which a loss is not finite, for each loss that has such logits.</summary>
    static IEnumerable<StabilityRow> Overflows(StudyMeasurements m) =>
        m.Stability.Where(s => !s.IsFinite).GroupBy(s => s.Loss).Select(rows => rows.MinBy(s => s.Scale)!);

    static NamedValues? NoOverflow(StudyMeasurements m) =>
        m.Stability.Where(s => s.Loss is "cross_entropy" or "nll").ToList() is not { Count: > 0 } rows || !rows.All(s => s.IsFinite) ? null : new()
        {
            ["names"] = Names(rows.Select(s => s.Loss).Distinct()),
            ["scale"] = Text(rows.Max(s => s.Scale), "n0"), ["error"] = Small(rows.Max(s => s.Error / s.Scale)),
        };

    static IEnumerable<NamedValues> Diverged(StudyMeasurements m) =>
        from row in m.Epochs
        where !double.IsFinite(row.Epoch.TrainLoss) || !double.IsFinite(row.Epoch.TestLoss)
        group row by (row.Loss, row.Seed) into training
        select new NamedValues { ["loss"] = training.Key.Loss, ["seed"] = training.Key.Seed, ["epoch"] = training.Min(e => e.Epoch.Index) };

    static NamedValues? Reduction(StudyMeasurements m)
    {
        if (m.Reduction.Count == 0) return null;
        var batches = m.Reduction.Where(r => r.Seed == m.Reduction[0].Seed).Select(r => (r.LossSum, r.Examples)).ToList();
        var (size, last, mean, average) = (batches[0].Examples, batches[^1].Examples, Reductions.SumOverCount(batches), Reductions.AverageOfMeans(batches));
        var (sgd, adam, difference) = (Median(r => r.SgdRatio), Median(r => r.AdamRatio), Median(r => r.AdamDifference));
        return new()
        {
            ["has_equal_batches"] = last == size, ["has_smaller_last_batch"] = last != size,
            ["batch_size"] = size, ["last_batch_size"] = last, ["weight"] = Text((double)size / last, "f1"),
            ["mean"] = Text(mean, "f5"), ["average_of_means"] = Text(average, "f5"), ["error"] = Small(Math.Abs(average - mean)),
            ["sgd_ratio"] = Text(sgd, "f0"), ["adam_ratio"] = Text(adam, "f3"), ["adam_difference"] = Text(difference * 100, "f1"),
            ["spares_adam"] = Math.Abs(adam - 1) < 0.1 && difference < 0.1,
        };

        double Median(Func<ReductionStep, double> of) => m.Reduction.Select(of).Order().ElementAt(m.Reduction.Count / 2);
    }

    static string Spread(IEnumerable<double> values, Func<double, string> text) => values.ToList() switch
    {
        [var only] => text(only),
        var all when !all.All(double.IsFinite) => text(double.NaN),
        var all => $"{text(all.Average())} ({text(all.Min())}–{text(all.Max())})",
    };

    static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"`{n}`"));

    static string Percent(double share) => Text(share * 100, "f1");

    static string Small(double x) => Text(x, x == 0 ? "0" : "0.0e-0");

    static string Text(double x, string format) => x.ToString(format, CultureInfo.InvariantCulture);

    // Each tag of a section has its own line, which is removed with it.
    [GeneratedRegex(@"^ *\{\{#(?<name>\w+)\}\}\n(?<lines>.*?)^ *\{\{/\k<name>\}\}\n|\{\{(?<name>[^}]+)\}\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\{\{(?<kind>\w+): (?<text>.+)\}\}\n", RegexOptions.Multiline)]
    private static partial Regex Word();
}

/// <summary>Everything that a comparison of losses measured, and what it comes to.</summary>
/// <param name="Subject">The network and the data set, for the title.</param>
/// <param name="Config">The options of the trainings.</param>
/// <param name="Epochs">The trainings.</param>
/// <param name="Equivalence">cross_entropy against nll, step by step.</param>
/// <param name="Stability">The losses on large logits.</param>
/// <param name="Gradients">The gradients at the logits, epoch by epoch.</param>
/// <param name="Reduction">Sum against mean, step by step.</param>
public sealed record StudyMeasurements(
    string Subject, CompareConfig Config, IReadOnlyList<LossEpoch> Epochs, IReadOnlyList<LossDifference> Equivalence,
    IReadOnlyList<StabilityRow> Stability, IReadOnlyList<GradientNorm> Gradients, IReadOnlyList<ReductionStep> Reduction)
{
    // Rounding is 2⁻²⁴ or 2⁻⁵³ of the logits. Whatever is as large in float64 as in float32 is not rounding.
    const double RoundingInFloat32 = 1e-3, RoundingInFloat64 = 1e-11;

    /// <summary>Accuracy of the best constant answer, the most frequent class of the test set, in [0, 1].</summary>
    public double ConstantAccuracy { get; init; }

    /// <summary>The losses that were trained, in the order of the trainings.</summary>
    internal IEnumerable<LossVariant> Variants => Epochs.Select(e => e.Loss).Distinct().Select(LossVariant.Named);

    /// <summary>Whether cross_entropy and nll differed by no more than rounding, in either precision.</summary>
    internal bool IsRounding =>
        Largest("float32") is var (loss32, gradient32) && Math.Max(loss32, gradient32) <= RoundingInFloat32
        && Largest("float64") is var (loss64, gradient64) && Math.Max(loss64, gradient64) <= RoundingInFloat64;

    /// <summary>How far they were apart at most; infinitely, if a difference is NaN or was not measured.</summary>
    internal (double Loss, double Gradient) Largest(string precision)
    {
        var rows = Equivalence.Where(e => e.Precision == precision).ToList();
        return (Max(rows.Select(e => e.Loss)), Max(rows.Select(e => e.Gradient)));

        static double Max(IEnumerable<double> values) =>
            values.Select(v => double.IsNaN(v) ? double.PositiveInfinity : v).DefaultIfEmpty(double.PositiveInfinity).Max();
    }

    /// <summary>The last epoch of each seed of a loss.</summary>
    internal IReadOnlyList<LossEpoch> Last(string loss) =>
        [.. Epochs.Where(e => e.Loss == loss).GroupBy(e => e.Seed).OrderBy(g => g.Key).Select(g => g.MaxBy(e => e.Epoch.Index)!)];

    /// <summary>The means of those.</summary>
    internal (double TrainLoss, double TestLoss, double Accuracy) End(string loss) =>
        (Mean(Last(loss).Select(e => e.Epoch.TrainLoss)), Mean(Last(loss).Select(e => e.Epoch.TestLoss)), Mean(Last(loss).Select(e => e.Epoch.TestAccuracy)));

    /// <summary>The length of a loss's gradient at the logits before the training, mean over the seeds.</summary>
    internal double Norm(string loss) => Mean(Gradients.Where(g => g.Loss == loss && g.Epoch == 0).Select(g => g.Norm));

    /// <summary>How hard a mistake pulled, relative to an example that was right, while there was something to learn: mean over epochs and seeds.</summary>
    internal double MistakeRatio(string loss) => Mean(Gradients.Where(g => g.Loss == loss).Select(g => g.MistakeRatio));

    /// <summary>The mean; NaN of nothing, which no comparison holds for.</summary>
    static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
}
