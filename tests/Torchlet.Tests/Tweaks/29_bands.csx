// Two activations, three seeds each: the mean as a line, and from the lowest to the highest as a band.
#r "../../../lib/bin/ScottPlot.dll"
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    var folder = run.Begin(subject: $"relu and sigmoid on {run.Data.Name}");
    var plot = new ScottPlot.Plot();
    foreach (var name in new[] { "relu", "sigmoid" })
    {
        var recipes = from seed in Enumerable.Range(0, 3) select (run.Config with { Activation = name, Seed = seed }).Recipe(run.Data);
        var bands = recipes.SelectMany(recipe => Training.Epochs(recipe, run.Data, stop: run.Stop)).GroupBy(e => e.Index, e => e.TestAccuracy * 100).ToList();
        plot.Add.Scatter(bands.Select(b => b.Key).ToArray(), bands.Select(b => b.Average()).ToArray()).LegendText = name;
        plot.Add.FillY(bands.Select(b => ((double)b.Key, b.Min(), b.Max())).ToList(), band => band);
    }
    plot.SavePng(folder.PathOf("bands.png"), 900, 600);
});
