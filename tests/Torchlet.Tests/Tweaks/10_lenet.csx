// A convolutional net after LeCun's.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var lenet = Conv(8, 5) >> Relu >> MaxPool(2) >> Conv(24, 5) >> Relu >> MaxPool(2) >> Flatten >> Dense(128) >> Relu >> Dense(run.Data.Outputs);
    var epochs = run.Train(run.Recipe with { Model = lenet });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
