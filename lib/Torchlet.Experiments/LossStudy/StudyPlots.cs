using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of a comparison of losses. Each is drawn from rows as they stand in the run's CSV files, and from nothing else.</summary>
public static class StudyPlots
{
    /// <summary>How a loss is drawn. The four ways to one number fall on one another: each is thinner than the one below, so that all can be seen.</summary>
    sealed record Look(string Colour, float Width, LinePattern Pattern, MarkerShape Marker);

    /// <summary>The points of a loss that are finite in every seed; not whole if that leaves some out.</summary>
    sealed record Curve(string Loss, IReadOnlyList<BandPoint> Points, bool IsWhole);

    // Okabe and Ito's colours, told apart also by the colour-blind; without their yellow, which is lost on white.
    static readonly IReadOnlyDictionary<string, Look> Looks = new Dictionary<string, Look>
    {
        ["cross_entropy"] = new("#56B4E9", 8, LinePattern.Solid, MarkerShape.None),
        ["nll"] = new("#0072B2", 4.5f, LinePattern.Solid, MarkerShape.None),
        ["log_of_softmax"] = new("#E69F00", 2.5f, LinePattern.DenselyDashed, MarkerShape.None),
        ["naive"] = new("#000000", 1.2f, LinePattern.Dotted, MarkerShape.FilledCircle),
        ["double_softmax"] = new("#D55E00", 3.6f, LinePattern.Solid, MarkerShape.FilledSquare),
        ["nll_on_logits"] = new("#CC79A7", 2.2f, LinePattern.Solid, MarkerShape.FilledTriangleUp),
        ["nll_on_probs"] = new("#009E73", 2.2f, LinePattern.Solid, MarkerShape.FilledDiamond),
        ["mse"] = new("#6E6E6E", 1.2f, LinePattern.DenselyDashed, MarkerShape.OpenCircle),
    };

    const int Width = 900, Height = 500, SeedsWidth = 600;

    const float MarkerSize = 7;

    /// <summary>The last step of a comparison: draws the run's pictures from the CSV files that it has written.</summary>
    public static void Draw(RunFolder run) => Picture.Save(Of(run), run);

    /// <summary>
    /// losses.png and accuracy.png of log.csv, gradient_norm.png and gradient_of_mistakes.png of gradients.csv, stability.png of stability.csv.
    /// </summary>
    /// <exception cref="TorchletException">One of the files that they are drawn from, or config.json, is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var record = run.Record();
        var epochs = LogFiles.Compared.Read(run.Folder, TrainingLog.NoEpoch);
        var norms = LogFiles.Gradients.Read(run.Folder, none: "no gradient was measured");
        var stability = LogFiles.Stability.Read(run.Folder, none: "no loss was measured");
        return [.. OfLearning(epochs, record), .. OfGradients(norms, record), .. OfStability(stability)];
    }

    internal static IReadOnlyList<Picture> OfLearning(IReadOnlyList<LossEpoch> rows, RunRecord run)
    {
        var seeds = Seeds(rows.Select(r => r.Seed));
        return
        [
            new("losses.png", Epochs($"Test cross-entropy of {run.Subject}", run.Settled, "cross-entropy of softmax (nats per example)", seeds,
                Curves(rows, r => r.Loss, r => r.Epoch.Index, r => r.Epoch.TestLoss)), Width, Height),
            new("accuracy.png", Epochs($"Test accuracy of {run.Subject}", run.Settled, "accuracy (% of the test set)", seeds,
                Curves(rows, r => r.Loss, r => r.Epoch.Index, r => r.Epoch.TestAccuracy * 100)), Width, Height),
        ];
    }

    internal static IReadOnlyList<Picture> OfGradients(IReadOnlyList<GradientNorm> rows, RunRecord run)
    {
        var seeds = Seeds(rows.Select(r => r.Seed));
        return
        [
            new("gradient_norm.png", Epochs(
                $"Gradient at the logits of {run.Subject}", run.Settled, "‖∂loss/∂logits‖₂ (mean over the test set)", seeds,
                Curves(rows, r => r.Loss, r => r.Epoch, r => r.Norm)), Width, Height),
            new("gradient_of_mistakes.png", Epochs(
                $"Gradient of mistakes of {run.Subject}", run.Settled, "‖∂loss/∂logits‖₂, wrong examples ÷ right ones", seeds,
                Curves(rows, r => r.Loss, r => r.Epoch, r => r.MistakeRatio)), Width, Height),
        ];
    }

    internal static IReadOnlyList<Picture> OfStability(IReadOnlyList<StabilityRow> rows) => [new("stability.png", Errors(rows), Width, Height)];

    static Plot Errors(IReadOnlyList<StabilityRow> rows)
    {
        var plot = Plots.Titled("Error of each loss in float32, on random logits of growing size");
        var finite = rows.Where(IsDrawn).ToList();
        var top = Math.Log10(finite.Select(r => r.Error).DefaultIfEmpty(1).Max()) + 1;
        foreach (var (name, loss) in rows.GroupBy(r => r.Loss).Select(g => (g.Key, g.ToList())))
        {
            var points = loss.TakeWhile(r => r.IsFinite).Where(IsDrawn).Select(r => (X: Math.Log10(r.Scale), Y: Math.Log10(r.Error))).ToList();
            if (loss.Find(r => !r.IsFinite) is { } end)
            {
                points.Add((Math.Log10(end.Scale), top));
                var mark = plot.Add.Marker(points[^1].X, top, MarkerShape.Eks, 14, Color.FromHex(Looks[name].Colour));
                mark.MarkerLineWidth = 3;
                var text = plot.Add.Text(FormattableString.Invariant($"{name}: {end.Nonfinite} from {end.Scale:g}"), points[^1].X + 0.12, top);
                (text.LabelFontSize, text.LabelFontColor, text.LabelAlignment) = (12, Color.FromHex(Looks[name].Colour), Alignment.MiddleLeft);
                top += 0.9;
            }
            Line(plot, name, [.. points.Select(p => p.X)], [.. points.Select(p => p.Y)]);
        }
        LogTicks(plot.Axes.Bottom, rows.Select(r => r.Scale));
        LogTicks(plot.Axes.Left, finite.Select(r => r.Error));
        plot.Axes.SetLimitsY(finite.Select(r => Math.Log10(r.Error)).DefaultIfEmpty(0).Min() - 0.5, top);
        plot.XLabel("scale: the logits lie in −scale … scale");
        plot.YLabel("largest |loss − cross-entropy in float64| (nats)");
        plot.ShowLegend(Edge.Right);
        return plot;

        static bool IsDrawn(StabilityRow row) => row.IsFinite && row.Error > 0 && double.IsFinite(row.Error);
    }

    static Plot Epochs(string title, string settled, string unit, string seeds, IReadOnlyList<Curve> curves)
    {
        var plot = Plots.Titled(title, settled);
        var values = curves.SelectMany(c => c.Points).SelectMany(p => new[] { p.Low, p.High }).ToList();
        var isLog = NeedLogAxis(values);
        Func<double, double> y = isLog ? Math.Log10 : v => v;
        // Bands that fall on one another are drawn once: four layers of it would be a dark patch.
        foreach (var (name, points, _) in curves.DistinctBy(c => string.Join(' ', c.Points.Select(p => $"{p.Low:g3} {p.High:g3}"))))
            BandPoint.Fill(plot, points, Color.FromHex(Looks[name].Colour), y);
        foreach (var (name, points, isWhole) in curves)
            Line(plot, name, [.. points.Select(p => p.X)], [.. points.Select(p => y(p.Mean))], isWhole ? "" : " (NaN or ∞)");
        if (isLog) LogTicks(plot.Axes.Left, values);
        if (curves.SelectMany(c => c.Points).Select(p => p.X).Distinct().ToList() is [var only]) plot.Axes.SetLimitsX(only - 0.5, only + 0.5);
        plot.Axes.Bottom.TickGenerator = Plots.WholeNumbers();
        plot.XLabel(FittingText.Of($"epoch ({seeds})", plot.Axes.Bottom.Label, SeedsWidth));
        plot.YLabel(unit);
        plot.ShowLegend(Edge.Right);
        return plot;
    }

    static string Seeds(IEnumerable<long> seeds) =>
        seeds.Distinct().ToList() is [var only] ? $"seed {only}" : $"mean and range over seeds {string.Join(", ", seeds.Distinct())}";

    /// <summary>A curve for each loss, in the order in which they come.</summary>
    static IReadOnlyList<Curve> Curves<T>(IEnumerable<T> rows, Func<T, string> loss, Func<T, double> x, Func<T, double> y) =>
    [
        .. from row in rows
           group row by loss(row) into ofLoss
           let points = ofLoss.GroupBy(x, y).Select(p => BandPoint.Of(p.Key, [.. p])).OfType<BandPoint>().ToList()
           select new Curve(ofLoss.Key, points, ofLoss.All(row => double.IsFinite(y(row)))),
    ];

    static void Line(Plot plot, string loss, double[] xs, double[] ys, string remark = "")
    {
        var look = Looks[loss];
        var line = plot.Add.Scatter(xs, ys, Color.FromHex(look.Colour));
        (line.LegendText, line.LineWidth, line.LinePattern) = (loss + remark, look.Width, look.Pattern);
        (line.MarkerShape, line.MarkerSize) = (look.Marker, MarkerSize);
        // A single point has no line to be seen by.
        if (xs.Length == 1 && look.Marker == MarkerShape.None)
            (line.MarkerShape, line.MarkerSize) = (MarkerShape.FilledCircle, MarkerSize + look.Width);
    }

    /// <summary>Whether values need a logarithmic axis: they are positive, and the largest is more than 20 times the smallest.</summary>
    internal static bool NeedLogAxis(IReadOnlyCollection<double> values) => values.Count > 0 && values.Min() > 0 && values.Max() > 20 * values.Min();

    /// <summary>Ticks for an axis that holds logarithms to base 10: powers of ten, and 2 and 5 between them if they fit.</summary>
    internal static void LogTicks(IAxis axis, IEnumerable<double> values)
    {
        var positive = values.Where(v => v > 0).DefaultIfEmpty(1).ToList();
        var (low, high) = ((int)Math.Floor(Math.Log10(positive.Min())), (int)Math.Ceiling(Math.Log10(positive.Max())));
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        var isNarrow = high - low <= 3;
        foreach (var (power, digit) in from p in Enumerable.Range(low, high - low + 1) from d in Enumerable.Range(1, 9) select (p, d))
            if (digit == 1 && !isNarrow) ticks.AddMajor(power, PowerOfTen(power));
            else if (isNarrow && digit is 1 or 2 or 5)
                ticks.AddMajor(power + Math.Log10(digit), FormattableString.Invariant($"{digit * Math.Pow(10, power):g3}"));
            else ticks.AddMinor(power + Math.Log10(digit));
        (axis.TickGenerator, axis.TickLabelStyle.FontName) = (ticks, InterFont.Name); // Other fonts lack superscripts.
    }

    static string PowerOfTen(int power) =>
        power is 0 ? "1" : power is 1 ? "10" : "10" + string.Concat($"{power}".Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));
}
