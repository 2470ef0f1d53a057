// Images through 32 numbers and back, and what becomes of a hundred of them.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var epochs = run.Train(run.Recipe with { Model = Dense(32) >> Relu >> Dense(28 * 28) >> Sigmoid, Objective = Objective.Reconstruct });
    var shown = run.Data.Test[..100];
    var again = (run.Best().Apply(shown.Inputs) * 255).to(uint8).view(-1, 1, 28, 28);
    File.WriteAllBytes(run.Folder.PathOf("again.png"), ContactSheet.Png(shown, shown with { Inputs = again }));
    WriteLine($"{epochs[^1].TestLoss:g3} after {epochs.Count} epochs");
});
