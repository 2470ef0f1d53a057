#!/usr/bin/env dotnet-script
// The convnet of Keras's first example.
//   dotnet run run.cs -- scripts/gallery/keras_convnet.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/keras_convnet.csx -- [options]
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 15 }, (config, stop) =>
{
    var data = Gallery.Data(config, stop);
    data = data.First(data.Train.Count * 9 / 10); // Keras holds out the last tenth.
    var glorot = new Initializer((random, shape, fanIn, fanOut) => Math.Sqrt(6.0 / (fanIn + fanOut)) is var a ? random.Uniform(shape, -a, a) : default);
    var model = Conv(32, 3, init: glorot) >> Relu >> MaxPool(2) >> Conv(64, 3, init: glorot) >> Relu >> MaxPool(2)
        >> Flatten >> Dropout(0.5) >> Dense(10, glorot);

    Gallery.Train(config, data, "Keras, Simple MNIST convnet", stop,
        new Variant("convnet", new(model, Objective.Classify(), Adam(1e-3, epsilon: 1e-7)) { BatchSize = 128, Reduction = Reduction.Mean },
            Published.TestAccuracy("0.9922"), Published.TestLoss("0.0240")));
});
