using System.Collections.Immutable;
using ScottPlot;

namespace Torchlet;

/// <summary>Pictures of a network's answers to drawings, each a function of drawings.csv, drawings_seen.csv, drawings/ and config.json.</summary>
public static class DrawingPlots
{
    const int Columns = 2, RowsOnPage = 6, MostPages = 20;

    const int PageWidth = 1000, PageMargins = 110, RowHeight = 190;

    // A card in units of the two images' side, from the middle of the first one: the drawing, what the network saw of it, and the bars.
    const double CardWidth = 4.1, CardHeight = 1.6, Seen = 1.1, BarsLeft = 1.78, BarsRight = 3.33, BarStep = 0.36, BarHeight = 0.08;

    const float TextSize = 13, CardTextWidth = 450, ClassWidth = 120;

    /// <summary>A row of drawings.csv with its number, from 1, and the pixels that the network was given.</summary>
    sealed record Card(int Number, DrawingRow Answer, ImmutableArray<byte> Pixels, ImmutableArray<long> Shape);

    /// <summary>
    /// The last step of a run on drawings: draws drawings.png, and drawings_2.png … where one has no room for all, from what is in the folder.
    /// </summary>
    public static void Draw(RunFolder run) => Picture.Save(Of(run), run);

    /// <summary>Whether the run classified drawings and no data set.</summary>
    internal static bool IsOf(RunFolder run) => run.Record().Options.Any(o => o is { Name: "image", Value: not null });

    /// <summary>The pictures of the run in a folder.</summary>
    /// <exception cref="TorchletException">One of the files that they are drawn from is missing or damaged.</exception>
    internal static IReadOnlyList<Picture> Of(RunFolder run)
    {
        var subject = run.Record().Subject;
        var cards = Cards(run);
        var pages = cards.Take(Columns * RowsOnPage * MostPages).Chunk(Columns * RowsOnPage).ToList();
        return [.. pages.Index().Select(page => Sheet(run, page.Index == 0 ? "drawings.png" : $"drawings_{page.Index + 1}.png", page.Item, subject,
            pages.Count == 1 ? "" : FormattableString.Invariant($"{page.Item[0].Number} to {page.Item[^1].Number} of {cards.Count:n0}")))];
    }

    static List<Card> Cards(RunFolder run)
    {
        var seen = LogFiles.DrawingsSeen.Read(run.Folder);
        var answers = LogFiles.Drawings.Read(run.Folder, none: "nothing was classified");
        return answers.Count == seen.Count ? [.. answers.Zip(seen).Select((row, i) => new Card(i + 1, row.First, row.Second.Pixels, row.Second.Shape))]
            : throw new TorchletException(
                $"{run.PathOf(LogFiles.DrawingsSeen.Name)} has {seen.Count} rows and drawings.csv {answers.Count}, one for each drawing; make the run again.");
    }

    static Picture Sheet(RunFolder run, string file, IReadOnlyList<Card> cards, string subject, string which)
    {
        var what = cards.Any(c => c.Shape is [3, ..]) ? "the picture, the network's input, and its prediction"
            : "the drawing, the network's input, and its three likeliest classes";
        var plot = Plots.Titled(subject, which.Length == 0 ? what : $"{what}; {which}",
            cards.Select(c => c.Answer).SelectMany(a => a.Likeliest.Select(l => l.Class).Append(a.File)));
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
        var font = new LabelStyle { FontName = plot.Axes.Title.Label.FontName, FontSize = TextSize };
        Label(plot, FittingText.Of(card.Answer.File, font, CardTextWidth), x - 0.5, y + 0.62, Alignment.MiddleLeft, Colors.Black);
        using var thumbnail = PictureFile.Bitmap(PictureFile.Read(run.PathOf(CsvLog.ThumbnailOf(card.Number))));
        var (width, height) = (thumbnail.Width / 2.0, thumbnail.Height / 2.0);
        var half = 0.5 / Math.Max(width, height);
        Framed(plot, new(x - width * half, x + width * half, y - height * half, y + height * half), r => plot.Add.ImageRect(new(thumbnail), r));
        var (across, down) = card.Shape is [_, var h, var w] ? (0.5 * w / Math.Max(h, w), 0.5 * h / Math.Max(h, w)) : (0.5, 0.5);
        Framed(plot, new(x + Seen - across, x + Seen + across, y - down, y + down), r =>
        {
            if (card.Shape is [3, var tall, var wide])
            {
                plot.Add.ImageRect(InferencePlots.Coloured(card.Pixels, (int)wide, (int)tall), r).AntiAlias = false;
                return;
            }
            var (pixels, _) = InferencePlots.Matrix(card.Shape, [.. card.Pixels.Select(p => (double)p)]);
            InferencePlots.AddHeat(plot, pixels, r, new ScottPlot.Colormaps.Grayscale(), new(0, byte.MaxValue));
        });
        foreach (var (i, (name, probability)) in card.Answer.Likeliest.Index())
        {
            var (left, right, top) = (x + BarsLeft, x + BarsRight, y + 0.42 - BarStep * i);
            Label(plot, FittingText.Of(name, font, ClassWidth), left, top, Alignment.MiddleLeft, Colors.Black);
            Label(plot, FormattableString.Invariant($"{probability * 100:f1}%"), right, top, Alignment.MiddleRight, Colors.Black);
            Bar(plot, left, right, top - 0.13, Colors.WhiteSmoke);
            Bar(plot, left, left + (right - left) * probability, top - 0.13, i == 0 ? Colors.SteelBlue : Colors.LightSteelBlue);
        }
        Label(plot, FittingText.Of(card.Answer.Remark, font, CardTextWidth), x - 0.5, y - 0.62, Alignment.MiddleLeft, Colors.FireBrick);
    }

    static void Bar(Plot plot, double left, double right, double middle, Color colour)
    {
        var bar = plot.Add.Rectangle(left, right, middle - BarHeight / 2, middle + BarHeight / 2);
        (bar.FillColor, bar.LineWidth) = (colour, 0);
    }

    static void Framed(Plot plot, CoordinateRect place, Action<CoordinateRect> draw)
    {
        draw(place);
        var frame = plot.Add.Rectangle(place);
        (frame.FillColor, frame.LineColor, frame.LineWidth) = (Colors.Transparent, Colors.Silver, 1);
    }

    static void Label(Plot plot, string text, double x, double y, Alignment alignment, Color color) =>
        InferencePlots.Label(plot, text, x, y, color, TextSize, alignment);
}
