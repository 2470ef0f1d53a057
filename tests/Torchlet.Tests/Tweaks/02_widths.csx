// A wider and deeper perceptron.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { Hidden = [512, 256, 128] }, run =>
{
    var epochs = run.Train();
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
