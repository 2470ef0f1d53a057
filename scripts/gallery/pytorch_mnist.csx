#!/usr/bin/env dotnet-script
// PyTorch's examples/mnist.
//   dotnet run run.cs -- scripts/gallery/pytorch_mnist.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/pytorch_mnist.csx -- [options]
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 14 }, (config, stop) =>
{
    var data = Gallery.Data(config, stop);
    var model = Function(x => (x - 0.1307) / 0.3081) >> Conv(32, 3) >> Relu >> Conv(64, 3) >> Relu >> MaxPool(2) >> Dropout(0.25)
        >> Flatten >> Dense(128) >> Relu >> Dropout(0.5) >> Dense(10);
    var stepsPerEpoch = Batches.Count(data.Train.Count, 64);

    Gallery.Train(config, data, "PyTorch, examples/mnist", stop,
        new Variant("convnet", new(model, Objective.Classify(NllOfLogSoftmax), Adadelta(Schedules.Step(1.0, stepsPerEpoch, 0.7)))
        {
            BatchSize = 64, Reduction = Reduction.Mean,
        }, Published.TestAccuracy("0.9912 to 0.9924")));
});
