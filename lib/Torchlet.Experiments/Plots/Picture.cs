using ScottPlot;
using SkiaSharp;

namespace Torchlet;

/// <summary>A plot, and the file that it belongs into.</summary>
/// <param name="File">The file's name in a run's folder.</param>
/// <param name="Plot">The plot; its titles are cut where they are wider than the picture.</param>
/// <param name="Width">In points; the file has twice as many pixels.</param>
/// <param name="Height">As the width.</param>
public sealed record Picture(string File, Plot Plot, int Width = 800, int Height = 500)
{
    // Titles are centred over the axes' frame, which is right of the picture's middle.
    const int TitleMargins = 100;

    /// <summary>The plot.</summary>
    public Plot Plot { get; } = Titled(Plot, Width - TitleMargins);

    /// <summary>Plots that stand after the first one in a grid, row by row; none in most pictures.</summary>
    public IReadOnlyList<Plot> Others { get; init; } = [];

    /// <summary>Draws pictures on all processors, and writes each as a PNG.</summary>
    public static void Save(IReadOnlyList<Picture> pictures, RunFolder run)
    {
        foreach (var (file, bytes) in pictures.AsParallel().AsOrdered().Select(picture => (picture.File, picture.Png().Bytes)))
            AtomicFile.Write(run.PathOf(file), path => System.IO.File.WriteAllBytes(path, bytes));
    }

    /// <summary>The bytes of its PNG, with its width and height in pixels.</summary>
    public (byte[] Bytes, int Width, int Height) Png()
    {
        using var surface = SKSurface.Create(new SKImageInfo(2 * Width, 2 * Height));
        if (Others.Count == 0) Plot.Render(surface.Canvas, 2 * Width, 2 * Height);
        else RenderGrid(surface.Canvas);
        using var pixels = surface.PeekPixels();
        // To try every filter on every line takes longer than the drawing, and makes a plot a fortieth smaller.
        using var png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, zLibLevel: 6))
            ?? throw new InvalidOperationException($"{File}: it cannot be encoded as PNG.");
        return (png.ToArray(), 2 * Width, 2 * Height);
    }

    void RenderGrid(SKCanvas canvas)
    {
        var columns = (int)Math.Ceiling(Math.Sqrt(Others.Count + 1));
        var grid = new Multiplot { Layout = new ScottPlot.MultiplotLayouts.Grid((Others.Count + columns) / columns, columns) };
        grid.Reset(Plot); // It is born with one plot of its own.
        foreach (var plot in Others) grid.AddPlot(plot);
        foreach (var plot in grid.Subplots.GetPlots()) plot.ScaleFactor = 1; // Each would scale the canvas of those after it, too.
        canvas.Scale(2);
        grid.Render(canvas, new PixelRect(0, Width, Height, 0));
    }

    static Plot Titled(Plot plot, int width)
    {
        foreach (var title in plot.Axes.GetPanels().OfType<ScottPlot.Panels.TitlePanel>())
            title.Label.Text = FittingText.Of(title.Label.Text, title.Label, width);
        return plot;
    }
}
