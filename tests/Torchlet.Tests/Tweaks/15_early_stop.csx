// Stops when a tenth that is held out gets no better for three epochs.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { Epochs = 100, Patience = 3 }, run =>
{
    var epochs = run.On(run.Data.Hold(0.1, run.Config.Seed)).Train();
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
