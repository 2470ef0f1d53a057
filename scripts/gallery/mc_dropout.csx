#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Does a net know when it is wrong? Thirty predictions with dropout switched on. Gal and Ghahramani 2015, arXiv:1506.02142.
//   dotnet run run.cs -- scripts/gallery/mc_dropout.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/mc_dropout.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
#r "../../lib/bin/ScottPlot.dll"

return Script.Run(Args, new GalleryConfig { Epochs = 5 }, run =>
{
    run = Gallery.On(run);
    var model = Dense(200) >> Relu >> Dropout(0.5) >> Dense(200) >> Relu >> Dropout(0.5) >> Dense(10);
    var recipe = new Recipe(model, Objective.Classify(), Adam(1e-3)) { BatchSize = 128 };
    foreach (var training in Gallery.Train(run, "", new Variant("dropout net", recipe, Published.TestAccuracy(""))))
    {
        using var scope = NewDisposeScope();
        var (net, test) = (training.Best().ToModel(), run.Data.Test);
        var (x, pass, sum) = (Batches.Floats(test.Inputs), Pass.DropoutOnly(TorchRandom.Seeded(0)), zeros(test.Count, 10));
        for (var i = 0; i < 30; i++)
        {
            (var scores, pass) = net.Apply(x, pass);
            sum += Softmax(scores);
        }
        var mean = sum / 30;
        var (entropy, right) = (-(mean * (mean + 1e-12).log()).sum(1), Metrics.Predictions(mean).eq(test.Targets).to(float32));
        WriteLine($"Entropy of right predictions {(entropy * right).sum().Number() / right.sum().Number():f3}, "
            + $"of wrong ones {(entropy * (1 - right)).sum().Number() / (1 - right).sum().Number():f3} nats");

        var sorted = right[entropy.argsort()].cumsum(0) / arange(1, test.Count + 1);
        var plot = new ScottPlot.Plot();
        double[] shares = [.. Enumerable.Range(1, test.Count).Select(i => 100.0 * i / test.Count)];
        plot.Add.ScatterLine(shares, (sorted * 100).data<float>().Select(y => (double)y).ToArray());
        plot.Title("Accuracy on the images that the net is surest of");
        plot.XLabel("share of the test images, the surest first (%)");
        plot.YLabel("accuracy (%)");
        plot.SavePng(training.Folder.PathOf("surest.png"), 800, 500);
    }
});
