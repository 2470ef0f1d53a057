#!/usr/bin/env dotnet-script
// One convolution: chapter 7 of Deep Learning from Scratch.
//   dotnet run run.cs -- scripts/gallery/simple_conv_net.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/simple_conv_net.csx -- [options]
#load "../repl.csx"

return Script.Run(Args, new GalleryConfig { Epochs = 20 }, (config, stop) =>
{
    var data = Gallery.Data(config, stop);
    var small = Initializer.Normal(0.01);
    var model = Conv(30, 5, init: small) >> Relu >> MaxPool(2) >> Flatten >> Dense(100, small) >> Relu >> Dense(10, small);

    Gallery.Train(config, data, "Saitoh, Deep Learning from Scratch, ch. 7", stop,
        new Variant("conv net", new(model, Objective.Classify(), Adam(0.001)) { BatchSize = 100, Reduction = Reduction.Mean },
            Published.TestAccuracy("about 0.99")));
});
