#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// A net of one hidden layer, by hand-sized steps: sigmoid as in chapter 4 of Deep Learning from Scratch, relu as in chapter 5.
//   dotnet run run.cs -- scripts/gallery/two_layer_net.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/two_layer_net.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

var small = Initializer.Normal(0.01);

Recipe Net(Layer activation) =>
    new(Dense(50, small) >> activation >> Dense(10, small), Objective.Classify(), Sgd(0.1)) { BatchSize = 100 };

// The book prints after step 9,600, that is after 16 epochs.
return Gallery.Run(Args, new GalleryConfig { Epochs = 16 }, "Saitoh, Deep Learning from Scratch, ch. 4 and 5", data =>
[
    new Variant("sigmoid", Net(Sigmoid), Published.TestAccuracy("0.9465")),
    new Variant("relu", Net(Relu), Published.TestAccuracy("0.969")),
]);
