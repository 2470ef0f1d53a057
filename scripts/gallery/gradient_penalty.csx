#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// A loss that also asks for small slopes at its inputs, and how much that helps against the attack of fgsm. Drucker and LeCun 1992.
//   dotnet run run.cs -- scripts/gallery/gradient_penalty.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/gradient_penalty.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

static Objective Penalised(double weight) => Objective.Of((model, batch) =>
{
    var x = batch.Inputs.detach().requires_grad_();
    var losses = CrossEntropy(model.Apply(x), batch.Targets);
    return weight == 0 ? losses : losses + weight * Gradient.Of(losses.sum(), x).square().flatten(1).sum(1);
}, Metric.Accuracy, Metric.OfModel("accuracy_attacked", (model, batch) =>
{
    var x = batch.Inputs.detach().requires_grad_();
    var slope = Gradient.Of(CrossEntropy(model.Apply(x), batch.Targets).sum(), x);
    return Metrics.Predictions(model.Apply((x + 0.1 * slope.sign()).clamp(0, 1).detach())).eq(batch.Targets);
}, Better.More)) with { Evaluation = CrossEntropy };

var measures = new[] { Published.TestAccuracy(""), new("accuracy, each pixel moved by 0.1", "", epochs => epochs[^1].Test["accuracy_attacked"]) };

return Gallery.Run(Args, new GalleryConfig { Epochs = 10 }, "", data =>
[
    .. from weight in new[] { 0, 0.01, 0.1, 1 }
       let model = Dense(200) >> Tanh >> Dense(100) >> Tanh >> Dense(10)
       select new Variant($"penalty {weight}", new(model, Penalised(weight), Adam(1e-3)) { BatchSize = 128 }, [.. measures]),
]);
