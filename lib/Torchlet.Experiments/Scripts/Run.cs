using TorchSharp;

namespace Torchlet;

/// <summary>A script's run: the options, and what follows from them. Each property is made on its first use and stays the same.</summary>
/// <example><c>Script.Run(Args, new TrainConfig(), run => run.Train(run.Recipe with { Optimizer = Adam(run.Config.LearningRate) }))</c></example>
/// <typeparam name="T">The record of the options.</typeparam>
public sealed class Run<T> where T : ScriptConfig
{
    readonly T defaults;
    readonly Lazy<torch.Device> device;
    readonly Lazy<Dataset> data;
    readonly Lazy<Recipe> recipe;
    readonly bool isOnGiven;
    readonly List<TrainingRun> trained = [];
    RunFolder? folder;
    Recipe? given; // With several processes the folder's recipe is another one, which shares the batches.

    internal Run(T config, T defaults, ScriptRuns runs, Dataset? data = null)
    {
        (Config, this.defaults, Runs, isOnGiven) = (config, defaults, runs, data is not null);
        device = new(() => config is RunConfig run ? Devices.Pick(run.Device) : torch.CPU);
        this.data = new(() =>
        {
            var there = Device; // A wrong --device is found before the data are read.
            return (data ?? Load()).To(there);
        });
        recipe = new(Describe);
    }

    /// <summary>The options.</summary>
    public T Config { get; }

    /// <summary>Cancelled by Ctrl-C and SIGTERM.</summary>
    public CancellationToken Stop => Runs.Stop;

    /// <summary>The device that --device names; the CPU for options without it.</summary>
    public torch.Device Device => device.Value;

    /// <summary>The data that the options name, on the device.</summary>
    /// <exception cref="TorchletException">They are not there, or a file of them is damaged.</exception>
    public Dataset Data => data.Value;

    /// <summary>The recipe that the options describe, for the data. Change a part by <c>with</c>.</summary>
    /// <exception cref="InvalidOperationException">The options are none of a <see cref="LearningConfig"/>.</exception>
    public Recipe Recipe => recipe.Value;

    /// <summary>The run's folder. The first use begins the run as <see cref="Begin"/> does.</summary>
    public RunFolder Folder => folder ?? Begin();

    /// <summary>The runs that the script has begun.</summary>
    internal ScriptRuns Runs { get; }

    /// <summary>The same run on other data: <c>run.On(Dataset.Of("sine", train, test))</c>.</summary>
    /// <exception cref="InvalidOperationException">The run has begun with the data that it had.</exception>
    public Run<T> On(Dataset data) => folder is null ? new(Config, defaults, Runs, data)
        : throw new InvalidOperationException("The run has begun; call run.On before run.Begin, run.Folder and run.Train.");

    /// <summary>Begins the run: makes its folder with config.json and prints what it works on. With --resume, an earlier run is continued.</summary>
    /// <param name="recipe">The recipe that is trained, if it is not the one that the options describe: config.json records it.</param>
    /// <param name="subject">The subject in the titles of pictures, for a run that does not train one recipe.</param>
    /// <exception cref="InvalidOperationException">The run has begun already.</exception>
    /// <exception cref="CommandLineException">An option has no effect, since the script replaced the part of the recipe that it describes.</exception>
    /// <exception cref="TorchletException">
    /// --out names a folder that is not empty, or --resume one that cannot be continued: another process uses it, the data are not those of the run, or a
    /// file is missing or damaged. Or the network is too large for this machine.
    /// </exception>
    public RunFolder Begin(Recipe? recipe = null, string? subject = null)
    {
        if (folder is not null) throw new InvalidOperationException("The run has begun already; a script begins one run.");
        var usual = Config is LearningConfig && (recipe is not null || subject is null) ? Recipe : null;
        given = recipe;
        if (usual is not null && recipe is not null) RunChecks.CheckReplaced(Config, defaults, usual, recipe);
        var used = isOnGiven || Config is RunConfig { HasData: true } ? Data : null;
        var home = Path.Combine(ProjectFolders.Outputs, Runs.Script);
        var made = NewRun.Create(Runs.Script, Config, used, Device, home, DateTime.Now, recipe, subject, usual, Runs);
        Runs.Add(made, made.HoldsRuns ? null : made.Options);
        folder = made is { Recipe: { } trained, Ended: null } && Runs.Processes is { } several ? made with { Recipe = several.Shared(trained, Data) } : made;
        RunHeader.Print(used, Device, folder);
        return folder;
    }

    /// <summary>
    /// Trains with every stage: shows, logs and times each epoch, keeps the best and the last weights, stops early with --patience, draws, and writes what
    /// the options ask for. The last line is the best test loss.
    /// </summary>
    /// <param name="recipe">The recipe to train, if it is not the one that the options describe.</param>
    /// <returns>The figures of every epoch, also of those before the run was resumed; with --seeds those of each seed, one after the other.</returns>
    /// <inheritdoc cref="Begin" path="/exception"/>
    /// <exception cref="DivergenceException">The loss is NaN or infinite.</exception>
    public IReadOnlyList<Epoch> Train(Recipe? recipe = null) => [.. Trainings(recipe).SelectMany(training => training.Train())];

    /// <summary>
    /// The trainings of the run, one after the other: a single one in the run's folder; with --seeds one for each seed, in a folder within it. A training
    /// is finished when the next one is asked for. After the last seed, the run gets a log.csv and pictures of all of them.
    /// </summary>
    /// <inheritdoc cref="Train" path="/param"/>
    /// <inheritdoc cref="Begin" path="/exception"/>
    public IEnumerable<TrainingRun> Trainings(Recipe? recipe = null)
    {
        if (Config is GalleryConfig) throw new InvalidOperationException("A script of the gallery trains variants; call Gallery.Train.");
        var whole = recipe is null || folder is not null && (ReferenceEquals(recipe, given) || ReferenceEquals(recipe, folder.Recipe)) ? Folder : Begin(recipe);
        return SeedRuns.Each(whole).Select(one =>
        {
            var training = new TrainingRun(one, Stop);
            trained.Add(training);
            return training;
        });
    }

    /// <summary>The model with the best weights of the run; with --seeds those of the best seed.</summary>
    /// <exception cref="InvalidOperationException">Nothing was trained.</exception>
    public TrainedModel Best() => trained.Where(training => training.Folder.Figures.Rows > 0).MinBy(training => training.Folder.Figures.Cost)?.Best()
        ?? throw new InvalidOperationException("Nothing was trained yet; call run.Train() first.");

    /// <summary>The run's folder, if it has begun.</summary>
    public override string ToString() => folder is null ? $"Run: {Runs.Script}, not begun" : $"{folder}";

    Recipe Describe() => Config is not LearningConfig learning
        ? throw new InvalidOperationException($"{typeof(T).Name} describes no recipe; give run.Train a recipe.")
        : learning.Unused(Data) is { } unused ? throw new CommandLineException(unused)
        : learning.Described(Data);

    Dataset Load() => Config is RunConfig run ? run.Load(Stop)
        : throw new InvalidOperationException($"{typeof(T).Name} names no data; call run.On(data).");
}
