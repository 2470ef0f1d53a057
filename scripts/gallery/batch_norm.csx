#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Deep nets with and without batch norm, from first weights of sixteen sizes: chapter 6 of Deep Learning from Scratch.
//   dotnet run run.cs -- scripts/gallery/batch_norm.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/batch_norm.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

static Recipe Net(double std, Layer norm)
{
    var init = Initializer.Normal(std);
    var hidden = Enumerable.Repeat(Dense(100, init) >> norm >> Relu, 5);
    return new(Layer.Serial(hidden) >> Dense(10, init), Objective.Classify(), Sgd(0.01)) { BatchSize = 100, AllowNonFinite = true };
}

return Gallery.Run(Args, new GalleryConfig { Epochs = 20 }, "Saitoh, Deep Learning from Scratch, ch. 6", data =>
[
    .. from power in Enumerable.Range(0, 16)
       let std = Math.Pow(10, -4 * power / 15.0)
       from variant in new[] { ("batch norm", BatchNorm()), ("without", Identity) }
       select new Variant($"std {std:g3}/{variant.Item1}", Net(std, variant.Item2)),
],
first: 1000, choose: data => data with { Validation = data.Train }); // The book draws the accuracy on the examples that are trained on.
