#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Six convolutions with dropout: chapter 8 of Deep Learning from Scratch.
//   dotnet run run.cs -- scripts/gallery/deep_conv_net.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/deep_conv_net.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

var he = Initializer.He;
// The book's dropout leaves what it keeps as large as it was, and halves everything when the net is used.
var dropout = Dropout(0.5) >> (x => x * 0.5);

Layer Pair(int channels, int padding = 1) =>
    Conv(channels, 3, padding: 1, init: he) >> Relu >> Conv(channels, 3, padding: padding, init: he) >> Relu >> MaxPool(2);

var model = Pair(16) >> Pair(32, padding: 2) >> Pair(64) >> Flatten >> Dense(50, he) >> Relu >> dropout >> Dense(10, he) >> dropout;

return Gallery.Run(Args, new GalleryConfig { Epochs = 20 }, "Saitoh, Deep Learning from Scratch, ch. 8", data =>
[
    new Variant("deep conv net", new(model, Objective.Classify(), Adam(0.001)) { BatchSize = 100 }, Published.TestAccuracy("about 0.994")),
]);
