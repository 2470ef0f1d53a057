#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Three first weights of one deep net, step by step: chapter 6 of Deep Learning from Scratch.
//   dotnet run run.cs -- scripts/gallery/initializers.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/initializers.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

static Recipe From(Initializer weights) => new(Mlp.Layer([100, 100, 100, 100], Relu, 10, weights), Objective.Classify(), Sgd(0.01)) { BatchSize = 128 };

// The book's losses are those of single batches, at step 1,900. Its Xavier counts the inputs alone, as LeCun does.
return Gallery.RunSteps(Args, new GalleryConfig { Epochs = 5 }, "Saitoh, Deep Learning from Scratch, ch. 6", 2000,
[
    ("std 0.01", From(Initializer.Normal(0.01)), "2.305"),
    ("Xavier", From(Initializer.LeCun), "0.377"),
    ("He", From(Initializer.He), "0.286"),
]);
