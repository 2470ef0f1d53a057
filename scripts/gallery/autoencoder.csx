#!/usr/bin/env dotnet-script
// Images through 32 numbers and back: the first hundred of the test set, and what becomes of them.
//   dotnet run run.cs -- scripts/gallery/autoencoder.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/autoencoder.csx -- [options]
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 20 }, (config, stop) =>
{
    var data = Gallery.Data(config, stop);
    var model = Flatten >> Dense(128) >> Relu >> Dense(32) >> Relu >> Dense(128) >> Relu >> Dense(28 * 28) >> Sigmoid;

    var runs = Gallery.Train(config, data, "", stop,
        new Variant("32 numbers", new(model, Objective.Reconstruct, Adam(1e-3)) { BatchSize = 128, Reduction = Reduction.Mean }, Published.TestLoss("")));

    foreach (var run in runs)
    {
        using var scope = NewDisposeScope();
        var (net, shown) = (Weights.Load(run.PathOf("best.safetensors")).ToModel(), data.Test[..Math.Min(100, data.Test.Count)].To(CPU));
        var again = (net.Apply(Batches.Floats(shown.Inputs)) * 255).to(uint8).view(shown.Inputs.shape);
        File.WriteAllBytes(run.PathOf("reconstructions.png"), ContactSheet.Png(shown, shown with { Inputs = again }));
        WriteLine($"Images and reconstructions: {Notice.Shown(run.PathOf("reconstructions.png"))}");
    }
});
