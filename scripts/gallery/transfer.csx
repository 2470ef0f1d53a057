#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Transfer from the digits 0 to 4 to 5 to 9, of which there are 100 images: layers drawn, taken over, and frozen. Yosinski et al. 2014, arXiv:1411.1792.
//   dotnet run run.cs -- scripts/gallery/transfer.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/transfer.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 30 }, run =>
{
    run = Gallery.On(run);
    using var scope = NewDisposeScope();
    // The same data with the digits of a range alone, as labels 0 to 4.
    Split Digits(Split split, int first)
    {
        var part = split.At((split.Targets - first).clamp(0, 4).eq(split.Targets - first).nonzero().flatten());
        return part with { Targets = part.Targets - first };
    }
    Dataset Part(int first, int? most) => Dataset.Of($"{run.Data.Name}, {first} to {first + 4}",
        Digits(run.Data.Train, first) is var train && most < train.Count ? train[..most.Value] : train, Digits(run.Data.Test, first));

    var model = Conv(16, 5, stride: 2) >> Relu >> Conv(32, 3, stride: 2) >> Relu >> Flatten >> Dense(64) >> Relu >> Dense(5).As("head");
    var recipe = new Recipe(model, Objective.Classify(), Adam(1e-3)) { BatchSize = 64 };
    var known = Part(0, null);
    var trained = (Training.Epochs(recipe with { Epochs = 3 }, known, stop: run.Stop) | ConsoleReport.Plain | Enumerable.Last)
        .State!.Model(recipe.Net(known));

    static bool IsBody(Slot slot) => !slot.Name.StartsWith("head", StringComparison.Ordinal);
    var taken = recipe with { BatchSize = 20, Start = Start.Of(trained.To(CPU), only: IsBody) };
    Gallery.Train(run.On(Part(5, 100)), "",
        new Variant("drawn", recipe with { BatchSize = 20 }, Published.BestTestAccuracy("")),
        new Variant("taken over", taken, Published.BestTestAccuracy("")),
        new Variant("taken over and frozen", taken with { Optimizer = Chain(Adam(1e-3), Freeze(IsBody)) }, Published.BestTestAccuracy("")));
});
