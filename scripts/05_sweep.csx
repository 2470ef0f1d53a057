#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../run.cs" -- "$0" "$@"'
// Runs a script once for each combination of options, side by side here or on a cluster. The same command again does only what is missing.
//   dotnet run run.cs -- scripts/05_sweep.csx 02_train_cross_entropy --grid lr=1e-4,1e-3 --grid "hidden=50,100;128,64" --seeds 0..4 [--help]
//   dotnet script scripts/05_sweep.csx -- 02_train_cross_entropy [options]   (after dotnet build lib/Csx)
#load "../lib/bin/torchlet.csx"
using Torchlet;

return Script.Run(SweepArguments.Of(Args), new SweepConfig(), run =>
{
    using var sweep = Sweep.Of(run);
    if (run.Config.DryRun)
    {
        sweep.Print();
        return;
    }
    var folder = sweep.Begin();
    if (!SweepEngines.Run(sweep, folder, run.Stop)) return; // Other processes run the cells now.

    SweepSummary.Write(sweep, folder);
    SweepPlots.Draw(folder);
    WriteLine($"All cells: {Notice.Shown(Report.Write(folder))}");
    sweep.Check(folder);
});
