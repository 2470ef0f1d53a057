// Weight decay on weights alone.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Optimizer = AdamW(run.Config.LearningRate, decay: 1e-2, only: Slot.IsWeight) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
