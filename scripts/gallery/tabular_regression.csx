#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Numbers out of ten columns, five of which mean nothing: Friedman's function. Friedman 1991, Multivariate adaptive regression splines.
//   dotnet run run.cs -- scripts/gallery/tabular_regression.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/tabular_regression.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
#r "../../lib/bin/ScottPlot.dll"

return Script.Run(Args, new GalleryConfig { Epochs = 60, Limit = 2000 }, run =>
{
    if (run.Config.Data != "auto") throw new TorchletException("--data: this script draws its own numbers; leave it out.");
    run = run.On(Dataset.Of("Friedman's function", Friedman(run.Config.Limit ?? 2000, 1), Friedman(1000, 2)));
    var scale = TargetScale.Of(run.Data.Train.Targets);
    var objective = Objective.Regress(scale.Of(SquaredError));
    var recipe = new Recipe(Dense(64) >> Relu >> Dense(64) >> Relu >> Dense(1) >> scale.Layer,
        objective with { Metrics = objective.Metrics.Add(Metric.R2) }, Adam(2e-3)) { BatchSize = 50 };
    var r2 = new Published("R² (0.96 without the noise)", "", epochs => epochs[^1].Test["r2"]);

    foreach (var training in Gallery.Train(run, "", new Variant("64-64", recipe, r2)))
    {
        using var scope = NewDisposeScope();
        var predicted = training.Best().Apply(run.Data.Test.Inputs);
        var plot = new ScottPlot.Plot();
        plot.Add.Markers(run.Data.Test.Targets.data<float>().ToArray(), predicted.data<float>().ToArray(), size: 4);
        plot.Title("Friedman's function");
        plot.XLabel("actual");
        plot.YLabel("predicted");
        plot.SavePng(training.Folder.PathOf("predicted.png"), 600, 600);
    }
});

// y = 10 sin(π x₁x₂) + 20 (x₃ − ½)² + 10 x₄ + 5 x₅ + noise of deviation 1.
static Split Friedman(int count, long seed)
{
    var (x, random) = TorchRandom.Seeded(seed).Uniform([count, 10], 0, 1);
    var y = 10 * (Math.PI * x[.., 0] * x[.., 1]).sin() + 20 * (x[.., 2] - 0.5).square() + 10 * x[.., 3] + 5 * x[.., 4];
    return new(x, (y + random.Normal([count]).Numbers).unsqueeze(1));
}
