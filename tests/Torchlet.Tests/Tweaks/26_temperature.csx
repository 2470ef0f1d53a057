// A temperature fitted on one half of the test set; and on the other half, how often a network is right that is so sure.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new InferConfig { Split = "test" }, run =>
{
    using var scope = NewDisposeScope();
    var data = run.Data;
    var (z, y, half) = (PretrainedWeights.Load(run.Config, data).Model.Apply(Batches.Floats(data.Test.Inputs)), data.Test.Targets, data.Test.Count / 2);
    var loss = (Tensor logT, Range at) => CrossEntropy(z[at] / logT.exp(), y[at]).mean();
    var logT = zeros(1);
    foreach (var step in Enumerable.Range(0, 200)) logT = logT - 0.5 * Gradient.ValueAndGrad(t => loss(t, ..half))(logT).Gradient;
    var sure = Softmax(z[half..] / logT.exp()).amax([1]).data<float>().Zip(z[half..].argmax(1).eq(y[half..]).data<bool>());
    var bins = sure.GroupBy(e => (int)(e.First * 10), e => e.Second ? 1.0 : 0).OrderBy(bin => bin.Key);
    foreach (var bin in bins) WriteLine($"sure from {bin.Key * 10} %: right {bin.Average():p1} of {bin.Count()}");
    WriteLine($"temperature {logT.exp().item<float>():f3}: loss {loss(zeros(1), half..).item<float>():g4} -> {loss(logT, half..).item<float>():g4}");
});
