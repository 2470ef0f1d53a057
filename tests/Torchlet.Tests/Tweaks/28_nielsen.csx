// The network of Nielsen's first chapter.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { LearningRate = 3, BatchSize = 10, Epochs = 30 }, run =>
{
    var normal = Initializer.Normal(1).Weight;
    var init = new Initializer(normal, normal);
    var (model, halfSquares) = (Dense(30, init) >> Sigmoid >> Dense(10, init) >> Sigmoid, Objective.Classify((p, y) => 5 * MeanSquaredError(p, y)));
    var recipe = new Recipe(model, halfSquares, Sgd(run.Config.LearningRate)) { Epochs = run.Config.Epochs, BatchSize = run.Config.BatchSize };
    var epochs = run.Train(recipe);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
