// A learning rate that warms up for an epoch and goes down in a cosine.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var steps = config.Recipe(data).Steps(data);
    var recipe = config.Recipe(data) with { Optimizer = Adam(Schedules.WarmupCosine(config.LearningRate, steps / config.Epochs, steps)) };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
