#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// One convolution: chapter 7 of Deep Learning from Scratch.
//   dotnet run run.cs -- scripts/gallery/simple_conv_net.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/simple_conv_net.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

var small = Initializer.Normal(0.01);
var model = Conv(30, 5, init: small) >> Relu >> MaxPool(2) >> Flatten >> Dense(100, small) >> Relu >> Dense(10, small);

return Gallery.Run(Args, new GalleryConfig { Epochs = 20 }, "Saitoh, Deep Learning from Scratch, ch. 7", data =>
[
    new Variant("conv net", new(model, Objective.Classify(), Adam(0.001)) { BatchSize = 100 }, Published.TestAccuracy("about 0.99")),
]);
