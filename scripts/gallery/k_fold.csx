#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Five-fold cross-validation: how sure is a test accuracy of 500 images, and does dropout help?
//   dotnet run run.cs -- scripts/gallery/k_fold.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/k_fold.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
#r "../../lib/bin/ScottPlot.dll"

const int Folds = 5;

return Script.Run(Args, new GalleryConfig { Epochs = 20 }, run =>
{
    run = Gallery.On(run, first: 2500);
    var rows = new List<(string Variant, int Fold, double Accuracy)>();
    foreach (var dropout in new[] { 0, 0.5 })
    {
        var recipe = new Recipe(Dense(200) >> Relu >> Dropout(dropout) >> Dense(10), Objective.Classify(), Adam(1e-3))
        {
            BatchSize = 64, Epochs = run.Config.Epochs, Seed = run.Config.Seed,
        };
        foreach (var (i, fold) in run.Data.Folds(Folds).Index())
        {
            using var scope = NewDisposeScope();
            rows.Add(($"dropout {dropout}", i + 1, Training.Epochs(recipe, fold, stop: run.Stop).Last().TestAccuracy));
            WriteLine($"{rows[^1].Variant}, fold {i + 1} of {Folds}: {rows[^1].Accuracy:p2}");
        }
    }
    System.IO.File.Delete(run.Folder.PathOf("folds.csv")); // An interrupted run begins again.
    _ = (rows | CsvLog.To(run.Folder.PathOf("folds.csv"),
        ((string Variant, int Fold, double Accuracy) row) => new { variant = row.Variant, fold = row.Fold, accuracy = row.Accuracy })).Count();
    var plot = new ScottPlot.Plot();
    foreach (var variant in rows.GroupBy(row => row.Variant))
    {
        plot.Add.Scatter(variant.Select(row => (double)row.Fold).ToArray(), variant.Select(row => 100 * row.Accuracy).ToArray()).LegendText = variant.Key;
        WriteLine($"{variant.Key}: {MeanDeviation.Of([.. variant.Select(row => row.Accuracy)])}");
    }
    plot.Title("Accuracy on each fold");
    plot.XLabel("fold");
    plot.YLabel("accuracy (%)");
    plot.ShowLegend();
    plot.SavePng(run.Folder.PathOf("folds.png"), 800, 500);
});
