using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of what a network said of drawings, each a function of drawings.csv, drawings_seen.csv, drawings/ and config.json.</summary>
public static class DrawingPlots
{
    const int Columns = 2, RowsOnPage = 6, MostPages = 20;

    const int PageWidth = 1000, PageMargins = 110, RowHeight = 190;

    // A card in units of the two images' side: the drawing, what the network saw, names, bars and probabilities.
    const double CardWidth = 4.1, CardHeight = 1.6, SeenLeft = 1.1, NamesRight = 2.75, BarsLeft = 2.82, BarsWidth = 0.7, BarHeight = 0.2;

    const float NameSize = 13, TextSize = 12, NameWidth = 430, ClassWidth = 70;

    /// <summary>A row of drawings.csv with what the network saw.</summary>
    sealed record Card(int Number, string File, IReadOnlyList<(string Class, double Probability)> Likeliest, string Remark, byte[] Seen);

    /// <summary>The last step of a run on drawings: draws drawings.png, and drawings_2.png … where one has no room for all, from what is in the folder.</summary>
    public static void Draw(RunFolder run)
    {
        foreach (var picture in Of(run)) picture.Save(run);
    }

    /// <summary>Whether the run classified drawings and no data set.</summary>
    internal static bool IsOf(RunFolder run) => run.Record().Options.Any(o => o is { Name: "image", Value: not null });

    /// <summary>The pictures of the run in a folder.</summary>
    /// <exception cref="TorchletException">One of the files that they are drawn from is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var subject = run.Record().Subject;
        var cards = Cards(run);
        var pages = cards.Take(Columns * RowsOnPage * MostPages).Chunk(Columns * RowsOnPage).ToList();
        return [.. pages.Index().Select(page => Page(run, page.Index == 0 ? "drawings.png" : $"drawings_{page.Index + 1}.png", page.Item, subject,
            pages.Count == 1 ? "" : FormattableString.Invariant($"{page.Item[0].Number} to {page.Item[^1].Number} of {cards.Count:n0}")))];
    }

    static List<Card> Cards(RunFolder run)
    {
        var seen = CsvRows.Read(run.PathOf("drawings_seen.csv"), "file,pixels", f => f.Bytes("pixels").ToArray());
        var rows = CsvRows.Read(run.PathOf("drawings.csv"), "file,prediction,probability,second,second_probability,third,third_probability,remark",
            f => (File: f.Text("file"), Likeliest: Likeliest(f), Remark: f.Text("remark")), none: "nothing was classified");
        return rows.Count == seen.Count ? [.. rows.Index().Select(r => new Card(r.Index + 1, r.Item.File, r.Item.Likeliest, r.Item.Remark, seen[r.Index]))]
            : throw new TorchletException(
                $"{run.PathOf("drawings_seen.csv")} has {seen.Count} rows and drawings.csv {rows.Count}, one for each drawing; make the run again.");
    }

    static IReadOnlyList<(string, double)> Likeliest(CsvFields f) =>
        [.. new[] { ("prediction", "probability"), ("second", "second_probability"), ("third", "third_probability") }
            .Where(c => f.Text(c.Item1).Length > 0).Select(c => (f.Text(c.Item1), f.Share(c.Item2)))];

    static Picture Page(RunFolder run, string file, IReadOnlyList<Card> cards, string subject, string which)
    {
        var plot = Plots.Titled(subject, string.Join("; ", new[] { "the drawing, what the network saw of it, and what it takes it for", which }.Where(t => t.Length > 0)),
            cards.SelectMany(c => c.Likeliest.Select(l => l.Class).Append(c.File)));
        var rows = (cards.Count + Columns - 1) / Columns;
        foreach (var (i, card) in cards.Index()) Add(plot, run, card, CardWidth * (i % Columns), -CardHeight * (i / Columns));
        plot.Axes.Frameless();
        plot.HideGrid();
        plot.Axes.Title.IsVisible = true;
        plot.Axes.SetLimits(-0.6, CardWidth * Columns - 0.6, -CardHeight * rows + CardHeight / 2, CardHeight / 2);
        plot.Axes.SquareUnits();
        return new(file, plot, PageWidth, PageMargins + RowHeight * rows);
    }

    /// <summary>A card whose drawing has its middle at (x, y).</summary>
    static void Add(Plot plot, RunFolder run, Card card, double x, double y)
    {
        var font = new LabelStyle { FontName = plot.Axes.Title.Label.FontName, FontSize = NameSize };
        Label(plot, FittingText.Of(card.File, font, NameWidth), x - 0.5, y + 0.62, Alignment.MiddleLeft, Colors.Black, NameSize);
        using var thumbnail = PictureFile.Bitmap(PictureFile.Read(run.PathOf(CsvLog.ThumbnailOf(card.Number))));
        var (width, height) = (thumbnail.Width / 2.0, thumbnail.Height / 2.0);
        var half = 0.5 / Math.Max(width, height);
        Framed(plot, new(x - width * half, x + width * half, y - height * half, y + height * half), r => plot.Add.ImageRect(new(thumbnail), r));
        Framed(plot, new(x + SeenLeft - 0.5, x + SeenLeft + 0.5, y - 0.5, y + 0.5), r =>
        {
            var seen = plot.Add.Heatmap(InferencePlots.Image([.. card.Seen.Select(p => (double)p)]));
            (seen.Position, seen.Colormap, seen.ManualRange) = (r, new ScottPlot.Colormaps.Grayscale(), new(0, byte.MaxValue));
        });
        foreach (var (i, (name, probability)) in card.Likeliest.Index())
        {
            var (middle, colour) = (y + 0.3 - 0.3 * i, i == 0 ? plot.Add.Palette.GetColor(0) : Colors.LightGray);
            Label(plot, FittingText.Of(name, font, ClassWidth), x + NamesRight - 0.5, middle, Alignment.MiddleRight, Colors.Black, TextSize);
            var left = x + BarsLeft - 0.5;
            var bar = plot.Add.Rectangle(left, left + BarsWidth * probability, middle - BarHeight / 2, middle + BarHeight / 2);
            (bar.FillColor, bar.LineWidth) = (colour, 0);
            Label(plot, FormattableString.Invariant($"{probability * 100:f1}%"), left + BarsWidth * probability + 0.05, middle, Alignment.MiddleLeft, Colors.Black, TextSize);
        }
        Label(plot, FittingText.Of(card.Remark, font, NameWidth), x - 0.5, y - 0.62, Alignment.MiddleLeft, Colors.FireBrick, TextSize);
    }

    static void Framed(Plot plot, CoordinateRect place, Action<CoordinateRect> draw)
    {
        draw(place);
        var frame = plot.Add.Rectangle(place);
        (frame.FillColor, frame.LineColor, frame.LineWidth) = (Colors.Transparent, Colors.Gray, 1);
    }

    static void Label(Plot plot, string text, double x, double y, Alignment alignment, Color color, float size)
    {
        var label = plot.Add.Text(text, x, y);
        (label.Alignment, label.LabelFontColor, label.LabelFontSize) = (alignment, color, size);
    }
}
