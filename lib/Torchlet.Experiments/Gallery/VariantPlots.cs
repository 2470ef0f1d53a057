using ScottPlot;
using Trainings = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.IReadOnlyList<Torchlet.Epoch>>;

namespace Torchlet;

/// <summary>Pictures of a published result made again, of its variants over one another: means over the seeds, bands from the lowest to the highest.</summary>
static class VariantPlots
{
    // A batch's loss is noisy.
    const int Averaged = 20;

    const int PanelWidth = 320, PanelHeight = 240;

    /// <summary>Whether a run holds those of several variants.</summary>
    public static bool IsOf(RunFolder run) => LogFiles.Steps.IsIn(run.Folder) || TrainingLog.IsOfVariants(run.Folder);

    /// <summary>
    /// steps.png of step_losses.csv; or of log.csv losses.png and accuracies.png, and where the variants stand in panels, panels.png of their accuracies alone.
    /// </summary>
    public static IReadOnlyList<Picture> Of(RunFolder run, RunRecord record) => LogFiles.Steps.IsIn(run.Folder) ? [Steps(run, record)]
        : TrainingLog.Variants(run) is var variants && variants.All(v => v.Name.Contains('/')) ? [Panels(variants)]
        : Plots.Overlay(variants, record.Subject, "variants");

    /// <summary>The training losses of each variant, averaged over some steps at a time.</summary>
    static Picture Steps(RunFolder run, RunRecord record)
    {
        var rows = LogFiles.Steps.Read(run.Folder, none: "no step was taken");
        var plot = Plots.Titled($"Training loss of {rows.DistinctBy(r => r.Variant).Count()} variants", record.Subject, rows.Select(r => r.Variant).Distinct());
        foreach (var variant in rows.GroupBy(row => row.Variant))
        {
            var points = variant.GroupBy(row => (row.Step - 1) / Averaged)
                .Select(group => (group.Key, Seeds: group.GroupBy(row => row.Seed, row => row.Loss).Select(losses => losses.Average()).ToList())).ToList();
            Plots.Curve(plot, points.Count, [.. points.Select(p => BandPoint.Of(p.Key * Averaged + Averaged / 2.0, p.Seeds)).OfType<BandPoint>()], variant.Key);
        }
        plot.XLabel("step");
        plot.YLabel($"training loss (nats per example, mean of {Averaged} steps)");
        return Plots.LegendBelow("steps.png", plot);
    }

    /// <summary>A panel for each name before a slash, with a curve for each after it: of the validation examples, else of the test set.</summary>
    static Picture Panels(IReadOnlyList<(string Name, Trainings Trainings)> variants)
    {
        var isValidated = variants.All(v => v.Trainings.All(t => t.All(e => e.Validation is not null)));
        var unit = isValidated ? "validation accuracy (%)" : "test accuracy (%)";
        var panels = variants.GroupBy(v => v.Name[..v.Name.IndexOf('/')], v => (Name: v.Name[(v.Name.IndexOf('/') + 1)..], v.Trainings)).Select(panel =>
        {
            var plot = Plots.Overlaid(panel.Key, "", unit, [.. panel], e => (isValidated ? e.Validation! : e.Test)["accuracy"] * 100);
            plot.XLabel("epoch");
            plot.Axes.SetLimitsY(0, 105);
            plot.HideLegend();
            return plot;
        }).ToList();
        panels[0].ShowLegend(Alignment.UpperLeft); // One is enough for all of them, and hides the least there.
        var columns = (int)Math.Ceiling(Math.Sqrt(panels.Count));
        return new("panels.png", panels[0], PanelWidth * columns, PanelHeight * ((panels.Count + columns - 1) / columns)) { Others = panels[1..] };
    }
}
