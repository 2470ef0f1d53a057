#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Most weights can go: nets that keep the largest weights of a trained one, from their first values on. Frankle and Carbin 2018, arXiv:1803.03635.
//   dotnet run run.cs -- scripts/gallery/lottery_ticket.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/lottery_ticket.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
#r "../../lib/bin/ScottPlot.dll"

return Script.Run(Args, new GalleryConfig { Epochs = 5 }, run =>
{
    run = Gallery.On(run);
    using var scope = NewDisposeScope();
    var recipe = new Recipe(Dense(300) >> Relu >> Dense(100) >> Relu >> Dense(10), Objective.Classify(), Adam(1.2e-3))
    {
        BatchSize = 60, Epochs = 5, Seed = run.Config.Seed,
    };
    var first = recipe.Net(run.Data).Init(TorchRandom.Seeded(recipe.Seed)).Model;
    var dense = Training.Epochs(recipe, run.Data, stop: run.Stop) | ConsoleReport.Plain | Enumerable.Last;
    var sizes = dense.State!.Model(first.Net).Flat.abs();

    Variant Ticket(double share)
    {
        var mask = sizes.ge(sizes.quantile(tensor(1 - (float)share))).to(float32);
        var ticket = Start.Of(first with { Flat = first.Flat * mask });
        return new($"{share:p0}", recipe with { Start = ticket, Optimizer = Chain(Constraints.KeepZeros(), recipe.Optimizer) }, Published.BestTestAccuracy(""));
    }
    double[] shares = [1, 0.5, 0.2, 0.1, 0.05, 0.02];
    var trained = Gallery.Train(run, "", [.. shares.Select(Ticket)]);

    var accuracies = trained.Select(training => 100 * training.Best().Accuracy(run.Data.Test)).ToArray();
    var plot = new ScottPlot.Plot();
    plot.Add.Scatter(shares.Take(accuracies.Length).Select(share => Math.Log10(100 * share)).ToArray(), accuracies);
    plot.Title("Accuracy over the share of the weights that is kept");
    plot.XLabel("log₁₀ of the share (%)");
    plot.YLabel("test accuracy (%)");
    plot.SavePng(run.Folder.PathOf("tickets.png"), 800, 500);
});
