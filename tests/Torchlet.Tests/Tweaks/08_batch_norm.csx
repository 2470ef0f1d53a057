// Batch norm, with its running statistics.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Model = Dense(64) >> BatchNorm() >> Relu >> Dense(32) >> BatchNorm() >> Relu >> Dense(run.Data.Outputs) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
