// Gradients no longer than 1.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Optimizer = Chain(ClipByGlobalNorm(1), Adam(run.Config.LearningRate)), Reduction = Reduction.Mean });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
