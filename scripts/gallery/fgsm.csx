#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// The fast gradient sign method: how little it takes to mislead a good network. Goodfellow et al. 2014, arXiv:1412.6572.
//   dotnet run run.cs -- scripts/gallery/fgsm.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/fgsm.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
#r "../../lib/bin/ScottPlot.dll"

return Script.Run(Args, new GalleryConfig { Epochs = 5 }, run =>
{
    run = Gallery.On(run);
    var model = Conv(16, 3, padding: 1) >> Relu >> MaxPool(2) >> Conv(32, 3, padding: 1) >> Relu >> MaxPool(2) >> Flatten >> Dense(64) >> Relu >> Dense(10);
    var recipe = new Recipe(model, Objective.Classify(), Adam(1e-3)) { BatchSize = 128 };

    foreach (var training in Gallery.Train(run, "", new Variant("conv net", recipe, Published.TestAccuracy(""))))
    {
        using var scope = NewDisposeScope();
        var (net, some, folder) = (training.Best().ToModel(), run.Data.Test[..Math.Min(1000, run.Data.Test.Count)], training.Folder);
        var (x, y) = (Batches.Floats(some.Inputs), some.Targets);
        var (_, gradient) = Gradient.ValueAndGrad(images => CrossEntropy(net.Apply(images), y).sum())(x);
        Tensor Moved(double epsilon) => (x + epsilon * gradient.sign()).clamp(0, 1);

        var points = (Enumerable.Range(0, 7).Select(i => i / 20.0)
            .Select(epsilon => (Epsilon: epsilon, Accuracy: Metrics.Predictions(net.Apply(Moved(epsilon))).eq(y).to(float64).mean().Number()))
            | CsvLog.To(folder.PathOf("fgsm.csv"), ((double Epsilon, double Accuracy) row) => new { epsilon = row.Epsilon, accuracy = row.Accuracy })).ToList();
        foreach (var (epsilon, accuracy) in points) WriteLine($"ε = {epsilon:f2}: {accuracy:p1} of {some.Count} images right");

        var plot = new ScottPlot.Plot();
        plot.Add.Scatter(points.Select(p => p.Epsilon).ToArray(), points.Select(p => 100 * p.Accuracy).ToArray());
        plot.Title("Accuracy of a network against the fast gradient sign method");
        plot.XLabel("ε, how far each pixel moves, of 1");
        plot.YLabel("accuracy (%)");
        plot.SavePng(folder.PathOf("fgsm.png"), 800, 500);
        AtomicFile.Write(folder.PathOf("adversarial.png"), ContactSheet.Png(some.To(CPU), some.To(CPU) with { Inputs = (Moved(0.2) * 255).to(uint8).cpu() }));
    }
});
