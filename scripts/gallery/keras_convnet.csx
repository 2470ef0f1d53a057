#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// The convnet of Keras's first example.
//   dotnet run run.cs -- scripts/gallery/keras_convnet.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/keras_convnet.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

var glorot = new Initializer((random, shape, fanIn, fanOut) => random.Uniform(shape, -Math.Sqrt(6.0 / (fanIn + fanOut)), Math.Sqrt(6.0 / (fanIn + fanOut))));
var model = Conv(32, 3, init: glorot) >> Relu >> MaxPool(2) >> Conv(64, 3, init: glorot) >> Relu >> MaxPool(2)
    >> Flatten >> Dropout(0.5) >> Dense(10, glorot);

return Gallery.Run(Args, new GalleryConfig { Epochs = 15 }, "Keras, Simple MNIST convnet", data =>
[
    new Variant("convnet", new(model, Objective.Classify(), Adam(1e-3, epsilon: 1e-7)) { BatchSize = 128 },
        Published.TestAccuracy("0.9922"), Published.TestLoss("0.0240")),
],
choose: data => data.First(data.Train.Count * 9 / 10)); // Keras holds out the last tenth.
