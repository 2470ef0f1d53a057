#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// PyTorch's examples/mnist.
//   dotnet run run.cs -- scripts/gallery/pytorch_mnist.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/pytorch_mnist.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

var model = Function(x => (x - 0.1307) / 0.3081) >> Conv(32, 3) >> Relu >> Conv(64, 3) >> Relu >> MaxPool(2) >> Dropout(0.25)
    >> Flatten >> Dense(128) >> Relu >> Dropout(0.5) >> Dense(10);

return Gallery.Run(Args, new GalleryConfig { Epochs = 14 }, "PyTorch, examples/mnist", data =>
[
    new Variant("convnet", new(model, Objective.Classify(NllOfLogSoftmax), Adadelta(Schedules.Step(1.0, Batches.Count(data.Train.Count, 64), 0.7)))
    {
        BatchSize = 64,
    }, Published.TestAccuracy("0.9912 to 0.9924")),
]);
