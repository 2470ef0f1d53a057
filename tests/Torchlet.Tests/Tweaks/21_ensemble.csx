// Five networks from five seeds, and the mean of their probabilities.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig(), run =>
{
    using var scope = NewDisposeScope();
    var (data, recipe) = (run.Data, run.Recipe);
    var models = from seed in Enumerable.Range(0, 5) select Training.Epochs(recipe with { Seed = seed }, data, stop: run.Stop).Last().State!.Model(recipe.Net(data));
    var votes = models.Select(model => Softmax(model.Apply(Batches.Floats(data.Test.Inputs)))).ToList();
    foreach (var vote in votes) WriteLine($"alone: {Accuracy(vote):p2}");
    WriteLine($"together: {Accuracy(votes.Aggregate((a, b) => a + b)):p2}");
    double Accuracy(Tensor p) => Metrics.Predictions(p).eq(data.Test.Targets).to(float64).mean().item<double>();
});
