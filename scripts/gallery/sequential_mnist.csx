#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Digits read row by row by three kinds of recurrent cells. Le et al. 2015, arXiv:1504.00941, read them pixel by pixel.
//   dotnet run run.cs -- scripts/gallery/sequential_mnist.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/sequential_mnist.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

return Gallery.Run(Args, new GalleryConfig { Epochs = 3 }, "", data =>
[
    .. from cell in new[] { Rnn(64), Lstm(64), Gru(64) }
       let model = Reshape(28, 28) >> Recurrent(cell) >> Dense(10)
       let optimizer = Chain(ClipByGlobalNorm(1), Adam(2e-3))
       select new Variant(cell.Text, new(model, Objective.Classify(), optimizer) { BatchSize = 128 }, Published.TestAccuracy("")),
]);
