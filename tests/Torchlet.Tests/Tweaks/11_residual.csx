// Two residual blocks.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var block = Residual(Dense(64) >> Relu >> Dense(64));
    var recipe = config.Recipe(data) with { Model = Dense(64) >> Relu >> block >> Relu >> block >> Relu >> Dense(data.Outputs) };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
