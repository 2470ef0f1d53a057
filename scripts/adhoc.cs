#!/usr/bin/env dotnet
// The library without a script engine, as a .NET 10 file-based app:  dotnet run scripts/adhoc.cs
// Without PublishAot=false the SDK fetches its ahead-of-time compiler first, which an app that is only run does not use.
// Copy it, change it, run it: how far does one hidden layer come, by its width?
#:property PublishAot=false
#:project ../lib/Torchlet.Experiments
using Torchlet;

var data = Datasets.Load("auto");

foreach (var width in new[] { 5, 10, 20, 50 })
{
    var recipe = new TrainConfig { Hidden = [width], LearningRate = 1e-3, Epochs = 3 }.Recipe(data);
    var best = Training.Epochs(recipe, data).MinBy(epoch => epoch.TestLoss)!;
    Console.WriteLine($"{width,3} units: test loss {best.TestLoss:f3}, test accuracy {best.TestAccuracy:p2}");
}
