// A function of one number.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { Epochs = 60, BatchSize = 50, LearningRate = 1e-2 }, run =>
{
    var x = Enumerable.Range(-300, 601).Select(i => i / 100f).ToArray();
    var sine = Split.Of(x, x.Select(MathF.Sin).ToArray());
    run = run.On(Dataset.Of("sine", sine, sine));
    var epochs = run.Train(run.Recipe with { Model = Dense(50) >> Tanh >> Dense(run.Data.Outputs), Objective = Objective.Regress(), Reduction = Reduction.Mean });
    WriteLine($"mean squared error {epochs[^1].TestLoss:g3} after {epochs.Count} epochs");
});
