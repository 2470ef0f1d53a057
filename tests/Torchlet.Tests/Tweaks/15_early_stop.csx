// Stops when a tenth that is held out gets no better for three epochs.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { Epochs = 100 }, (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop).Hold(0.1, config.Seed);
    var recipe = config.Recipe(data);
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | EarlyStop.After(3)
        | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
