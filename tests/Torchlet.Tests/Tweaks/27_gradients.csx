// The gradient's norm of each array, and a product with the Hessian.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new InferConfig { Split = "test" }, run =>
{
    using var scope = NewDisposeScope();
    var data = run.Data;
    var model = PretrainedWeights.Load(run.Config, data).Model;
    var batch = new Batch(Batches.Floats(data.Train.Inputs[..100]), data.Train.Targets[..100]);
    var gradient = Slope(model.Flat);
    foreach (var (name, values) in (model with { Flat = gradient }).Named) WriteLine($"{name}: {values.norm().item<float>():g4}");

    // ValueAndGrad does not nest: the product of the Hessian and a direction by autograd's own means, and by differences.
    var v = TorchRandom.Seeded(run.Config.Seed).Normal(model.Flat.shape).Numbers;
    var leaf = model.Flat.detach().requires_grad_();
    var loss = CrossEntropy((model with { Flat = leaf }).Apply(batch.Inputs), batch.Targets).mean();
    var first = autograd.grad([loss], [leaf], create_graph: true, retain_graph: true)[0];
    var product = autograd.grad([(first * v).sum()], [leaf])[0];
    var differences = (Slope(model.Flat + 1e-2 * v) - Slope(model.Flat - 1e-2 * v)) / 2e-2;
    WriteLine($"Hessian times v: {product.norm().item<float>():g4}, by differences {differences.norm().item<float>():g4}");
    WriteLine($"apart: {((product - differences).norm() / product.norm()).item<float>():g2}");

    Tensor Slope(Tensor flat) => Backpropagation.ValueAndGrad(model with { Flat = flat }, batch, CrossEntropy, reduction: Reduction.Mean).Gradient;
});
