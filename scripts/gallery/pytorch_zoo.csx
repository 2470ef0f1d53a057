#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Trains one of eight models that everyone knows, as an ordinary PyTorch program does: the same layers, optimizers, schedules and random draws.
//   dotnet run run.cs -- scripts/gallery/pytorch_zoo.csx --case lenet5 [--seed 0 --epochs 3 --batch-size 128 …; --help]
//   dotnet script scripts/gallery/pytorch_zoo.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

return Script.Run(Args, new ZooConfig(), run =>
{
    run = Gallery.On(run);
    var recipe = Zoo.Recipe(run.Config, run.Data);
    var folder = run.Begin(recipe);

    var steps = Training.Steps(recipe, run.Data, stop: run.Stop).TakeWhile(step => step.Epoch == 1).Take(30)
        | CsvLog.To(folder.PathOf("steps.csv"), (TrainingStep step) => new { step = step.Batch, loss = step.LossSum / step.Count });
    WriteLine($"First steps: {steps.Count()}, in {Notice.Shown(folder.PathOf("steps.csv"))}");

    run.Train();
});

/// <summary>A model and how it is trained.</summary>
/// <param name="BatchSize">Examples a step, where the options name no other number.</param>
/// <param name="Loss">What is minimised; what is reported of the test set is cross-entropy in any case.</param>
/// <param name="Model">The model.</param>
/// <param name="Optimizer">The optimizer of a training of so many steps.</param>
record Case(int BatchSize, Loss Loss, Layer Model, Func<long, Transform> Optimizer);

static class Zoo
{
    static readonly Layer
        LeNet5 = Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Conv(16, 5) >> Relu >> MaxPool(2)
            >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10),
        LeNet1998 = Conv(6, 5, padding: 2) >> Tanh >> AvgPool(2) >> Conv(16, 5) >> Tanh >> AvgPool(2)
            >> Flatten >> Dense(120) >> Tanh >> Dense(84) >> Tanh >> Dense(10),
        Norms = Dense(256) >> BatchNorm() >> Relu >> Dense(128) >> LayerNorm() >> Gelu >> Dense(10),
        ConvNorm = Conv(16, 3, stride: 2, padding: 1) >> BatchNorm() >> Relu >> Conv(32, 3, stride: 2, padding: 1) >> BatchNorm() >> Relu >> AvgPool(7)
            >> Flatten >> Dense(10),
        Block = Residual(LayerNorm() >> Dense(64) >> Relu);

    public static readonly Dictionary<string, Case> Cases = new()
    {
        ["lenet5"] = new(128, CrossEntropy, LeNet5, total => Adam(1e-3)),
        ["lenet1998"] = new(128, CrossEntropy, LeNet1998, total => WithMomentum(0.05)),
        ["norms"] = new(128, CrossEntropy, Norms, total => AdamW(Schedules.Cosine(1e-3, total))),
        ["convnorm"] = new(256, CrossEntropy, ConvNorm, total => RmsProp(1e-3)),
        ["residual"] = new(256, Smoothed(0.1), Dense(64) >> Block >> Block >> Dense(10), total => Adagrad(1e-2)),
        ["nesterov"] = new(512, CrossEntropy, Dense(50) >> Relu >> Dense(100) >> Relu >> Dense(10), total => Chain(
            ClipByGlobalNorm(1), AddDecayedWeights(1e-4), Momentum(0.9, nesterov: true), ScaleByLearningRate(Schedules.WarmupCosine(0.1, 50, total)))),
        ["adadelta"] = new(128, CrossEntropy, Dense(100) >> Tanh >> Dense(10), total => Adadelta(1)),
        ["adam_l2"] = new(256, Smoothed(0.05), Dense(100) >> Elu >> Dense(10), total => Chain(
            ClipByGlobalNorm(0.5), AddDecayedWeights(1e-3), ScaleByAdam(0.8, 0.99), ScaleByLearningRate(Schedules.WarmupCosine(1e-3, 100, total)))),
    };

    /// <summary>The recipe of the case that the options name.</summary>
    public static Recipe Recipe(ZooConfig config, Dataset data)
    {
        var (usual, loss, model, optimizer) = Cases[config.Case];
        var batchSize = config.BatchSize ?? usual;
        var steps = (long)config.Epochs * Batches.Count(data.Train.Count, batchSize);
        return new(model, Objective.Classify(loss, evaluation: CrossEntropy), optimizer(steps))
        {
            Epochs = config.Epochs, BatchSize = batchSize, Seed = config.Seed,
        };
    }
}

/// <summary>The option is the name of a case.</summary>
class CaseNameAttribute() : AllowedValuesAttribute([.. Zoo.Cases.Keys]);

[Description("Trains one of eight well-known models as PyTorch does, and logs its first steps and every epoch."), Example("--case norms --epochs 3")]
record ZooConfig : RunConfig
{
    [Display(Description = "model, with its optimizer and schedule"), CaseName]
    public string Case { get; init; } = "lenet5";

    [Display(Description = "passes over the training set"), Range(1, 1_000_000)]
    public int Epochs { get; init; } = 3;

    [Display(Description = "examples a step (default: the case's own)"), Range(1, 1_000_000_000)]
    public int? BatchSize { get; init; }
}
