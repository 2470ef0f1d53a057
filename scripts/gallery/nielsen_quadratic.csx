#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Thirty sigmoids and a quadratic cost: chapter 1 of Nielsen's book.
//   dotnet run run.cs -- scripts/gallery/nielsen_quadratic.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/nielsen_quadratic.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

Initializer.Draw normal = (random, shape, _, _) => random.Normal(shape, 0, 1);
var init = new Initializer(normal, normal); // Biases are drawn, too.
var model = Dense(30, init) >> Sigmoid >> Dense(10, init) >> Sigmoid;

// ½ Σ (output − one-hot)²: the library's loss is the mean over ten classes.
static Tensor Quadratic(Tensor output, Tensor labels) => MeanSquaredError(output, labels) * 5;

return Gallery.Run(Args, new GalleryConfig { Epochs = 30 }, "Nielsen, Neural Networks and Deep Learning, ch. 1", data =>
[
    new Variant("quadratic cost", new(model, Objective.Classify(Quadratic), Sgd(3.0)) { BatchSize = 10 }, Published.BestTestAccuracy("0.9542")),
],
first: 50_000);
