// The average of the parameters, evaluated next to them.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Optimizer = Chain(Adam(run.Config.LearningRate), AverageParameters(0.9)) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
