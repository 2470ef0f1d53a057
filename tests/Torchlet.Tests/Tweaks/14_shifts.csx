// Each training image moved by up to two pixels, by new draws in each epoch.
#load "../../../scripts/repl.csx"

static Batch Shifted(Batch batch, TorchRandom random)
{
    var windows = nn.functional.pad(batch.Inputs, (2, 2, 2, 2)).unfold(2, 28, 1).unfold(3, 28, 1);
    var place = random.Uniform([2, batch.Count], 0, 5).Numbers.to(int64);
    return batch with { Inputs = windows.squeeze(1).index(arange(batch.Count), place[0], place[1]).unsqueeze(1) };
}

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Augment = Shifted });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
