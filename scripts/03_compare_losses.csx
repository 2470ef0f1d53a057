#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../run.cs" -- "$0" "$@"'
// Trains the same network with each loss from the same weights and batches, and measures which losses are one function, which
// overflow, which learn, and what a sum or a mean of them does. The answer is in summary.md.
//   dotnet run run.cs -- scripts/03_compare_losses.csx [--epochs 5 --seeds 0,1,2 --losses … --language ko; --help]
//   dotnet script scripts/03_compare_losses.csx -- [options]   (after dotnet build lib/Csx)
#load "../lib/bin/torchlet.csx"
using Torchlet;

return Script.Run(Args, new CompareConfig { Epochs = 5, Seeds = [0, 1, 2], Language = StudySummary.Language(Environment.GetEnvironmentVariable) }, run =>
{
    var (config, data, folder, stop) = (run.Config, run.Data, run.Folder, run.Stop);
    foreach (var complaint in Comparison.Complaints(config, data)) Notice.Warn(complaint);

    WriteLine("Equivalence: cross_entropy and nll at every step …");
    var equivalence = (Equivalence.Differences(config, data, stop) | CsvLog.Equivalence(folder)).ToList();

    WriteLine("Stability: every loss on large logits …");
    var stability = (Stability.Rows(config.Losses, config.Seed) | CsvLog.Stability(folder)).ToList();

    WriteLine("Reduction: sum and mean at every step of an epoch …");
    var reduction = (Reductions.Steps(config, data, stop) | CsvLog.Reduction(folder)).ToList();

    WriteLine("Learning, and the gradients at the logits of every epoch's network:");
    var display = LiveDisplay.For(config);
    var learned = (Comparison.Epochs(config, data, Clock.Time, stop, display)
        | display.ShowCompared(config)
        | CsvLog.Compared(folder)
        | GradientNorms.Beside(config, data, stop)).ToList();
    var gradients = (learned.SelectMany(l => l.Norms) | CsvLog.Gradients(folder)).ToList();

    StudyPlots.Draw(folder);
    var measured = new StudyMeasurements(
        run.Recipe.Subject(data), config, [.. learned.Select(l => l.Epoch)], equivalence, stability, gradients, reduction)
    {
        ConstantAccuracy = Metrics.LargestShare(data.Test.Targets),
    };
    folder.Write("summary.md", StudySummary.Markdown(measured, config.Language));
    WriteLine($"Answer: {Notice.Shown(folder.PathOf("summary.md"))}");
});
