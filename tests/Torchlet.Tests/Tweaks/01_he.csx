// Relu between layers that start as He et al. say.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Model = Mlp.Layer(run.Config.Hidden, Relu, run.Data.Outputs, Initializer.He) });
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
