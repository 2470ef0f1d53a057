// The network of Nielsen's first chapter.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { LearningRate = 3, BatchSize = 10, Epochs = 30 }, (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var normal = Initializer.Normal(1).Weight;
    var init = new Initializer(Initializer.Own, normal, normal);
    var (model, halfSquares) = (Dense(30, init) >> Sigmoid >> Dense(10, init) >> Sigmoid, Objective.Classify((p, y) => 5 * MeanSquaredError(p, y)));
    var recipe = new Recipe(model, halfSquares, Sgd(config.LearningRate)) { Epochs = config.Epochs, BatchSize = config.BatchSize, Reduction = Reduction.Mean };
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
