using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Torchlet;

/// <summary>Published results reproduced: each variant is trained from each seed, in a run of its own within the script's.</summary>
public static class Gallery
{
    // The loss of one batch varies by about a third.
    const int LastSteps = 100;

    /// <summary>A whole script of the gallery: trains variants epoch by epoch, as <see cref="Train"/> does.</summary>
    /// <example><c>return Gallery.Run(Args, new GalleryConfig { Epochs = 16 }, "A book, ch. 4", data => [new Variant("relu", …)]);</c></example>
    /// <param name="args">The script's arguments.</param>
    /// <param name="defaults">The script's options with their defaults.</param>
    /// <param name="source">The publication.</param>
    /// <param name="variants">The variants, for the data; epochs and seed are those of the options.</param>
    /// <param name="first">How many of the training examples to take at most, from the first; null for all.</param>
    /// <param name="choose">Other data made of these, such as a validation split; null for these.</param>
    /// <param name="path">The script's path; the compiler fills it in.</param>
    /// <returns>The process's exit code.</returns>
    public static int Run(
        IEnumerable<string> args, GalleryConfig defaults, string source, Func<Dataset, ImmutableArray<Variant>> variants, int? first = null,
        Func<Dataset, Dataset>? choose = null, [CallerFilePath] string path = "") =>
        Script.Run(args, defaults, run =>
        {
            var on = On(run, first, choose);
            Train(on, source, variants(on.Data));
        }, path);

    /// <summary>A whole script of the gallery: trains variants step by step, as <see cref="Steps"/> does.</summary>
    /// <param name="args">The script's arguments.</param>
    /// <param name="defaults">The script's options with their defaults.</param>
    /// <param name="source">The publication.</param>
    /// <param name="steps">How many steps, unless the epochs have fewer.</param>
    /// <param name="variants">The variants, each with one published loss.</param>
    /// <param name="path">The script's path; the compiler fills it in.</param>
    /// <returns>The process's exit code.</returns>
    public static int RunSteps(
        IEnumerable<string> args, GalleryConfig defaults, string source, int steps, ImmutableArray<(string Name, Recipe Recipe, string Loss)> variants,
        [CallerFilePath] string path = "") => Script.Run(args, defaults, run => Steps(On(run), source, steps, variants), path);

    /// <summary>The run on data that the gallery can use.</summary>
    /// <param name="run">The run.</param>
    /// <param name="first">How many of the training examples to take at most, from the first; null for all.</param>
    /// <param name="choose">Other data made of these; null for these.</param>
    /// <exception cref="TorchletException">They are not images of 28 × 28 pixels in 10 classes, as the sources have.</exception>
    public static Run<T> On<T>(Run<T> run, int? first = null, Func<Dataset, Dataset>? choose = null) where T : RunConfig
    {
        var data = run.Data;
        if (data.Train.InputShape is not [1, 28, 28] || data.Classes.Length != 10)
            throw new TorchletException($"--data {run.Config.Data}: the gallery takes images of 28 × 28 pixels in 10 classes; name a set that has them.");
        if (first < data.Train.Count) data = data.First(first.Value);
        return run.On(choose is null ? data : choose(data));
    }

    /// <summary>The run on a text: the one that --data names, or the repository's own pages.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="TorchletException">--data names other data.</exception>
    public static Run<T> OnText<T>(Run<T> run) where T : TrainingConfig
    {
        TrainingConfig config = run.Config;
        var data = config.Data == "auto" ? Datasets.Load(config with { Data = WritePages() }, run.Stop) : run.Data;
        return data.Vocabulary is not null ? run.On(data)
            : throw new TorchletException($"--data {config.Data}: this script takes a text; name a .txt or .md file.");
    }

    /// <summary>Writes README.md and the pages of docs/, one after the other, as one file; returns its path.</summary>
    static string WritePages()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(ProjectFolders.Root, "docs"), "*.md").Order(StringComparer.Ordinal)
            .Prepend(Path.Combine(ProjectFolders.Root, "README.md")).Where(File.Exists).Select(RegularFile.Text);
        var path = Path.Combine(Directory.CreateDirectory(ProjectFolders.Outputs).FullName, "pages.md");
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(string.Join("\n", pages)));
        return path;
    }

    /// <summary>
    /// Trains variants epoch by epoch. The script's run gets log.csv (<c>variant,seed,epoch,…</c>), results.csv (published figures next to ours) and
    /// pictures of the variants over one another. The figures are printed.
    /// </summary>
    /// <param name="run">The script's run.</param>
    /// <param name="source">The publication; empty if there is none.</param>
    /// <param name="variants">The variants; epochs and seed are those of the options.</param>
    /// <returns>The trainings, each with its best weights.</returns>
    /// <exception cref="ArgumentException">The variants report different metrics, which have no place in one log.csv.</exception>
    public static IReadOnlyList<TrainingRun> Train(Run<GalleryConfig> run, string source, params ImmutableArray<Variant> variants)
    {
        var metrics = variants.Select(v => string.Join(", ", v.Recipe.Objective.Metrics.Select(metric => metric.Name))).Distinct().ToList();
        if (metrics.Count > 1) throw new ArgumentException($"variants: want the same metrics of each, got {string.Join(" and ", metrics)}.", nameof(variants));
        var whole = Begin(run, source);
        var (trainings, rows, reproductions) = (new List<TrainingRun>(), new List<VariantEpoch>(), new List<Reproduction>());
        foreach (var ((variant, seed), part) in Each(whole, run.Config, variants))
        {
            var training = new TrainingRun(part, run.Stop);
            var epochs = training.Epochs() | Clock.Time | training.Display | training.Log | training.KeepBest | training.KeepLast | Plots.Curves(part);
            trainings.Add(training);
            rows.AddRange(epochs.Select(epoch => new VariantEpoch(variant.Name, seed, epoch)));
            reproductions.AddRange(Reproduction.Of(source, variant, seed, epochs));
        }
        CsvLog.Variants(whole, rows);
        End(whole, reproductions);
        return trainings;
    }

    /// <summary>
    /// Trains variants step by step, up to a step. The script's run gets step_losses.csv (<c>variant,seed,step,loss</c>), results.csv (published training
    /// losses at about that step next to the mean of our last hundred steps) and a picture of them. The figures are printed.
    /// </summary>
    /// <param name="run">The script's run.</param>
    /// <param name="source">The publication.</param>
    /// <param name="steps">How many steps, unless the epochs have fewer.</param>
    /// <param name="variants">The variants, each with one published loss; epochs and seed are those of the options.</param>
    public static void Steps(
        Run<GalleryConfig> run, string source, int steps, params ImmutableArray<(string Name, Recipe Recipe, string Loss)> variants)
    {
        var (whole, config) = (Begin(run, source), run.Config);
        var (rows, reproductions) = (new List<StepLoss>(), new List<Reproduction>());
        foreach (var (name, recipe, loss) in variants)
            foreach (var seed in config.EachSeed)
            {
                var start = Stopwatch.GetTimestamp();
                var losses = Training.Steps(recipe with { Epochs = config.Epochs, Seed = seed }, run.Data, stop: run.Stop).Take(steps)
                    .Select((step, i) => new StepLoss(name, seed, i + 1, step.LossSum / step.Count)).ToList();
                rows.AddRange(losses);
                reproductions.Add(new(
                    source, Reproduction.SettingOf(recipe), name, $"training loss: mean of the last {LastSteps} steps", loss, seed, config.Epochs,
                    losses.TakeLast(LastSteps).Average(step => step.Loss), Stopwatch.GetElapsedTime(start).TotalSeconds));
                Console.WriteLine(FormattableString.Invariant(
                    $"{name}, seed {seed}: training loss {reproductions[^1].Ours:f3} after {Plural.Of(losses.Count, "step")}"));
            }
        CsvLog.Steps(whole, rows);
        End(whole, reproductions);
    }

    static RunFolder Begin(Run<GalleryConfig> run, string source) =>
        run.Begin(subject: source.Length > 0 ? $"{run.Data.Name}: {source}" : run.Data.Name);

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
