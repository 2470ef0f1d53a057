#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Which learning rate to take: one epoch at rising rates, and the loss of each step. Smith 2015, arXiv:1506.01186.
//   dotnet run run.cs -- scripts/gallery/lr_finder.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/lr_finder.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
#r "../../lib/bin/ScottPlot.dll"

return Script.Run(Args, new GalleryConfig { Epochs = 1 }, run =>
{
    run = Gallery.On(run);
    var (low, high) = (1e-6, 1.0);
    var model = Dense(100) >> Relu >> Dense(100) >> Relu >> Dense(10);
    var recipe = new Recipe(model, Objective.Classify(), Adam(0)) { BatchSize = 128, Epochs = run.Config.Epochs };
    var steps = recipe.Steps(run.Data);
    double Rate(long t) => low * Math.Pow(high / low, (double)t / steps);

    // The losses of single batches are noisy: each is averaged with the ones before it, and the curve ends where it explodes.
    var rising = recipe with { Optimizer = Chain(ScaleByAdam(), ScaleByLearningRate(Rate)), AllowNonFinite = true };
    var points = new List<(double Rate, double Loss)>();
    foreach (var step in Training.Steps(rising, run.Data, stop: run.Stop))
    {
        var loss = step.LossSum / step.Count;
        points.Add((Rate(points.Count + 1), points.Count == 0 ? loss : 0.95 * points[^1].Loss + 0.05 * loss));
        if (!(points[^1].Loss < 4 * points.Min(point => point.Loss))) break;
    }
    System.IO.File.Delete(run.Folder.PathOf("rates.csv")); // An interrupted run begins again.
    _ = (points | CsvLog.To(run.Folder.PathOf("rates.csv"), ((double Rate, double Loss) p) => new { learning_rate = p.Rate, loss = p.Loss })).Count();
    var lowest = points.MinBy(point => point.Loss).Rate;
    WriteLine($"The loss is lowest at a learning rate of {lowest:e1}; a tenth of that, {lowest / 10:e1}, is a good start.");
    var plot = new ScottPlot.Plot();
    plot.Add.ScatterLine(points.Select(p => Math.Log10(p.Rate)).ToArray(), points.Select(p => p.Loss).ToArray());
    plot.Title("Training loss at rising learning rates");
    plot.XLabel("log₁₀ of the learning rate");
    plot.YLabel("loss (nats per example, smoothed)");
    plot.SavePng(run.Folder.PathOf("rates.png"), 800, 500);
});
