#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Where a conv net looks: the gradient of the winning score at each pixel. Simonyan et al. 2013, arXiv:1312.6034.
//   dotnet run run.cs -- scripts/gallery/saliency.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/saliency.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 3 }, run =>
{
    run = Gallery.On(run);
    var model = Conv(16, 3, padding: 1) >> Relu >> MaxPool(2) >> Conv(32, 3, padding: 1) >> Relu >> MaxPool(2) >> Flatten >> Dense(64) >> Relu >> Dense(10);
    var recipe = new Recipe(model, Objective.Classify(), Adam(1e-3)) { BatchSize = 128 };

    foreach (var training in Gallery.Train(run, "", new Variant("conv net", recipe, Published.TestAccuracy(""))))
    {
        using var scope = NewDisposeScope();
        var (net, some) = (training.Best().ToModel().To(CPU), run.Data.Test[..Math.Min(100, run.Data.Test.Count)].To(CPU));
        var (_, slope) = Gradient.ValueAndGrad(x => net.Apply(x).amax([1]).sum())(Batches.Floats(some.Inputs));
        var heat = slope.abs() / slope.abs().amax([1, 2, 3], keepdim: true);
        var file = training.Folder.PathOf("saliency.png");
        AtomicFile.Write(file, ContactSheet.Png(some, some with { Inputs = (heat * 255).to(uint8) }));
        WriteLine($"Digits, and how much each pixel counts: {Notice.Shown(file)}");
    }
});
