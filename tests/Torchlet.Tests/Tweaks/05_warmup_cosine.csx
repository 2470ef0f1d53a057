// A learning rate that warms up for an epoch and goes down in a cosine.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var steps = run.Recipe.Steps(run.Data);
    var epochs = run.Train(run.Recipe with { Optimizer = Adam(Schedules.WarmupCosine(run.Config.LearningRate, steps / run.Config.Epochs, steps)) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
