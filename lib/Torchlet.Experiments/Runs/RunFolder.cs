using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using TorchSharp;

namespace Torchlet;

/// <summary>The folder of one run of a script. No other run writes to it.</summary>
/// <param name="Folder">Its path.</param>
/// <param name="Script">The script's name, without its ending.</param>
public sealed record RunFolder(string Folder, string Script) : IDisposable
{
    /// <summary>The run's options.</summary>
    public ScriptConfig? Config { get; init; }

    /// <summary>The data set that it works on; null without one.</summary>
    public Dataset? Data { get; init; }

    /// <summary>The recipe that it trains; null if it trains none, or several.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>The epochs finished before this run was resumed.</summary>
    public FinishedEpochs Finished { get; init; } = FinishedEpochs.None;

    /// <summary>The figures of the rows that were logged so far.</summary>
    internal RunFigures Figures { get; } = new();

    /// <summary>The parts of the recipe that are not those of the options, as they are written.</summary>
    internal IReadOnlyDictionary<string, string> Changed { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether training it writes a draw page; a cell of a sweep gets none, since a sweep may have thousands.</summary>
    internal bool HasDrawPage { get; init; } = true;

    /// <summary>The runs of the script that began it; null for a run that no script began.</summary>
    internal ScriptRuns? Runs { get; init; }

    // Held open during the run; the system releases it however the process ends.
    internal IDisposable? Lock { get; init; }

    /// <summary>
    /// Makes a run's folder for a program; a script calls <see cref="Run{T}.Begin"/>. The folder is the one that --out names, else outputs/(name)/(time).
    /// config.json is written into it, and outputs/(name)/latest leads to it. With --resume, the folder that it names is continued instead.
    /// </summary>
    /// <remarks>The run has the name of the file that calls. Its status stays "running", and the index of runs does not list it.</remarks>
    /// <param name="config">The run's options.</param>
    /// <param name="data">The data set that it works on; null without one.</param>
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
        if (data is not null && (config as LearningConfig)?.Unused(data) is { } unused) throw new ArgumentException(unused);
        var script = Named(path);
        return NewRun.Create(script, config, data, device, Path.Combine(ProjectFolders.Outputs, script), DateTime.Now, recipe, subject);
    }

    /// <summary>Whether it trains nothing itself, but holds a run within it for each of its --seeds, or variants.</summary>
    internal bool HoldsRuns { get; init; }

    /// <summary>
    /// Its options as <see cref="CommandLine.Differing"/> gives them, and after them the parts of what it trains that are others than the options say.
    /// </summary>
    internal string Options => string.Join(' ', (Config is LearningConfig ? Changed.Select(part => $"{part.Key}={part.Value}") : [])
        .Prepend(CommandLine.Differing(Config!)).Where(o => o.Length > 0));

    /// <summary>Why the run trains no further, and what to do about it; null if it does.</summary>
    internal string? Ended =>
        HoldsRuns || Recipe is null ? null
        : Finished.Rows.Length >= Recipe.Epochs ? $"{Folder} already has its {Plural.Of(Finished.Rows.Length, "epoch")}; --epochs N with a higher N trains on."
        : Config is TrainConfig { Patience: { } patience } && EarlyStop.IsOver(Finished.Rows, patience)
            ? $"{Folder} has been no better for its patience of {Plural.Of(patience, "epoch")}; --patience N with a higher N trains on."
        : null;

    /// <summary>Fails for an epoch of another training than the one that the run is recorded as.</summary>
    /// <exception cref="ArgumentException">It is of another recipe or from other weights than recorded, or the run holds those of several seeds.</exception>
    internal void Check(Epoch epoch)
    {
        if (HoldsRuns) throw new ArgumentException("The run has several seeds; pass each of run.Trainings() through the stages, one after the other.");
        if (epoch.State?.Recipe is { } trained && Recipe is { } recorded && trained.Instead(recorded) is { Count: > 0 } other)
            throw new ArgumentException($"The run is recorded with {Parts(recorded.Instead(trained))}, and what is trained has {Parts(other)}; "
                + "begin the run with the recipe that Training.Epochs gets.");
        if (epoch.State is { } state && !ReferenceEquals(state.From, Finished.State))
            throw new ArgumentException("The training continued from another snapshot than the run's own, which no file would record; "
                + "begin the run with the start weights as recipe.Start, or give Training.Epochs the run's Finished.State.");

        static string Parts(IReadOnlyDictionary<string, string> parts) => string.Join(", ", parts.Select(p => $"{p.Key} {p.Value}"));
    }

    /// <summary>The epoch at the stage that logs it.</summary>
    /// <exception cref="ArgumentException">It is of another training, has no time, or has passed a later stage already.</exception>
    internal Epoch Logged(Epoch epoch)
    {
        Check(epoch);
        epoch.CheckBefore(EpochStage.Log);
        epoch.CheckTimed();
        return epoch.MarkedBy(EpochStage.Log);
    }

    /// <summary>The state in an epoch of the run's training.</summary>
    /// <exception cref="ArgumentException">The epoch has none, or is of another training.</exception>
    internal Snapshot StateOf(Epoch epoch)
    {
        Check(epoch);
        return epoch.State is { Recipe: not null } state && Data is not null ? state
            : throw new ArgumentException(
                "Weights are kept of epochs as Training.Epochs yields them, with their State, in a run that has data; this one has none.");
    }

    /// <summary>Run: its folder.</summary>
    public override string ToString() => $"Run: {Notice.Shown(Folder)}";

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a text file into the folder, or replaces it.</summary>
    /// <exception cref="TorchletException">The file cannot be written; the message names it and says why.</exception>
    public void Write(string name, string text) => AtomicFile.Write(PathOf(name), Encoding.UTF8.GetBytes(text));

    /// <summary>The content of the folder's config.json.</summary>
    /// <exception cref="TorchletException">It is damaged, or not there.</exception>
    internal RunRecord Record() => RunRecord.Read(PathOf(RunRecord.FileName));

    /// <summary>Lets another process write to the folder.</summary>
    public void Dispose() => Lock?.Dispose();

    // Code typed into a prompt is in no file.
    static string Named(string path) => Path.GetFileNameWithoutExtension(path) is { Length: > 0 } name ? name : "prompt";
}

/// <summary>The epochs finished before a run was resumed.</summary>
/// <param name="Rows">The epochs, without their states.</param>
/// <param name="State">The state of the training after the last of them; null if there is none.</param>
public sealed record FinishedEpochs(ImmutableArray<Epoch> Rows, Snapshot? State)
{
    /// <summary>Those of a new run: none.</summary>
    public static FinishedEpochs None { get; } = new([], null);

    /// <summary>How many there are.</summary>
    public override string ToString() => $"FinishedEpochs: {Rows.Length}";
}

/// <summary>The first lines of a run.</summary>
public static class RunHeader
{
    /// <summary>Prints the data, if there are any, the device and the folder.</summary>
    public static void Print(Dataset? data, torch.Device device, RunFolder run)
    {
        if (data is not null)
            Console.WriteLine(Notice.Line($"Data: {data.Name}, {data.Train.Count:n0}{(data.AreNew ? "" : $" + {data.Test.Count:n0}")} {data.Train.Kind}"
                + $"{(data.AreLabelled ? "" : " without labels")}, from {data.Source}"
                + (data.Note is { } note ? $"; {note}" : "")));
        var processes = run.Runs?.Processes is { } several ? $" in each of {several.Count} processes" : "";
        Console.WriteLine($"Device: {device}, {Plural.Of(torch.get_num_threads(), "thread")}{processes}");
        if (data is not null && run.Recipe is { } recipe) Console.WriteLine(Notice.Line($"Model: {Headline(recipe, data, run)}"));
        if (data is not null && run is { Config: not IResumable { Resume: not null }, Recipe: { Start.Target: StartWeights start } started })
            Console.WriteLine(Notice.Line(start.Line(started.Net(data))));
        Console.WriteLine(run);
        PrintResumed(run);
    }

    /// <summary>
    /// 784-50-100-10 sigmoid, 45,360 parameters, 118 steps an epoch. Where an epoch has so few steps that hardly anything is learned, a batch size with more.
    /// </summary>
    internal static string Headline(Recipe recipe, Dataset data, RunFolder run)
    {
        const int few = 10, wanted = 40, leastBatch = 8;
        int[] lengths = [.. recipe.Order.Lengths(data.Train, recipe.Epochs).Select(epoch => epoch.Length)];
        var (least, examples) = (Batches.Count(lengths.Min(), recipe.BatchSize), lengths.Max());
        var steps = Batches.Count(examples, recipe.BatchSize);
        var batch = leastBatch;
        while (Batches.Count(examples, 2 * batch) >= wanted) batch *= 2;
        var hint = steps < few && batch < recipe.BatchSize && batch < examples && run.Finished.Rows.IsEmpty
            && (run.Config as LearningConfig)?.BatchSize == recipe.BatchSize
            ? FormattableString.Invariant($"; --batch-size {batch} makes {Batches.Count(examples, batch)}") : "";
        return recipe.Model.Headline(recipe.Net(data)) + $", {(least < steps ? $"{least:n0} to " : "")}{Plural.Of(steps, "step")} an epoch{hint}";
    }

    /// <summary>Prints the title of a run within a run.</summary>
    internal static void PrintPart(RunFolder run, string title)
    {
        Console.WriteLine(title);
        PrintResumed(run);
    }

    static void PrintResumed(RunFolder run)
    {
        if (run.Finished.Rows is [.., var last]) Console.WriteLine($"Resumed: after epoch {last.Index}");
    }
}
