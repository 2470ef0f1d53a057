using System.Collections.Immutable;
using ScottPlot;
using SkiaSharp;

namespace Torchlet;

/// <summary>Pictures of what a trained network sees and where it errs, each a function of the run's CSV files and config.json.</summary>
public static class InferencePlots
{
    // Of more classes each cell is smaller than a pixel; of more than these a cell has no room for its number, and an axis none for all names.
    const int MostClasses = 1000, MostNumbered = 20, MostNamed = 50;

    // Limits of a picture's space and memory.
    const int MostTiles = 200, MostPixels = 1 << 21;

    const int ConfusionWidth = 700, ConfusionHeight = 720, GridWidth = 1000, GridMargins = 180;

    const float CaptionSize = 10, ClassWidth = 120;

    /// <summary>A drawing in a rectangle, its ratio of width to height, and the text below it.</summary>
    sealed record Tile(Action<Plot, CoordinateRect> Draw, double Ratio, string Caption);

    /// <summary>The last step of inference: draws the run's pictures from the CSV files that it has written.</summary>
    public static void Draw(RunFolder run) => Picture.Save(Of(run), run);

    /// <summary>The pictures of the run in a folder.</summary>
    /// <exception cref="TorchletException">One of the files that they are drawn from is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var subject = run.Record().Subject;
        var classes = LogFiles.Classes.Read(run.Folder, none: "it holds no class", most: MostClasses).Select(c => c.Class).ToList();
        var predictions = LogFiles.Predictions(classes.Count).Read(run.Folder, none: "nothing was classified");
        var mistakes = LogFiles.Mistakes(classes.Count).Each(run.Folder);
        var units = LogFiles.FirstLayer.Each(run.Folder);
        // Inputs other than images have no picture.
        var areImages = mistakes.FirstOrDefault() is not { Pixels: [] };
        return
        [
            Confusion(predictions, classes, subject), Reliability(predictions, subject),
            .. areImages ? [WorstMistakes(mistakes, classes, subject)] : Array.Empty<Picture>(),
            FirstLayer(units, subject),
        ];
    }

    /// <summary>confusion.png, how often each class was taken for each other: a cell's colour is its share of its row.</summary>
    internal static Picture Confusion(IReadOnlyList<Prediction> predictions, IReadOnlyList<string> classes, string subject)
    {
        var right = FormattableString.Invariant(
            $"{Inference.Accuracy(predictions) * 100:f2}% of {Plural.Of(predictions.Count, "example is", "examples are")} classified correctly");
        var plot = Plots.Titled($"Confusion of {subject}", right, classes);
        var confusion = Inference.Confusion(predictions, classes.Count);
        var rows = RowSums(confusion);
        var heatmap = plot.Add.Heatmap(Shares(confusion, rows));
        // Mistakes are rare: a square-root scale makes them visible next to the diagonal.
        (heatmap.Colormap, heatmap.ManualRange) = (new ScottPlot.Colormaps.Blues().Reversed(), new(0, 1));
        if (classes.Count <= MostNumbered)
            foreach (var (i, j) in Cells(classes.Count))
                Label(plot, $"{confusion[i, j]}", j, classes.Count - 1 - i, confusion[i, j] * 2 > rows[i] ? Colors.White : Colors.Black, 11);
        NameTicks(plot, classes);
        plot.Axes.SetLimits(-0.5, classes.Count - 0.5, -0.5, classes.Count - 0.5);
        plot.XLabel("predicted");
        plot.YLabel("actual");
        plot.HideGrid();
        return new("confusion.png", plot, ConfusionWidth, ConfusionHeight);
    }

    /// <summary>reliability.png, how often the network is right when it is so sure: one that knows how sure it may be is on the diagonal.</summary>
    internal static Picture Reliability(IReadOnlyList<Prediction> predictions, string subject)
    {
        var bins = Calibration.Bins(predictions);
        var (examples, count) = (Plural.Of(bins.Sum(b => b.Count), "example"), Plural.Of(bins.Count, "bin"));
        var plot = Plots.Titled($"Reliability of {subject}", FormattableString.Invariant(
            $"expected calibration error {Calibration.ExpectedError(bins) * 100:f2}% over {examples} in {count}"));
        foreach (var bin in bins.Where(b => b.Count > 0))
        {
            var bar = plot.Add.Bar((bin.Low + bin.High) / 2 * 100, bin.Accuracy * 100).Bars[0];
            (bar.Size, bar.FillColor) = ((bin.High - bin.Low) * 95, Colors.SteelBlue.WithAlpha(0.6));
            Label(plot, FormattableString.Invariant($"{bin.Count:n0}"), bar.Position, bar.Value + 2, Colors.Black, 9);
        }
        var points = bins.Where(b => b.Count > 0).ToList();
        var means = plot.Add.Markers(points.Select(b => b.Confidence * 100).ToArray(), points.Select(b => b.Accuracy * 100).ToArray(),
            MarkerShape.FilledCircle, 7, Colors.Black);
        means.LegendText = "accuracy at the mean confidence of each bin, with its number of examples";
        var ideal = plot.Add.Line(0, 0, 100, 100);
        (ideal.LineColor, ideal.LinePattern, ideal.LegendText) = (Colors.DimGray, LinePattern.Dashed, "perfect calibration");
        plot.Axes.SetLimits(0, 100, 0, 105);
        plot.XLabel("confidence (%)");
        plot.YLabel("accuracy (%)");
        return Plots.LegendBelow("reliability.png", plot, ConfusionHeight);
    }

    /// <summary>The classes' names at both axes: all of them, or every so many where they would not fit; upright where they are wider than a cell.</summary>
    static void NameTicks(Plot plot, IReadOnlyList<string> classes)
    {
        var style = plot.Axes.Bottom.TickLabelStyle;
        var step = (classes.Count + MostNamed - 1) / MostNamed;
        var named = classes.Index().Where(c => c.Index % step == 0)
            .Select(c => (Place: (double)c.Index, Name: FittingText.Of(c.Item, style, ClassWidth))).ToList();
        plot.Axes.Bottom.SetTicks([.. named.Select(n => n.Place)], [.. named.Select(n => n.Name)]);
        plot.Axes.Left.SetTicks([.. named.Select(n => classes.Count - 1 - n.Place)], [.. named.Select(n => n.Name)]);
        using var paint = Paint.NewDisposablePaint();
        var widest = named.Max(n => style.Measure(n.Name, paint).Width);
        if (widest <= (ConfusionWidth - widest) / named.Count) return;
        (style.Rotation, style.Alignment) = (-90, Alignment.MiddleRight);
        plot.Axes.Bottom.MinimumSize = widest + 40;
    }

    /// <summary>worst_mistakes.png, the mistakes that the network was surest of.</summary>
    internal static Picture WorstMistakes(IEnumerable<Mistake> mistakes, IReadOnlyList<string> classes, string subject)
    {
        const int columns = 8;
        var (drawn, all) = Drawable(mistakes, m => m.Pixels.Length);
        var what = drawn.Count == 0 ? "there is none" : "label → prediction, confidence";
        var plot = Plots.Titled($"Worst mistakes of {subject}", all ? what : $"{what}; the first {drawn.Count}", classes);
        var font = new LabelStyle { FontName = plot.Axes.Title.Label.FontName, FontSize = CaptionSize };
        return Grid("worst_mistakes.png", plot, columns, [.. drawn.Select(m => TileOf(m, FormattableString.Invariant(
            $"{Name(m.Prediction.Label)} → {Name(m.Prediction.Predicted)}\n{m.Prediction.Confidence:p1}")))]);

        string Name(long label) => FittingText.Of(classes[(int)label], font, GridWidth / columns * 0.36f);
    }

    /// <summary>first_layer.png, the weights of each unit as an image.</summary>
    internal static Picture FirstLayer(IEnumerable<UnitWeights> units, string subject)
    {
        var (drawn, all) = Drawable(units, u => u.Weights.Length);
        var what = "one image a unit: blue weights below zero, red ones above" + drawn switch
        {
            [{ Shape: [3, _, _] }, ..] => "; of red, green and blue light",
            [{ Shape: [_] }, ..] => "; a bar for each input",
            _ => "",
        };
        var plot = Plots.Titled($"First layer of {subject}", all ? what : $"{what}; the first {drawn.Count} units");
        return Grid("first_layer.png", plot, columns: 10, [.. drawn.Select(u =>
            Heat(u.Shape, [.. u.Weights.Select(w => (double)w)], new ScottPlot.Colormaps.Balance(), $"{u.Unit}"))]);
    }

    /// <summary>reconstructions.png of reconstructions.csv: rows of examples, and below each the network's reconstruction, in the same shades.</summary>
    /// <exception cref="TorchletException">The file is damaged.</exception>
    internal static Picture Reconstructions(RunFolder run, string subject)
    {
        const int columns = 10;
        var (drawn, _) = Drawable(LogFiles.Reconstructions.Each(run.Folder), r => r.Wanted.Length + r.Made.Length);
        var plot = Plots.Titled($"Reconstructions by {subject}", "examples of the test set, and below each its reconstruction");
        return Grid("reconstructions.png", plot, columns, [.. drawn.Chunk(columns).SelectMany(row =>
            Padded(row.Select(r => Tile(r, r.Wanted, $"{r.Index}"))).Concat(Padded(row.Select(r => Tile(r, r.Made, "")))))]);

        static Tile Tile(Reconstruction example, IEnumerable<float> pixels, string caption) =>
            Heat(example.Shape, [.. pixels.Select(p => (double)p)], new ScottPlot.Colormaps.Grayscale(), caption, example.Wanted.Max());

        static IEnumerable<Tile?> Padded(IEnumerable<Tile> row) => row.Concat(Enumerable.Repeat<Tile?>(null, columns)).Take(columns);
    }

    /// <summary>As many of the first rows as there is room for in a picture, and whether that is all of them.</summary>
    static (IReadOnlyList<T> Rows, bool IsAll) Drawable<T>(IEnumerable<T> rows, Func<T, int> pixels)
    {
        var (drawn, left) = (new List<T>(), MostPixels);
        foreach (var row in rows)
        {
            left -= pixels(row);
            if (drawn.Count == MostTiles || left < 0) return (drawn, false);
            drawn.Add(row);
        }
        return (drawn, true);
    }

    /// <summary>Tiles row by row, all as wide and high as the first; null where a place stays free.</summary>
    static Picture Grid(string file, Plot plot, int columns, IReadOnlyList<Tile?> tiles)
    {
        var ratio = tiles is [{ } first, ..] ? first.Ratio : 1;
        var (width, height) = (0.92 * Math.Min(1, ratio), 0.92 * Math.Min(1, 1 / ratio));
        var (rows, step) = ((Math.Max(1, tiles.Count) + columns - 1) / columns, height + 0.33);
        foreach (var (i, tile) in tiles.Index())
        {
            if (tile is null) continue;
            var (x, y) = (i % columns, -step * (i / columns));
            tile.Draw(plot, new(x - width / 2, x + width / 2, y - height / 2, y + height / 2));
            Label(plot, tile.Caption, x, y - height / 2 - 0.16, Colors.Black, CaptionSize);
        }
        plot.Axes.Frameless();
        plot.HideGrid();
        plot.Axes.Title.IsVisible = true;
        plot.Axes.SquareUnits();
        return new(file, plot, GridWidth, GridMargins + (int)(rows * (GridWidth - 50) / columns * step / 1.25));
    }

    internal static void Label(Plot plot, string text, double x, double y, Color color, float size, Alignment alignment = Alignment.MiddleCenter)
    {
        var label = plot.Add.Text(text, x, y);
        (label.Alignment, label.LabelFontColor, label.LabelFontSize) = (alignment, color, size);
    }

    static Tile TileOf(Mistake mistake, string caption) => mistake.Shape is [3, var height, var width]
        ? new((plot, rectangle) => plot.Add.ImageRect(Coloured(mistake.Pixels, (int)width, (int)height), rectangle).AntiAlias = false,
            (double)width / height, caption)
        : Heat(mistake.Shape, [.. mistake.Pixels.Select(p => (double)p)], new ScottPlot.Colormaps.Grayscale(), caption);

    /// <summary>Numbers as colours that span them, symmetric about zero if some are negative; otherwise from 0 to white.</summary>
    static Tile Heat(ImmutableArray<long> shape, double[] numbers, IColormap colours, string caption, double? white = null)
    {
        var (values, ratio) = Matrix(shape, numbers);
        var (low, high) = (values.Cast<double>().Min(), values.Cast<double>().Max());
        ScottPlot.Range range = white is { } most ? new(0, most) : low < 0 ? new(-Math.Max(-low, high), Math.Max(-low, high)) : new(0, high);
        return new((plot, rectangle) => AddHeat(plot, values, rectangle, colours, range), ratio, caption);
    }

    /// <summary>Numbers as colours that fill a rectangle.</summary>
    internal static void AddHeat(Plot plot, double[,] values, CoordinateRect rectangle, IColormap colours, ScottPlot.Range range)
    {
        var heatmap = plot.Add.Heatmap(values);
        // It is drawn half a cell beyond its position.
        var (x, y) = (rectangle.Width / values.GetLength(1) / 2, rectangle.Height / values.GetLength(0) / 2);
        heatmap.Position = new(rectangle.Left + x, rectangle.Right - x, rectangle.Bottom + y, rectangle.Top - y);
        (heatmap.Colormap, heatmap.ManualRange) = (colours, range);
    }

    /// <summary>The channels of an image side by side, and how much wider than high that is; numbers of any other shape as one row, in a square.</summary>
    internal static (double[,] Values, double Ratio) Matrix(ImmutableArray<long> shape, double[] values)
    {
        var (channels, height, width) = shape is [1 or 3, var h, var w] ? ((int)shape[0], (int)h, (int)w) : (1, 1, values.Length);
        // ScottPlot draws nothing of a single row or column, so there are two.
        var matrix = new double[Math.Max(2, height), Math.Max(2, channels * width)];
        for (var y = 0; y < matrix.GetLength(0); y++)
            for (var x = 0; x < matrix.GetLength(1); x++)
                matrix[y, x] = values[(x / width % channels * height + y % height) * width + x % width];
        return (matrix, height == 1 ? 1 : (double)channels * width / height);
    }

    internal static ScottPlot.Image Coloured(ImmutableArray<byte> planes, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var plane = width * height;
        var to = bitmap.GetPixelSpan();
        for (var i = 0; i < plane; i++)
            (to[4 * i], to[4 * i + 1], to[4 * i + 2], to[4 * i + 3]) = (planes[i], planes[plane + i], planes[2 * plane + i], byte.MaxValue);
        return new(bitmap);
    }

    static double[,] Shares(long[,] confusion, long[] rows)
    {
        var shares = new double[rows.Length, rows.Length];
        foreach (var (i, j) in Cells(rows.Length)) shares[i, j] = Math.Sqrt((double)confusion[i, j] / Math.Max(1, rows[i]));
        return shares;
    }

    static long[] RowSums(long[,] confusion)
    {
        var classes = Enumerable.Range(0, confusion.GetLength(0)).ToList();
        return [.. classes.Select(i => classes.Sum(j => confusion[i, j]))];
    }

    static IEnumerable<(int I, int J)> Cells(int count) => from i in Enumerable.Range(0, count) from j in Enumerable.Range(0, count) select (i, j);
}
