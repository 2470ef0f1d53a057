// Images through 32 numbers and back, and what becomes of a hundred of them.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var recipe = config.Recipe(data) with { Model = Dense(32) >> Relu >> Dense(28 * 28) >> Sigmoid, Objective = Objective.Reconstruct };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    var (saved, shown) = (Weights.Load(run.PathOf("best.safetensors")), data.Test[..100]);
    var again = (saved.ToModel().Apply(Batches.Floats(shown.Inputs)) * 255).to(uint8).view(-1, 1, 28, 28);
    File.WriteAllBytes(run.PathOf("again.png"), ContactSheet.Png(shown, shown with { Inputs = again }));
    WriteLine($"{epochs[^1].TestLoss:g3} after {epochs.Count} epochs");
});
