// The first hundred examples alone.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    data = data with { Name = $"first 100 of {data.Name}", Train = data.Train[..100] };
    var recipe = config.Recipe(data);
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
