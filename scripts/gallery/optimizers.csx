#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Four optimizers on one deep net, step by step: chapter 6 of Deep Learning from Scratch.
//   dotnet run run.cs -- scripts/gallery/optimizers.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/optimizers.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

var model = Mlp.Layer([100, 100, 100, 100], Relu, 10, Initializer.He);

Recipe By(Transform optimizer) => new(model, Objective.Classify(), optimizer) { BatchSize = 128 };

// The book's losses are those of single batches, at step 1,900.
return Gallery.RunSteps(Args, new GalleryConfig { Epochs = 5 }, "Saitoh, Deep Learning from Scratch, ch. 6", 2000,
[
    ("SGD", By(Sgd(0.01)), "0.150"),
    ("Momentum", By(WithMomentum(0.01)), "0.050"),
    ("AdaGrad", By(Adagrad(0.01, epsilon: 1e-7)), "0.016"),
    ("Adam", By(Adam(0.001)), "0.032"),
]);
