using System.Runtime.CompilerServices;
using System.Text;
using TorchSharp;

namespace Torchlet;

/// <summary>The folder that one run of a script writes to, and no other run ever does.</summary>
/// <param name="Folder">Its path.</param>
/// <param name="Script">The script's name, without its ending.</param>
public sealed record RunFolder(string Folder, string Script) : IDisposable
{
    /// <summary>The run's options.</summary>
    public ScriptConfig? Config { get; init; }

    /// <summary>What it works on; null if on no data set.</summary>
    public Dataset? Data { get; init; }

    /// <summary>What it trains; null if it trains nothing, or many things.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>What was done in the folder before this process took it up.</summary>
    public Past Past { get; init; } = Past.None;

    /// <summary>What the stages that log the run's rows have learned of it.</summary>
    internal RunFigures Figures { get; } = new();

    // Held open as long as the run goes on; the system lets go of it however the process ends.
    internal IDisposable? Lock { get; init; }

    /// <summary>
    /// Makes the folder: the one that --out names, else outputs/(script)/(time). Writes config.json into it, and leads
    /// outputs/(script)/latest to it. With --resume, takes up the folder that it names instead.
    /// </summary>
    /// <remarks>
    /// The run bears the name of the script that <see cref="Torchlet.Script"/> is running, and ends with it: its status and its line of outputs/index.csv are
    /// written then. Elsewhere it bears the name of the file that calls, and its status stays "running".
    /// </remarks>
    /// <param name="config">The run's options.</param>
    /// <param name="data">What it works on; null if on no data set.</param>
    /// <param name="device">Where its tensors live; null if nowhere.</param>
    /// <param name="recipe">What it trains, where that is not just what the options describe: what is recorded of the run is the recipe.</param>
    /// <param name="subject">What the run's pictures are of, for their titles; null for what is trained, or for the data.</param>
    /// <param name="path">The file that calls; the compiler fills it in.</param>
    /// <exception cref="TorchletException">
    /// --out names a folder that holds something already, or --resume one that cannot go on: another process is at work there, the data are not
    /// those of the run, or a file that it needs is missing or damaged. Or the network is too large for this machine.
    /// </exception>
    public static RunFolder Create(
        ScriptConfig config, Dataset? data = null, torch.Device? device = null, Recipe? recipe = null, string? subject = null,
        [CallerFilePath] string path = "")
    {
        var script = ScriptRuns.AtWork?.Script ?? Named(path);
        var run = NewRun.Create(script, config, data, device, Path.Combine(ProjectFolders.Outputs, script), DateTime.Now, recipe, subject);
        ScriptRuns.AtWork?.Add(run, run.HoldsRuns ? null : run.Options);
        return run is { Recipe: { } trained, Ended: null } && ScriptRuns.AtWork?.Processes is { } several
            ? run with { Recipe = several.Shared(trained, data!) } : run;
    }

    /// <summary>Whether it trains nothing itself, but holds a run within it for each of its --seeds, or variants.</summary>
    internal bool HoldsRuns { get; init; }

    /// <summary>
    /// Its options as <see cref="CommandLine.Differing"/> gives them, and after them the parts of what it trains that are others than the options say.
    /// </summary>
    internal string Options
    {
        get
        {
            var parts = Recipe is { } trained && Config is LearningConfig learning
                ? trained.Instead(learning.Recipe(Data!)).Select(part => $"{part.Key}={part.Value}") : [];
            return string.Join(' ', parts.Prepend(CommandLine.Differing(Config!)).Where(o => o.Length > 0));
        }
    }

    /// <summary>Why the run trains no further, and what to do about it; null if it does.</summary>
    internal string? Ended =>
        HoldsRuns || Recipe is null ? null
        : Past.Rows.Length >= Recipe.Epochs ? $"{Folder} already has its {Past.Rows.Length} epochs; --epochs N with a higher N trains on."
        : Config is TrainConfig { Patience: { } patience } && EarlyStop.IsOver(Past.Rows, patience)
            ? $"{Folder} has been no better for its patience of {patience} epochs; --patience N with a higher N trains on."
        : null;

    /// <summary>Fails for an epoch of another training than the one that the run is recorded as.</summary>
    /// <exception cref="ArgumentException">It is of another recipe, or the run holds those of several seeds.</exception>
    internal void Check(Epoch epoch)
    {
        if (HoldsRuns) throw new ArgumentException("The run is recorded with several seeds; give the stages the runs of SeedRuns.Each, one after the other.");
        if (epoch.State?.Recipe is { } trained && Recipe is { } recorded && trained.Instead(recorded) is { Count: > 0 } other)
            throw new ArgumentException($"The run is recorded with {Parts(recorded.Instead(trained))}, and what is trained has {Parts(other)}; "
                + "give RunFolder.Create the recipe that Training.Run gets.");

        static string Parts(IReadOnlyDictionary<string, string> parts) => string.Join(", ", parts.Select(p => $"{p.Key} {p.Value}"));
    }

    /// <summary>The state in an epoch of the run's training.</summary>
    /// <exception cref="ArgumentException">The epoch has none, or is of another training.</exception>
    internal Snapshot StateOf(Epoch epoch)
    {
        Check(epoch);
        return epoch.State is { Recipe: not null } state && Data is not null ? state
            : throw new ArgumentException(
                "Weights are kept of epochs as Training.Run yields them, with their State, in a run that has data; this one has none.");
    }

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a text file into the folder, or replaces it.</summary>
    /// <exception cref="TorchletException">The file cannot be written; the message names it and says why.</exception>
    public void Write(string name, string text) => AtomicFile.Write(PathOf(name), Encoding.UTF8.GetBytes(text));

    /// <summary>What the folder's config.json says.</summary>
    /// <exception cref="TorchletException">It is damaged, or not there.</exception>
    internal RunRecord Record() => RunRecord.Read(PathOf(RunRecord.FileName));

    /// <summary>Lets another process write to the folder.</summary>
    public void Dispose() => Lock?.Dispose();

    // What is typed into a prompt stands in no file.
    static string Named(string path) => Path.GetFileNameWithoutExtension(path) is { Length: > 0 } name ? name : "prompt";
}
