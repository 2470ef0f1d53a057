// Each training image moved by up to two pixels, anew in each epoch.
#load "../../../scripts/repl.csx"

static Batch Shifted(Batch batch, TorchRandom random)
{
    var windows = nn.functional.pad(batch.Inputs, (2, 2, 2, 2)).unfold(2, 28, 1).unfold(3, 28, 1);
    var place = random.Uniform([2, batch.Count], 0, 5).Numbers.to(int64);
    return batch with { Inputs = windows.squeeze(1).index(arange(batch.Count), place[0], place[1]).unsqueeze(1) };
}

return Script.Run(Args, new TrainConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var recipe = config.Recipe(data) with { Augment = Shifted };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
