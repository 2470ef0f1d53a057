#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Images through 32 numbers and back: the first hundred of the test set, and what becomes of them.
//   dotnet run run.cs -- scripts/gallery/autoencoder.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/autoencoder.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 20 }, run =>
{
    run = Gallery.On(run);
    var model = Flatten >> Dense(128) >> Relu >> Dense(32) >> Relu >> Dense(128) >> Relu >> Dense(28 * 28) >> Sigmoid;
    var recipe = new Recipe(model, Objective.Reconstruct, Adam(1e-3)) { BatchSize = 128 };

    foreach (var training in Gallery.Train(run, "", new Variant("32 numbers", recipe, Published.TestLoss(""))))
    {
        using var scope = NewDisposeScope();
        var shown = run.Data.Test[..Math.Min(100, run.Data.Test.Count)].To(CPU);
        var again = (training.Best().Apply(shown.Inputs) * 255).to(uint8).view(shown.Inputs.shape).cpu();
        var file = training.Folder.PathOf("reconstructions.png");
        AtomicFile.Write(file, ContactSheet.Png(shown, shown with { Inputs = again }));
        WriteLine($"Images and reconstructions: {Notice.Shown(file)}");
    }
});
