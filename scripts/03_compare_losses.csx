#!/usr/bin/env dotnet-script
// Trains the same network with cross_entropy on raw logits and with nll_loss on log_softmax, from the same weights and batches,
// and measures how far the two are apart: log_softmax followed by nll_loss is cross_entropy, in two steps.
//   dotnet run --project lib/Csx -- scripts/03_compare_losses.csx [--epochs 10 --seeds 0,1,2 …; --help]
//   dotnet script scripts/03_compare_losses.csx -- [options]
#load "../lib/bin/torchlet.csx"
using Torchlet;

return Script.Run(Args, new CompareConfig { Epochs = 10, Losses = ["cross_entropy", "nll"] }, (config, stop) =>
{
    var device = Devices.Pick(config.Device);
    var data = Datasets.Load(config.Data, stop).To(device);
    var run = RunFolder.Create("03_compare_losses", config, data, device);
    ConsoleReport.Header(data, device, run);

    var display = LiveDisplay.For(config);
    var epochs = (Comparison.Run(config, data, Clock.Time, stop, display)
        | display.Compared
        | CsvLog.Compared(run)
        | RunIndex.Compared(run, config, stop)).ToList();

    var differences = (Comparison.Differences(config, data, epochs, Losses.CrossEntropy, Losses.NllOfLogSoftmax)
        | CsvLog.Differences(run)).ToList();

    WriteLine($"Largest difference of cross_entropy and nll on the test set: {differences.Max(d => d.Loss):e1} in a loss, {differences.Max(d => d.Gradient):e1} in a gradient");
});
