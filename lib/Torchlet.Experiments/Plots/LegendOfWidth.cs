using ScottPlot;

namespace Torchlet;

/// <summary>A legend as wide as it is told, and as high as its entries then need.</summary>
/// <remarks>ScottPlot's own measures a legend below the axes as one line without an end, and cuts off whatever does not fit in there.</remarks>
/// <param name="width">In points.</param>
sealed class LegendOfWidth(float width) : ILegendLayout
{
    readonly ScottPlot.LegendLayouts.Wrapping rows = new();

    public LegendLayout GetLayout(Legend legend, LegendItem[] items, PixelSize maxSize, Paint paint) =>
        rows.GetLayout(legend, items, new PixelSize(width, float.PositiveInfinity), paint);

    /// <summary>The legend's height in points.</summary>
    public float HeightOf(Legend legend)
    {
        using var paint = Paint.NewDisposablePaint();
        return legend.GetLayout(PixelSize.Infinity, paint).LegendRect.Height;
    }
}
