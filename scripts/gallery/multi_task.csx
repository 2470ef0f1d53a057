#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// One trunk and two heads: which digit it is, and whether it is even. Caruana 1997.
//   dotnet run run.cs -- scripts/gallery/multi_task.csx [--epochs 1 --seeds 0,1,2 …; --help]
//   dotnet script scripts/gallery/multi_task.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"

// Ten scores of digits and two of parities.
static Layer Heads(params Layer[] heads) => Dense(128) >> Relu >> Dense(64) >> Relu >> FanOut([.. heads]);

static Tensor Digit(Tensor scores) => scores.narrow(1, 0, 10);
static Tensor Parity(Tensor scores) => scores.narrow(1, 10, 2);

ModelLoss digit = (model, batch) => CrossEntropy(Digit(model.Output()), batch.Targets);
ModelLoss parity = (model, batch) => CrossEntropy(Parity(model.Output()), batch.Targets % 2);

Metric[] metrics =
[
    Metric.OfModel("digit", digit), Metric.OfModel("parity", parity),
    new("digit_right", (scores, labels) => Metrics.Predictions(Digit(scores)).eq(labels)) { Better = Better.More },
    new("parity_right", (scores, labels) => Metrics.Predictions(Parity(scores)).eq(labels % 2)) { Better = Better.More },
];
ModelLoss both = (model, batch) => digit(model, batch) + parity(model, batch);

static Published Share(string metric) => new(metric, "", epochs => epochs[^1].Test[metric]);

return Gallery.Run(Args, new GalleryConfig { Epochs = 10 }, "", data =>
[
    .. from variant in new[] { ("both", both), ("digit alone", digit), ("parity alone", parity) }
       let objective = Objective.Of(variant.Item2, [.. metrics])
       select new Variant(variant.Item1, new(Heads(Dense(10), Dense(2)), objective, Adam(1e-3)) { BatchSize = 128 },
           Share("digit_right"), Share("parity_right")),
], first: 5000);
