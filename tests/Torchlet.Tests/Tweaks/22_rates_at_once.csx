// Eight learning rates in one training: a row of parameters for each.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new TrainConfig { Hidden = [50], BatchSize = 100, Epochs = 2 }, run =>
{
    double[] rates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3];
    using var scope = NewDisposeScope();
    var (config, data) = (run.Config, run.Data);
    var net = run.Recipe.Net(data);
    var eta = tensor([.. rates.Select(rate => (float)rate)]).unsqueeze(1);
    var optimizer = Chain(ScaleByAdam(), new Transform((g, _, _) => g * -eta));
    // One flat vector a row: what works on elements works on all of them.
    var parameters = new ParameterVector(net.Init(TorchRandom.Seeded(config.Seed)).Model.Flat.repeat(rates.Length, 1), net.Parameters);
    var state = OptimizerState.Of(optimizer, parameters);
    foreach (var epoch in Enumerable.Range(1, config.Epochs))
    {
        var order = TorchRandom.Permutation(data.Train.Count, config.Seed + epoch);
        foreach (var range in Batches.Ranges(data.Train.Count, config.BatchSize))
        {
            using var step = NewDisposeScope();
            var batch = Batches.Cut(data.Train, order, range);
            var loss = (Tensor flat) => CrossEntropy(Logits(flat, batch.Inputs).flatten(0, 1), batch.Targets.repeat(rates.Length)).sum();
            var (update, next) = optimizer.Step(Gradient.ValueAndGrad(loss)(parameters.Flat).Gradient, parameters, state);
            (parameters, state) = (parameters with { Flat = parameters.Flat + update }, next);
            foreach (var kept in state.Tensors.Append(parameters.Flat)) kept.MoveToOuterDisposeScope();
        }
    }
    var right = Logits(parameters.Flat, data.Test.Inputs).argmax(2).eq(data.Test.Targets).to(float32).mean([1]);
    foreach (var (k, rate) in rates.Index()) WriteLine($"lr {rate}: {right[k].item<float>():p2}");

    Tensor Logits(Tensor flat, Tensor images)
    {
        var p = flat.split([.. net.Parameters.Select(slot => slot.Count)], 1).Zip(net.Parameters, (part, slot) => part.view([-1, .. slot.Shape])).ToList();
        var hidden = Batches.Floats(images).flatten(1).matmul(p[0].transpose(1, 2)) + p[1].unsqueeze(1);
        return hidden.sigmoid().matmul(p[2].transpose(1, 2)) + p[3].unsqueeze(1);
    }
});
