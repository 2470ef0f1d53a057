#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// The order of four models in LeCun et al. 1998, by today's means: softmax, relu, Adam.
//   dotnet run run.cs -- scripts/gallery/lecun_1998.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/lecun_1998.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

var lenet = Conv(6, 5, padding: 2) >> Tanh >> AvgPool(2) >> Conv(16, 5) >> Tanh >> AvgPool(2)
    >> Flatten >> Dense(120) >> Tanh >> Dense(84) >> Tanh >> Dense(10);

Variant Of(string name, Layer model, string error) => new(name, new(model, Objective.Classify(), Adam(1e-3)) { BatchSize = 128 },
    new Published("test error (%)", error, epochs => 100 * (1 - epochs[^1].TestAccuracy)));

// The order is what can be compared: the paper trained with squared errors and its own step sizes.
return Gallery.Run(Args, new GalleryConfig { Epochs = 10 }, "LeCun et al. 1998", data =>
[
    Of("linear", Dense(10), "12.0"),
    Of("300", Mlp.Layer([300], Tanh, 10), "4.7"),
    Of("300+100", Mlp.Layer([300, 100], Tanh, 10), "3.05"),
    Of("LeNet-5", lenet, "under 1"),
]);
