// Label smoothing, judged by plain cross-entropy.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Objective = Objective.Classify(Smoothed(0.1), evaluation: CrossEntropy) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
