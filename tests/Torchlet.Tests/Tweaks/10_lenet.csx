// A convolutional net after LeCun's.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var lenet = Conv(8, 5) >> Relu >> MaxPool(2) >> Conv(24, 5) >> Relu >> MaxPool(2) >> Flatten >> Dense(128) >> Relu >> Dense(data.Outputs);
    var recipe = config.Recipe(data) with { Model = lenet };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run)
        | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
