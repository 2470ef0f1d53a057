// The focal loss, judged by plain cross-entropy.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Objective = Objective.Classify(Focal(2), evaluation: CrossEntropy) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
