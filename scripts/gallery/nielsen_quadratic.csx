#!/usr/bin/env dotnet-script
// Thirty sigmoids and a quadratic cost: chapter 1 of Nielsen's book.
//   dotnet run run.cs -- scripts/gallery/nielsen_quadratic.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/nielsen_quadratic.csx -- [options]
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 30 }, (config, stop) =>
{
    var data = Gallery.Data(config, stop, first: 50_000);
    Initializer.Draw normal = (random, shape, _, _) => random.Normal(shape, 0, 1);
    var init = new Initializer("own", normal, normal); // Biases are drawn, too.
    var model = Dense(30, init) >> Sigmoid >> Dense(10, init) >> Sigmoid;

    // ½ Σ (output − one-hot)²: the library's loss is the mean of ten classes.
    Tensor Quadratic(Tensor output, Tensor labels) => MeanSquaredError(output, labels) * 5;

    Gallery.Train(config, data, "Nielsen, Neural Networks and Deep Learning, ch. 1", stop,
        new Variant("quadratic cost", new(model, Objective.Classify(Quadratic), Sgd(3.0)) { BatchSize = 10, Reduction = Reduction.Mean },
            Published.BestTestAccuracy("0.9542")));
});
