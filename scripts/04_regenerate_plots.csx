#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../run.cs" -- "$0" "$@"'
// Redraws every picture of earlier runs from their CSV files and config.json; training runs named together also over one another.
//   dotnet run run.cs -- scripts/04_regenerate_plots.csx [RUN…; --help]
//   dotnet script scripts/04_regenerate_plots.csx -- [RUN…]   (after dotnet build lib/Csx)
#load "../lib/bin/torchlet.csx"
using Torchlet;

return Script.Run(Args, new RedrawConfig(), run =>
{
    var drawn = (Redraw.Each(Redraw.Folders(run.Config.Runs), ("05_sweep", SweepPlots.Of)) | Redraw.Print).ToList();

    if (Redraw.Overlay(run, drawn) is { } overlay) WriteLine($"Over one another: {Notice.Shown(overlay.Folder)}");
    foreach (var whole in drawn.Select(d => d.Run).Where(Report.IsIn)) Report.Write(whole); // A sweep's cells.
    WriteLine($"All runs: {Notice.Shown(Report.Write())}");
    Redraw.Check(drawn);
});
