// Two activations, three seeds each: the mean as a line, and from the lowest to the highest as a band.
#r "../../../lib/bin/ScottPlot.dll"
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), (config, stop) =>
{
    var data = Datasets.Load(config.Data, stop);
    var run = RunFolder.Create(config, data);
    var plot = new ScottPlot.Plot();
    foreach (var name in new[] { "relu", "sigmoid" })
    {
        var recipes = from seed in Enumerable.Range(0, 3) select (config with { Activation = name, Seed = seed }).Recipe(data);
        var bands = recipes.SelectMany(recipe => Training.Run(recipe, data, stop: stop)).GroupBy(e => e.Index, e => e.TestAccuracy * 100).ToList();
        plot.Add.Scatter(bands.Select(b => b.Key).ToArray(), bands.Select(b => b.Average()).ToArray()).LegendText = name;
        plot.Add.FillY(bands.Select(b => ((double)b.Key, b.Min(), b.Max())).ToList(), band => band);
    }
    plot.SavePng(run.PathOf("bands.png"), 900, 600);
});
