#!/usr/bin/env dotnet-script
// Trains 784-50-100-10 with sigmoids on MNIST: cross_entropy of raw logits, summed over each batch, minimised by Adam.
//   dotnet run run.cs -- scripts/02_train_cross_entropy.csx [--epochs 10 --lr 2e-4 --hidden 50,100 …; --help]
//   dotnet script scripts/02_train_cross_entropy.csx -- [options]
#load "../lib/bin/torchlet.csx"
using Torchlet;

var defaults = new TrainConfig { Epochs = 10, LearningRate = 2e-4, BatchSize = 512, Hidden = [50, 100], Loss = "cross_entropy" };

return Script.Run(Args, defaults, (config, stop) =>
{
    var device = Devices.Pick(config.Device);
    var data = Datasets.Load(config, stop).To(device);
    var recipe = config.Recipe(data); // with { Model = …, Optimizer = … } is where another one begins.
    var whole = RunFolder.Create(config, data, device, recipe);
    RunHeader.Print(data, device, whole);

    foreach (var run in SeedRuns.Each(whole)) // The one run, or with --seeds a run within it from each seed.
    {
        var display = LiveDisplay.For(config);
        var epochs = Training.Run(run.Recipe!, data, run.Past.State, stop, display)
            | Clock.Time
            | display.Epochs
            | CsvLog.To(run)
            | Checkpoint.KeepBest(run)
            | Checkpoint.KeepLast(run)
            | EarlyStop.After(config.Patience, run.Past.Rows)
            | TensorBoard.To(run, when: config.Tensorboard)
            | Plots.Curves(run);
        DrawPage.Write(run); // To be opened in a browser: draw a digit, and the best weights answer.

        if (config.SavePt is { } pt) Checkpoint.SaveTorch(pt, run);
        if (config.SaveOnnx is { } onnx) Checkpoint.SaveOnnx(onnx, run);
        WriteLine(ConsoleReport.Best(epochs));
    }
});
