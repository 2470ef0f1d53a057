#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../run.cs" -- "$0" "$@"'
// Trains 784-50-100-10 with sigmoids on MNIST: cross_entropy of raw logits, summed over each batch, minimised by Adam.
//   dotnet run run.cs -- scripts/02_train_cross_entropy.csx [--epochs 10 --lr 2e-4 --hidden 50,100 …; --help]
//   dotnet script scripts/02_train_cross_entropy.csx -- [options]   (after dotnet build lib/Csx)
#load "../lib/bin/torchlet.csx"
using Torchlet;

var defaults = new TrainConfig { Epochs = 10, LearningRate = 2e-4, BatchSize = 512, Hidden = [50, 100] };

return Script.Run(Args, defaults, run =>
{
    var recipe = run.Recipe; // with { Model = …, Optimizer = … } to train another one.

    // One training, or with --seeds one for each seed. run.Train(recipe) does all of this.
    foreach (var training in run.Trainings(recipe))
    {
        var epochs = training.Epochs()
            | Clock.Time
            | training.Display
            | training.Log
            | training.KeepBest
            | training.KeepLast
            | training.EarlyStop
            | training.TensorBoard
            | training.Draw;

        training.Export(); // --save-pt and --save-onnx
        WriteLine(ConsoleReport.Best(epochs));
    }
});
