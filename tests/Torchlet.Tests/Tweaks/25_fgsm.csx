// The fast gradient sign method: images moved to where a network errs.
#load "../../../scripts/repl.csx"

return Script.Run(Args, new InferConfig { Split = "test" }, run =>
{
    using var scope = NewDisposeScope();
    var data = run.Data;
    var model = PretrainedWeights.Load(run.Config, data).Model;
    var (x, y) = (Batches.Floats(data.Test.Inputs), data.Test.Targets);
    var (_, gradient) = Gradient.ValueAndGrad(images => CrossEntropy(model.Apply(images), y).sum())(x);
    WriteLine($"as they are: {Accuracy(x):p2}");
    WriteLine($"moved by 0.3 against the network: {Accuracy((x + 0.3 * gradient.sign()).clamp(0, 1)):p2}");
    double Accuracy(Tensor images) => Metrics.Predictions(model.Apply(images)).eq(y).to(float64).mean().item<double>();
});
