#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// The mean of the weights of the last epochs, next to the weights of the last one. Izmailov et al. 2018, arXiv:1803.05407.
//   dotnet run run.cs -- scripts/gallery/swa.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/swa.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

return Gallery.Run(Args, new GalleryConfig { Epochs = 10 }, "", data =>
{
    var epoch = Batches.Count(data.Train.Count, 128);
    var optimizer = Chain(WithMomentum(0.1), MeanOfParameters(every: epoch, after: 3 * epoch)); // From epoch 4 on.
    var recipe = new Recipe(Dense(256) >> Relu >> Dense(256) >> Relu >> Dense(10), Objective.Classify(), optimizer) { BatchSize = 128 };
    return
    [
        new("mean of weights", recipe, Published.TestAccuracy(""),
            new Published("test accuracy of the mean", "", epochs => epochs[^1].Averaged!["accuracy"])),
    ];
});
