using System.Collections.Immutable;
using System.Diagnostics;

namespace Torchlet;

/// <summary>A published result made again: each variant trained from each seed, in a run of its own within the script's.</summary>
public static class Gallery
{
    // A batch's loss goes up and down by a third of itself.
    const int LastSteps = 100;

    /// <summary>The data that the options name, on their device.</summary>
    /// <param name="config">The script's options.</param>
    /// <param name="stop">Ends a download.</param>
    /// <param name="first">How many of the training examples to take at most, from the first; null for all.</param>
    /// <exception cref="TorchletException">They are no images of 28 × 28 pixels in 10 classes, which is what the sources have.</exception>
    public static Dataset Data(RunConfig config, CancellationToken stop = default, int? first = null)
    {
        var data = Datasets.Load(config, stop).To(Devices.Pick(config.Device));
        if (data.Train.InputShape is not [1, 28, 28] || data.Classes.Length != 10)
            throw new TorchletException($"--data {config.Data}: the gallery takes images of 28 × 28 pixels in 10 classes; name a set that has them.");
        return first < data.Train.Count ? data.First(first.Value) : data;
    }

    /// <summary>
    /// Trains the variants epoch by epoch. The script's run gets log.csv (<c>variant,seed,epoch,…</c>), results.csv (published figures beside ours) and
    /// pictures of the variants over one another; and the figures are printed.
    /// </summary>
    /// <param name="config">The script's options.</param>
    /// <param name="data">The examples.</param>
    /// <param name="source">Where the result is published.</param>
    /// <param name="stop">Ends it after the batch at hand.</param>
    /// <param name="variants">What is trained; epochs and seed are the options'.</param>
    /// <returns>The variants' runs, each with its best.safetensors.</returns>
    public static IReadOnlyList<RunFolder> Train(
        GalleryConfig config, Dataset data, string source, CancellationToken stop, params ImmutableArray<Variant> variants)
    {
        var whole = Begin(config, data, source);
        var (runs, rows, reproductions) = (new List<RunFolder>(), new List<VariantEpoch>(), new List<Reproduction>());
        foreach (var ((variant, seed), run) in Each(whole, config, variants))
        {
            var display = LiveDisplay.For(config, config.Epochs);
            var epochs = Training.Run(run.Recipe!, data, run.Past.State, stop, display)
                | Clock.Time
                | display.Epochs
                | CsvLog.To(run)
                | Checkpoint.KeepBest(run)
                | Checkpoint.KeepLast(run)
                | Plots.Curves(run);
            runs.Add(run);
            rows.AddRange(epochs.Select(epoch => new VariantEpoch(variant.Name, seed, epoch)));
            reproductions.AddRange(Reproduction.Of(source, variant, seed, epochs));
        }
        CsvLog.Variants(whole, rows);
        End(whole, reproductions);
        return runs;
    }

    /// <summary>
    /// Trains the variants step by step, up to a step. The script's run gets step_losses.csv (<c>variant,seed,step,loss</c>), results.csv (published training
    /// losses about that step beside the mean of our last hundred steps) and a picture of them; and the figures are printed.
    /// </summary>
    /// <param name="config">The script's options.</param>
    /// <param name="data">The examples.</param>
    /// <param name="source">Where the result is published.</param>
    /// <param name="steps">How many steps, unless the epochs have fewer.</param>
    /// <param name="stop">Ends it after the batch at hand.</param>
    /// <param name="variants">What is trained, with one published loss each; epochs and seed are the options'.</param>
    public static void Steps(
        GalleryConfig config, Dataset data, string source, int steps, CancellationToken stop,
        params ImmutableArray<(string Name, Recipe Recipe, string Loss)> variants)
    {
        var whole = Begin(config, data, source);
        var (rows, reproductions) = (new List<StepLoss>(), new List<Reproduction>());
        foreach (var (name, recipe, loss) in variants)
            foreach (var seed in config.EachSeed)
            {
                var start = Stopwatch.GetTimestamp();
                var losses = Training.Steps(recipe with { Epochs = config.Epochs, Seed = seed }, data, stop: stop).Take(steps)
                    .Select((step, i) => new StepLoss(name, seed, i + 1, step.LossSum / step.Count)).ToList();
                rows.AddRange(losses);
                reproductions.Add(new(
                    source, Reproduction.SettingOf(recipe), name, $"training loss: mean of the last {LastSteps} steps", loss, seed, config.Epochs,
                    losses.TakeLast(LastSteps).Average(step => step.Loss), Stopwatch.GetElapsedTime(start).TotalSeconds));
                Console.WriteLine(FormattableString.Invariant($"{name}, seed {seed}: training loss {reproductions[^1].Ours:f3} after {losses.Count} steps"));
            }
        CsvLog.Steps(whole, rows);
        End(whole, reproductions);
    }

    static RunFolder Begin(GalleryConfig config, Dataset data, string source)
    {
        var whole = RunFolder.Create(config, data, data.Train.Inputs.device, subject: source.Length > 0 ? $"{data.Name}: {source}" : data.Name);
        RunHeader.Print(data, data.Train.Inputs.device, whole);
        return whole;
    }

    static IEnumerable<((Variant Variant, long Seed) Part, RunFolder Run)> Each(RunFolder whole, GalleryConfig config, ImmutableArray<Variant> variants) =>
        SeedRuns.Within(whole,
            from variant in variants
            from seed in config.EachSeed
            select (Variant: variant with { Recipe = variant.Recipe with { Epochs = config.Epochs } }, Seed: seed),
            part => RunPlaces.OfVariant(part.Variant.Name, part.Seed), part => NewRun.OfVariant(whole, part.Variant, part.Seed),
            part => $"{part.Variant.Name}, seed {part.Seed}");

    static void End(RunFolder whole, IReadOnlyList<Reproduction> reproductions)
    {
        CsvLog.Reproductions(whole, reproductions);
        Plots.Draw(whole);
        if (reproductions.Count > 0) Console.WriteLine(ConsoleReport.Reproductions(reproductions));
    }
}
