// The first hundred examples alone.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var data = run.Data with { Name = $"first 100 of {run.Data.Name}", Train = run.Data.Train[..100] };
    var epochs = run.On(data).Train();
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
