using ScottPlot;

namespace Torchlet;

/// <summary>A plot, and the file that it belongs into.</summary>
/// <param name="File">The file's name in a run's folder.</param>
/// <param name="Plot">The plot; its titles are cut where they are wider than the picture.</param>
/// <param name="Width">In points; the file has twice as many pixels.</param>
/// <param name="Height">As the width.</param>
sealed record Picture(string File, Plot Plot, int Width = 800, int Height = 500)
{
    // Titles are centred over the axes' frame, which lies right of the picture's middle.
    const int TitleMargins = 100;

    public Plot Plot { get; } = Titled(Plot, Width - TitleMargins);

    /// <summary>Writes it as a PNG.</summary>
    public void Save(RunFolder run) => AtomicFile.Write(run.PathOf(File), path => Plot.SavePng(path, 2 * Width, 2 * Height));

    /// <summary>The same as the bytes of a PNG, with its width and height in pixels.</summary>
    public (byte[] Bytes, int Width, int Height) Png() => (Plot.GetImageBytes(2 * Width, 2 * Height, ImageFormat.Png), 2 * Width, 2 * Height);

    static Plot Titled(Plot plot, int width)
    {
        foreach (var title in plot.Axes.GetPanels().OfType<ScottPlot.Panels.TitlePanel>())
            title.Label.Text = FittingText.Of(title.Label.Text, title.Label, width);
        return plot;
    }
}
