#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Digits as points on a plane, near to each other if they are the same: an embedding learned from triplets. Schroff et al. 2015, arXiv:1503.03832.
//   dotnet run run.cs -- scripts/gallery/triplet.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/triplet.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

#r "../../lib/bin/ScottPlot.dll"

const int Z = 2;

// Of each example: another of its class and one of another class, the first that follow it in the batch, which is shuffled.
static Tensor Triplet(Tensor z, Tensor labels)
{
    var same = labels.unsqueeze(1).eq(labels);
    var distances = (z.unsqueeze(1) - z).square().sum(2);
    var far = distances + 1e6 * same.to(float32);
    var positive = (distances * same.to(float32)).amax([1]);
    return nn.functional.softplus(positive - far.amin([1]));
}

return Script.Run(Args, new GalleryConfig { Epochs = 10 }, run =>
{
    run = Gallery.On(run);
    var model = Conv(16, 5, stride: 2) >> Relu >> Conv(32, 3, stride: 2) >> Relu >> Flatten >> Dense(64) >> Relu >> Dense(Z);
    var recipe = new Recipe(model, new Objective(Triplet), Adam(1e-3)) { BatchSize = 128 };
    foreach (var training in Gallery.Train(run, "", new Variant("triplets", recipe, Published.TestLoss(""))))
    {
        using var scope = NewDisposeScope();
        var net = training.Best();
        var (known, some) = (run.Data.Train[..Math.Min(5000, run.Data.Train.Count)], run.Data.Test[..Math.Min(1000, run.Data.Test.Count)]);
        var (points, others) = (net.Apply(some.Inputs), net.Apply(known.Inputs));
        var nearest = known.Targets.index_select(0, cdist(points, others).argmin(1));
        WriteLine($"{nearest.eq(some.Targets).to(float64).mean().Number():p1} of {some.Count} test images have a nearest neighbour of their class");

        var plot = new ScottPlot.Plot();
        foreach (var digit in Enumerable.Range(0, 10))
        {
            var mine = points[some.Targets.eq(digit)].cpu();
            plot.Add.Markers(mine[.., 0].data<float>().ToArray(), mine[.., 1].data<float>().ToArray(), size: 6).LegendText = $"{digit}";
        }
        plot.Title("Test images, as the network places them");
        plot.ShowLegend();
        plot.SavePng(training.Folder.PathOf("plane.png"), 800, 700);
    }
});
