// Two residual blocks.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var block = Residual(Dense(64) >> Relu >> Dense(64));
    var epochs = run.Train(run.Recipe with { Model = Dense(64) >> Relu >> block >> Relu >> block >> Relu >> Dense(run.Data.Outputs) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
