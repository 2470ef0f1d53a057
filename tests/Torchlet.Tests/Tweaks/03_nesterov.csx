// Nesterov's momentum, with options of its own.
#load "../../../scripts/repl.csx"

record Options(bool Nesterov = true) : TrainConfig;

return Script.Run(Args, new Options() { LearningRate = 0.1, Optimizer = "sgd", Momentum = 0.9 }, (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var optimizer = WithMomentum(config.LearningRate, config.Momentum!.Value, config.Nesterov);
    var recipe = config.Recipe(data) with { Optimizer = optimizer, Reduction = Reduction.Mean };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
