// Nesterov's momentum, with options of its own.
#load "../../../scripts/repl.csx"

record Options(bool Nesterov = true) : TrainConfig;

return Script.Run(Args, new Options() { LearningRate = 0.1, Optimizer = "sgd", Momentum = 0.9 }, run =>
{
    var optimizer = WithMomentum(run.Config.LearningRate, run.Config.Momentum!.Value, run.Config.Nesterov);
    var epochs = run.Train(run.Recipe with { Optimizer = optimizer, Reduction = Reduction.Mean });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
