using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of what a trained network sees and where it errs, each a function of the run's CSV files and config.json.</summary>
public static class InferencePlots
{
    // Of more classes each cell is smaller than a pixel; of more than these a cell has no room for its number, and an axis none for all names.
    const int MostClasses = 1000, MostNumbered = 20, MostNamed = 50;

    // What a picture has room for, and memory.
    const int MostTiles = 200, MostPixels = 1 << 21;

    const int ConfusionWidth = 700, ConfusionHeight = 720, GridWidth = 1000, GridMargins = 180;

    const float CaptionSize = 10, ClassWidth = 120;

    /// <summary>A picture of one channel, and what stands below it.</summary>
    sealed record Tile(double[,] Pixels, string Caption);

    /// <summary>The last step of inference: draws the run's pictures from the CSV files that it has written.</summary>
    public static void Draw(RunFolder run)
    {
        foreach (var picture in Of(run)) picture.Save(run);
    }

    /// <summary>The pictures of the run in a folder.</summary>
    /// <exception cref="TorchletException">One of the files that they are drawn from is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var subject = run.Record().Subject;
        var classes = CsvRows.Read(run.PathOf("classes.csv"), "class", f => f.Text("class"), none: "there is no class", most: MostClasses);
        var predictions = CsvRows.Read(run.PathOf("predictions.csv"), "index,label,prediction,confidence", f => Prediction(f, classes.Count),
            none: "nothing was classified");
        var mistakes = CsvRows.Each(run.PathOf("worst_mistakes.csv"), "index,label,prediction,confidence,pixels",
            f => new Mistake(Prediction(f, classes.Count), [.. f.Bytes("pixels")]));
        var units = CsvRows.Each(run.PathOf("first_layer.csv"), "unit,weights", f => new UnitWeights(f.Count("unit"), [.. f.Floats("weights")]));
        return [Confusion(predictions, classes, subject), WorstMistakes(mistakes, classes, subject), FirstLayer(units, subject)];
    }

    static Prediction Prediction(CsvFields f, int classes) =>
        new(f.Count("index"), f.Count("label", most: classes - 1), f.Count("prediction", most: classes - 1), (float)f.Number("confidence"));

    /// <summary>confusion.png, how often each class was taken for each other: a cell's colour is its share of its row.</summary>
    internal static Picture Confusion(IReadOnlyList<Prediction> predictions, IReadOnlyList<string> classes, string subject)
    {
        var right = FormattableString.Invariant($"{Inference.Accuracy(predictions) * 100:f2}% of {predictions.Count:n0} examples are right");
        var plot = Plots.Titled($"Confusion of {subject}", right, classes);
        var confusion = Inference.Confusion(predictions, classes.Count);
        var rows = RowSums(confusion);
        var heatmap = plot.Add.Heatmap(Shares(confusion, rows));
        // Mistakes are rare: on a square-root scale they show beside the diagonal.
        (heatmap.Colormap, heatmap.ManualRange) = (new ScottPlot.Colormaps.Blues().Reversed(), new(0, 1));
        if (classes.Count <= MostNumbered)
            foreach (var (i, j) in Cells(classes.Count))
                Label(plot, $"{confusion[i, j]}", j, classes.Count - 1 - i, confusion[i, j] * 2 > rows[i] ? Colors.White : Colors.Black, 11);
        NameTicks(plot, classes);
        plot.Axes.SetLimits(-0.5, classes.Count - 0.5, -0.5, classes.Count - 0.5);
        plot.XLabel("taken for");
        plot.YLabel("is");
        plot.HideGrid();
        return new("confusion.png", plot, ConfusionWidth, ConfusionHeight);
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
        return Grid("worst_mistakes.png", plot, columns, new ScottPlot.Colormaps.Grayscale(), drawn.Select(m =>
            new Tile(Image([.. m.Pixels.Select(p => (double)p)]), FormattableString.Invariant(
                $"{Name(m.Prediction.Label)} → {Name(m.Prediction.Predicted)}\n{m.Prediction.Confidence:p1}"))));

        string Name(long label) => FittingText.Of(classes[(int)label], font, GridWidth / columns * 0.36f);
    }

    /// <summary>first_layer.png, the weights of each unit as an image.</summary>
    internal static Picture FirstLayer(IEnumerable<UnitWeights> units, string subject)
    {
        var (drawn, all) = Drawable(units, u => u.Weights.Length);
        const string what = "one image a unit: blue weights below zero, red ones above";
        var plot = Plots.Titled($"First layer of {subject}", all ? what : $"{what}; the first {drawn.Count} units");
        return Grid("first_layer.png", plot, columns: 10, new ScottPlot.Colormaps.Balance(),
            drawn.Select(u => new Tile(Image([.. u.Weights.Select(w => (double)w)]), $"{u.Unit}")));
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

    /// <summary>Tiles row by row. The colours of each span its own values, symmetric about zero where it has values below.</summary>
    static Picture Grid(string file, Plot plot, int columns, IColormap colours, IEnumerable<Tile> tiles)
    {
        var rows = 1;
        foreach (var (i, tile) in tiles.Index())
        {
            rows = i / columns + 1;
            var (x, y) = (i % columns, -1.25 * (i / columns));
            var (low, high) = (tile.Pixels.Cast<double>().Min(), tile.Pixels.Cast<double>().Max());
            var heatmap = plot.Add.Heatmap(tile.Pixels);
            heatmap.Position = new CoordinateRect(x - 0.46, x + 0.46, y - 0.46, y + 0.46);
            heatmap.Colormap = colours;
            heatmap.ManualRange = low < 0 ? new(-Math.Max(-low, high), Math.Max(-low, high)) : new(0, high);
            Label(plot, tile.Caption, x, y - 0.62, Colors.Black, CaptionSize);
        }
        plot.Axes.Frameless();
        plot.HideGrid();
        plot.Axes.Title.IsVisible = true;
        plot.Axes.SquareUnits();
        return new(file, plot, GridWidth, GridMargins + rows * (GridWidth - 50) / columns);
    }

    static void Label(Plot plot, string text, double x, double y, Color color, float size)
    {
        var label = plot.Add.Text(text, x, y);
        (label.Alignment, label.LabelFontColor, label.LabelFontSize) = (Alignment.MiddleCenter, color, size);
    }

    /// <summary>A row of pixels as the square that it was cut from, or as one line if it was no square.</summary>
    internal static double[,] Image(double[] values)
    {
        var side = (int)Math.Sqrt(values.Length);
        var (height, width) = side * side == values.Length ? (side, side) : (1, values.Length);
        var image = new double[height, width];
        Buffer.BlockCopy(values, 0, image, 0, values.Length * sizeof(double));
        return image;
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
