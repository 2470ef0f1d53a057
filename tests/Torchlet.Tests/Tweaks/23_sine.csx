// A function of one number.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { Epochs = 60, BatchSize = 50, LearningRate = 1e-2 }, (config, stop) =>
{
    var x = Enumerable.Range(-300, 601).Select(i => i / 100f).ToArray();
    var sine = Split.Of(x, x.Select(MathF.Sin).ToArray());
    var data = Dataset.Of("sine", sine, sine);
    var recipe = config.Recipe(data) with { Model = Dense(50) >> Tanh >> Dense(data.Outputs), Objective = Objective.Regress(), Reduction = Reduction.Mean };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"mean squared error {epochs[^1].TestLoss:g3} after {epochs.Count} epochs");
});
