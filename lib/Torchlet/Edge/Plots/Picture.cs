using ScottPlot;

namespace Torchlet;

/// <summary>A plot, and the file that it belongs into.</summary>
/// <param name="File">The file's name in a run's folder.</param>
/// <param name="Plot">The plot.</param>
/// <param name="Width">In points; the file has twice as many pixels.</param>
/// <param name="Height">As the width.</param>
sealed record Picture(string File, Plot Plot, int Width = 800, int Height = 500)
{
    /// <summary>Writes it as a PNG.</summary>
    public void Save(RunFolder run)
    {
        foreach (var title in Plot.Axes.GetPanels().OfType<ScottPlot.Panels.TitlePanel>()) title.Label.Text = FittingText.Of(title.Label.Text, title.Label, Width - TitleMargins);
        AtomicFile.Write(run.PathOf(File), path => Plot.SavePng(path, 2 * Width, 2 * Height));
    }

    // Titles are centred over the axes' frame, which lies right of the picture's middle.
    const int TitleMargins = 100;
}
