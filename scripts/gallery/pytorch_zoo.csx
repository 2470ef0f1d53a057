#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Trains one of many models, as an ordinary PyTorch program does: the same layers, optimizers, schedules and random draws.
//   dotnet run run.cs -- scripts/gallery/pytorch_zoo.csx --case lenet5 [--seed 0 --epochs 3 --batch-size 128 …; --help]
//   dotnet script scripts/gallery/pytorch_zoo.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
#load "pytorch_zoo/cases.csx"
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

return Script.Run(Args, new ZooConfig(), run =>
{
    var (config, chosen) = (run.Config, Zoo.Cases[run.Config.Case]);
    run = Gallery.On(run, config.Limit ?? chosen.First?.Train, data => chosen.First is { Test: var first } && first < data.Test.Count
        ? data with { Test = data.Test[..first] } : data);
    var batchSize = config.BatchSize ?? chosen.BatchSize;
    var recipe = new Recipe(chosen.Model, chosen.Objective, chosen.Optimizer((long)config.Epochs * Batches.Count(run.Data.Train.Count, batchSize)))
    {
        Epochs = config.Epochs, BatchSize = batchSize, Seed = config.Seed,
    };
    var folder = run.Begin(recipe);

    var steps = Training.Steps(recipe, run.Data, stop: run.Stop).TakeWhile(step => step.Epoch == 1).Take(30)
        | CsvLog.To(folder.PathOf("steps.csv"), (TrainingStep step) => new { step = step.Batch, loss = step.LossSum / step.Count });
    WriteLine($"First steps: {steps.Count()}, in {Notice.Shown(folder.PathOf("steps.csv"))}");

    run.Train();
});

/// <summary>The option is the name of a case.</summary>
class CaseNameAttribute() : AllowedValuesAttribute([.. Zoo.Cases.Keys]);

[Description("Trains one of many models as PyTorch does, and logs its first steps and every epoch."), Example("--case norms --epochs 3")]
record ZooConfig : RunConfig
{
    [Display(Description = "model, with its optimizer and schedule"), CaseName]
    public string Case { get; init; } = "lenet5";

    [Display(Description = "passes over the training set"), Range(1, 1_000_000)]
    public int Epochs { get; init; } = 3;

    [Display(Description = "examples a step (default: the case's own)"), Range(1, 1_000_000_000)]
    public int? BatchSize { get; init; }

    [Display(Description = "use only the first N training examples (default: the case's own, all or 6,000)"), Range(1, 1_000_000_000)]
    public int? Limit { get; init; }
}
