using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of what a trained network sees and where it errs, each a function of the run's CSV files and config.json.</summary>
public static class InferencePlots
{
    /// <summary>A picture of one channel, and what stands below it.</summary>
    sealed record Tile(double[,] Pixels, string Caption);

    /// <summary>The last step of inference: draws the run's pictures from the CSV files that it has written.</summary>
    public static void Draw(RunFolder run)
    {
        foreach (var picture in Of(run)) picture.Save(run);
    }

    /// <summary>
    /// confusion.png, how often each class was taken for each other (a cell's colour is its share of its row); worst_mistakes.png, the
    /// mistakes that the network was surest of; and first_layer.png, the weights of each unit as an image.
    /// </summary>
    /// <exception cref="TorchletException">One of the files that they are drawn from is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var subject = run.Record().Subject;
        var classes = CsvRows.Read(run.PathOf("classes.csv"), "class", f => f.Text("class"));
        var predictions = CsvRows.Read(run.PathOf("predictions.csv"), "index,label,prediction,confidence", f => Prediction(f, classes.Count));
        var mistakes = CsvRows.Read(run.PathOf("worst_mistakes.csv"), "index,label,prediction,confidence,pixels",
            f => new Mistake(Prediction(f, classes.Count), [.. f.Bytes("pixels")]));
        var units = CsvRows.Read(run.PathOf("first_layer.csv"), "unit,weights", f => new UnitWeights(f.Whole("unit"), [.. f.Floats("weights")]));
        if (predictions.Count == 0) throw new TorchletException($"{run.PathOf("predictions.csv")} has no row: nothing was classified.");

        var right = FormattableString.Invariant($"{Inference.Accuracy(predictions) * 100:f2}% of {predictions.Count:n0} examples are right");
        return
        [
            new("confusion.png", Confusion(Inference.Confusion(predictions, classes.Count), classes, subject, right), 700, 720),
            new("worst_mistakes.png", WorstMistakes(mistakes, classes, subject), 1000, 800),
            new("first_layer.png", FirstLayer(units, subject), 1000, 180 + 95 * ((units.Count + 9) / 10)),
        ];
    }

    static Prediction Prediction(CsvFields f, int classes)
    {
        return new(f.Whole("index"), Class("label"), Class("prediction"), (float)f.Number("confidence"));

        int Class(string column) =>
            f.Whole(column) is var c && c >= 0 && c < classes ? c : throw f.Wrong(column, $"want 0 to {classes - 1}, got {c}");
    }

    static Plot Confusion(long[,] confusion, IReadOnlyList<string> classes, string subject, string right)
    {
        var plot = Plots.Titled($"Confusion of {subject}", right, classes);
        var heatmap = plot.Add.Heatmap(Shares(confusion));
        // Mistakes are rare: on a square-root scale they show beside the diagonal.
        (heatmap.Colormap, heatmap.ManualRange) = (new ScottPlot.Colormaps.Blues().Reversed(), new(0, 1));
        foreach (var (i, j) in Cells(classes.Count))
            Label(plot, $"{confusion[i, j]}", j, classes.Count - 1 - i, confusion[i, j] * 2 > RowSum(confusion, i) ? Colors.White : Colors.Black, 11);
        var places = Enumerable.Range(0, classes.Count).Select(i => (double)i).ToArray();
        plot.Axes.Bottom.SetTicks(places, [.. classes]);
        plot.Axes.Left.SetTicks([.. places.Reverse()], [.. classes]);
        plot.Axes.SetLimits(-0.5, classes.Count - 0.5, -0.5, classes.Count - 0.5);
        plot.XLabel("taken for");
        plot.YLabel("is");
        plot.HideGrid();
        return plot;
    }

    static Plot WorstMistakes(IEnumerable<Mistake> mistakes, IReadOnlyList<string> classes, string subject)
    {
        var tiles = mistakes.Select(m => new Tile(Image([.. m.Pixels.Select(p => (double)p)]),
            FormattableString.Invariant($"{classes[(int)m.Prediction.Label]} → {classes[(int)m.Prediction.Predicted]}  {m.Prediction.Confidence:p1}")));
        var what = tiles.Any() ? "label → prediction, confidence" : "there is none";
        return Grid([.. tiles], columns: 8, new ScottPlot.Colormaps.Grayscale(), $"Worst mistakes of {subject}", what, classes);
    }

    static Plot FirstLayer(IEnumerable<UnitWeights> units, string subject) =>
        Grid([.. units.Select(u => new Tile(Image([.. u.Weights.Select(w => (double)w)]), $"{u.Unit}"))], columns: 10, new ScottPlot.Colormaps.Balance(),
            $"First layer of {subject}", "one image a unit: blue weights below zero, red ones above", []);

    /// <summary>Tiles row by row. The colours of each span its own values, symmetric about zero where it has values below.</summary>
    static Plot Grid(IReadOnlyList<Tile> tiles, int columns, IColormap colours, string title, string subtitle, IEnumerable<string> texts)
    {
        var plot = Plots.Titled(title, subtitle, texts);
        foreach (var (i, tile) in tiles.Index())
        {
            var (x, y) = (i % columns, -1.25 * (i / columns));
            var (low, high) = (tile.Pixels.Cast<double>().Min(), tile.Pixels.Cast<double>().Max());
            var heatmap = plot.Add.Heatmap(tile.Pixels);
            heatmap.Position = new CoordinateRect(x - 0.46, x + 0.46, y - 0.46, y + 0.46);
            heatmap.Colormap = colours;
            heatmap.ManualRange = low < 0 ? new(-Math.Max(-low, high), Math.Max(-low, high)) : new(0, high);
            Label(plot, tile.Caption, x, y - 0.6, Colors.Black, 10);
        }
        plot.Axes.Frameless();
        plot.HideGrid();
        plot.Axes.Title.IsVisible = true;
        plot.Axes.SquareUnits();
        return plot;
    }

    static void Label(Plot plot, string text, double x, double y, Color color, float size)
    {
        var label = plot.Add.Text(text, x, y);
        (label.Alignment, label.LabelFontColor, label.LabelFontSize) = (Alignment.MiddleCenter, color, size);
    }

    /// <summary>A row of pixels as the square that it was cut from, or as one line if it was no square.</summary>
    static double[,] Image(double[] values)
    {
        var side = (int)Math.Sqrt(values.Length);
        var (height, width) = side * side == values.Length ? (side, side) : (1, values.Length);
        var image = new double[height, width];
        Buffer.BlockCopy(values, 0, image, 0, values.Length * sizeof(double));
        return image;
    }

    static double[,] Shares(long[,] confusion)
    {
        var shares = new double[confusion.GetLength(0), confusion.GetLength(1)];
        foreach (var (i, j) in Cells(confusion.GetLength(0)))
            shares[i, j] = Math.Sqrt((double)confusion[i, j] / Math.Max(1, RowSum(confusion, i)));
        return shares;
    }

    static long RowSum(long[,] confusion, int row) => Enumerable.Range(0, confusion.GetLength(1)).Sum(j => confusion[row, j]);

    static IEnumerable<(int I, int J)> Cells(int count) => from i in Enumerable.Range(0, count) from j in Enumerable.Range(0, count) select (i, j);
}
