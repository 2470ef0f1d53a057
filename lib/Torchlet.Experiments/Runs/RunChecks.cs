using System.Globalization;

namespace Torchlet;

/// <summary>Checks that a run does what its options ask for: an option that has no effect is an error.</summary>
static class RunChecks
{
    /// <summary>Fails for an option that was given and describes a part which the script replaced by one that does not depend on it.</summary>
    /// <remarks>A new part depends on the option if its text holds the option's value. A custom function, <c>own</c>, has no text to look into.</remarks>
    /// <param name="config">The options.</param>
    /// <param name="defaults">The script's own values of them.</param>
    /// <param name="usual">The recipe that the options describe.</param>
    /// <param name="recipe">The recipe that the script trains.</param>
    /// <exception cref="CommandLineException">There is one; the message names it and the part.</exception>
    public static void CheckReplaced(ScriptConfig config, ScriptConfig defaults, Recipe usual, Recipe recipe)
    {
        var given = CommandLine.Options(config).Zip(CommandLine.Options(defaults))
            .Where(o => o.First.Value is not null && o.First.Value != o.Second.Value).Select(o => (o.First.Name, Value: o.First.Value!)).ToList();
        var replaced = recipe.Instead(usual);
        foreach (var (name, value) in given)
            if (ShownOption.OfLibrary.FirstOrDefault(option => option.Name == name)?.How.Part is { } part
                && replaced.TryGetValue(part, out var text) && !DependsOn(text, value) && !Contains(text, usual, part))
                throw NoEffect($"--{name} {value}", $"the script replaces the {part} with {text}");
        if (usual.Epochs != recipe.Epochs && given.Any(o => o.Name == "epochs"))
            throw NoEffect($"--epochs {usual.Epochs}", $"the script trains with {recipe.Epochs.ToString(CultureInfo.InvariantCulture)}");
    }

    // Chain(ClipByGlobalNorm(1), run.Recipe.Optimizer) has the optimizer of the options in it.
    static bool Contains(string text, Recipe usual, string part) =>
        usual.Text.TryGetValue(part, out var whole) && text.Contains(whole, StringComparison.Ordinal);

    // An option has one-cycle, normal:0.01 and 50,100 where the text has OneCycle, Normal(0.01) and Dense(50) >> Dense(100).
    static bool DependsOn(string text, string value) =>
        Named.IsOwn(text) || value.Split(',', ':').All(item => Plain(text).Contains(Plain(item), StringComparison.OrdinalIgnoreCase));

    static string Plain(string text) => text.Replace("_", "").Replace("-", "");

    /// <summary>The epoch at the last stage, Plots.Curves.</summary>
    /// <exception cref="CommandLineException">It has not passed a stage that the run's options ask for.</exception>
    public static Epoch Drawn(RunFolder run, Epoch epoch)
    {
        if (run.Config is TrainConfig config)
        {
            if (config.Patience is { } patience) Want(EpochStage.EarlyStop, $"--patience {patience}");
            if (config.Tensorboard) Want(EpochStage.TensorBoard, "--tensorboard");
        }
        run.Figures.IsDrawn = true;
        return epoch.MarkedBy(EpochStage.Draw);

        void Want(EpochStage stage, string option)
        {
            if (!epoch.Stages.HasFlag(stage)) throw NoEffect(option, $"the script's stages lack {stage}", "add it, train with run.Train(), or ");
        }
    }

    /// <summary>Checks a run when its script has ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="began">When it began.</param>
    /// <exception cref="TorchletException">No epoch was trained, though the run was begun to train.</exception>
    /// <exception cref="CommandLineException">A file that the options name was not written, or an option whose stage is left out had no effect.</exception>
    public static void Check(RunFolder run, DateTimeOffset began)
    {
        if (run.Recipe is null || run.Ended is not null) return;
        var there = run.HoldsRuns ? RunPlaces.Within(run.Folder).Count : 0;
        if (run is { HoldsRuns: true, Config: LearningConfig { Seeds: var seeds } } && there > 0 && there < seeds.Length)
            throw new TorchletException($"{Notice.Shown(run.Folder)}: {there} of {seeds.Length} seeds were trained; take every one of run.Trainings().");
        if (run.HoldsRuns ? there == 0 : run.Figures.Rows == run.Finished.Rows.Length)
            throw new TorchletException($"{Notice.Shown(run.Folder)}: the run began to train and has no epoch. A pipe of stages runs only when its rows "
                + "are read: end it with training.Draw or Plots.Curves, or call run.Train().");
        if (run is { HoldsRuns: false, Figures.IsDrawn: false, Config: TrainConfig config }) // What passes the last stage was checked there.
        {
            if (config.Patience is { } patience && run.Figures.LongestWait > patience)
                throw NoEffect($"--patience {patience}", $"{run.Figures.LongestWait} epochs in a row were no better, and the script's stages lack "
                    + $"{EpochStage.EarlyStop}", "add it, train with run.Train(), or ");
            if (config.Tensorboard && !File.Exists(run.PathOf(TensorBoard.FileName)))
                throw NoEffect("--tensorboard", $"the script's stages lack {EpochStage.TensorBoard}", "add it, train with run.Train(), or ");
        }
        // A file system may round times down.
        foreach (var (option, file) in CommandLine.FilesToWrite(run.Config!))
            if (!File.Exists(file) || File.GetLastWriteTimeUtc(file) < began.UtcDateTime.AddSeconds(-2))
                throw NoEffect($"{option} {file}", "the script did not write the file", "call Export() of the training, train with run.Train(), or ");
    }

    static CommandLineException NoEffect(string option, string because, string remedy = "") =>
        new($"{Printable.Of(option)} has no effect: {because}; {remedy}leave the option out.");
}
