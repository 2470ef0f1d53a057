#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// A net that learns 300 images by heart, and what weight decay and dropout do about it: chapter 6 of Deep Learning from Scratch.
//   dotnet run run.cs -- scripts/gallery/overfitting.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/overfitting.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

const int Epochs = 201; // Of weight decay; the book gives dropout 301.

// The book's dropout leaves what it keeps as large as it was, and makes everything smaller by its share when the net is used.
static Recipe Net(double dropout, double decay) => new(
    Layer.Serial(Enumerable.Repeat(Dense(100, Initializer.He) >> Relu >> Dropout(dropout) >> (x => x * (1 - dropout)), 6)) >> Dense(10, Initializer.He),
    Objective.Classify(), Chain(AddDecayedWeights(decay, only: Slot.IsWeight), Sgd(0.01))) { BatchSize = 100 };

return Gallery.Run(Args, new GalleryConfig { Epochs = 301 }, "Saitoh, Deep Learning from Scratch, ch. 6", data =>
[
    new Variant("neither", Net(0, 0), At(Epochs, "", "")),
    new Variant("weight decay 0.1", Net(0, 0.1), At(Epochs, "0.927", "0.721")),
    new Variant("dropout 0.2", Net(0.2, 0), At(301, "0.67", "0.548")),
],
first: 300, choose: data => data with { Validation = data.Train }); // The book compares the test set with the examples that are trained on.

static ImmutableArray<Published> At(int epoch, string train, string test) =>
[
    new($"accuracy on the 300, epoch {epoch}", train, epochs => epochs[Math.Min(epoch, epochs.Count) - 1].Validation!["accuracy"]),
    new($"test accuracy, epoch {epoch}", test, epochs => epochs[Math.Min(epoch, epochs.Count) - 1].TestAccuracy),
];
