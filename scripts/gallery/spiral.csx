#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// Two spirals on a plane, and how a net comes to tell them apart: its decision regions, a picture an epoch, on a sheet that grows while it learns.
//   dotnet run run.cs -- scripts/gallery/spiral.csx [--epochs 1 --seed 1 …; --help]
//   dotnet script scripts/gallery/spiral.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
using System.ComponentModel.DataAnnotations;

return Script.Run(Args, new SpiralConfig(), run =>
{
    var (config, pictures) = (run.Config, new List<Tensor>());
    run = run.On(Dataset.Of("two spirals", Spirals(1000, config.Seed), Spirals(1000, config.Seed + 1), "inner", "outer"));
    var recipe = new Recipe(Mlp.Layer([32, 32], Tanh, 2), Objective.Classify(), Adam(0.01)) { Epochs = config.Epochs, BatchSize = 50, Seed = config.Seed };
    var training = run.Trainings(recipe with { Reduction = Reduction.Sum }).Single();
    var epochs = training.Epochs()
        | Tap<Epoch>(epoch =>
        {
            if (epoch.Index % Math.Max(1, config.Epochs / 100) != 0) return;
            pictures.Add(DecisionRegions.Of(epoch.State!.Model(recipe.Net(run.Data)), run.Data.Train));
            AtomicFile.Write(training.Folder.PathOf("regions.png"), ContactSheet.Png(new Split(stack(pictures).unsqueeze(1), stack(pictures))));
        })
        | Clock.Time | training.Display | training.Log | training.KeepBest | Plots.Curves(training.Folder);
    WriteLine($"{epochs[^1].TestAccuracy:p1} of the test points; regions: {Notice.Shown(training.Folder.PathOf("regions.png"))}");
});

static Split Spirals(int count, long seed) // Each is the other's mirror image, with some noise.
{
    var (noise, _) = TorchRandom.Seeded(seed).Normal([count, 2], 0, 0.015);
    var (label, radius) = (arange(count) % 2, linspace(0.05, 0.95, count));
    var angle = 3 * Math.PI * radius + Math.PI * label;
    return new(stack([radius * angle.cos(), radius * angle.sin()], 1).@float() + noise, label);
}

record SpiralConfig : ScriptConfig
{
    [Display(Description = "passes over the points"), Range(1, 1_000_000)] public int Epochs { get; init; } = 100;
    [Display(Description = "seed of points and weights")] public long Seed { get; init; }
}
