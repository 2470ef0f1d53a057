#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// A hundred sigmoids, cross-entropy and weight decay: chapter 3 of Nielsen's book.
//   dotnet run run.cs -- scripts/gallery/nielsen_cross_entropy.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/nielsen_cross_entropy.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

Initializer.Draw normal = (random, shape, _, _) => random.Normal(shape, 0, 1);
var init = new Initializer(normal, normal); // Biases are drawn, too.

// Of ten sigmoids, each for itself, and not of one softmax.
static Tensor CrossEntropies(Tensor logits, Tensor labels) =>
    nn.functional.binary_cross_entropy_with_logits(logits, nn.functional.one_hot(labels.@long(), 10).@float(), reduction: nn.Reduction.None).sum(1);

// 50,000 images of MNIST; the others are for validation.
static Dataset Held(Dataset all) => all.Train.Count * 5 / 6 is var count ? all with { Train = all.Train[..count], Validation = all.Train[count..] } : all;

return Gallery.Run(Args, new GalleryConfig { Epochs = 30 }, "Nielsen, Neural Networks and Deep Learning, ch. 3", data =>
[
    new Variant("cross-entropy", new(Dense(100, init) >> Sigmoid >> Dense(10, init), Objective.Classify(CrossEntropies),
        Chain(AddDecayedWeights(5.0 / data.Train.Count, only: Slot.IsWeight), Sgd(0.5))) { BatchSize = 10 },
        new Published("best validation accuracy", "0.9792", epochs => epochs.Max(e => e.Validation!["accuracy"]))),
],
choose: Held);
