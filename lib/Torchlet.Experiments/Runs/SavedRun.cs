using System.Text.Json;

namespace Torchlet;

/// <summary>An earlier run that is to go on.</summary>
/// <param name="Folder">The run's folder, no link.</param>
/// <param name="Record">What its config.json says.</param>
sealed record SavedRun(string Folder, RunRecord Record)
{
    /// <summary>The option that names the run.</summary>
    public static string ResumeOption { get; } = OptionRule.Kebab(nameof(IResumable.Resume));

    // How many epochs there are changes none of them. Data may lie elsewhere now: their checksums tell whether they are the same.
    static readonly string[] MayChange = [Epochs, "patience", "data", "device", "threads", "tensorboard"];
    const string Epochs = "epochs";
    const string Out = "out"; // A resumed run stays where it is.

    /// <summary>The run that <c>--resume</c> names.</summary>
    /// <param name="place">A folder; or the name of one of the script's own run folders, or <c>latest</c>.</param>
    /// <param name="script">The script's name, without its ending.</param>
    /// <exception cref="TorchletException">The run does not exist, is another script's, or its config.json is damaged.</exception>
    public static SavedRun Find(string place, string script)
    {
        var folder = RunPlaces.Find(place, script)
            ?? throw new TorchletException($"--resume {place}: no such folder; name a run's folder, or latest.");
        var file = Path.Combine(RunPlaces.Behind(folder), RunRecord.FileName);
        return File.Exists(file) ? Read(file, script)
            : throw new TorchletException(
                $"--resume {place}: the folder holds no {RunRecord.FileName}, so no run was begun there; name a run's folder, or train again with --out.");
    }

    /// <summary>The run's options, with those of a command line in place of the few that may change.</summary>
    /// <exception cref="CommandLineException">Another option has a value that the run does not have.</exception>
    public T Config<T>(IEnumerable<string> args, T defaults) where T : ScriptConfig
    {
        var saved = Parsed(defaults);
        var config = CommandLine.Parse(args, saved);
        foreach (var ((name, was), (_, value)) in Kept(saved).Zip(Kept(config)))
            if (was != value)
                throw new CommandLineException(
                    $"--{name} {Printable.Of(value ?? "")}: the run in {Folder} has {Printable.Of(was ?? "none")},"
                    + " which --resume cannot change; leave the option out, or train again.");
        return config;
    }

    /// <summary>The options and data checksums that a training's numbers depend on.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Decisive(RunConfig config, Dataset data) =>
        from fact in Kept(config).Where(o => o.Name != Out).Concat(data.Checksums.Select(c => (Name: c.Key, Value: (string?)c.Value)))
        where fact.Value is not null
        select KeyValuePair.Create(fact.Name, fact.Value);

    /// <summary>Fails unless the data are those that the run was trained on so far.</summary>
    /// <exception cref="TorchletException">A file is another one now, or missing; or the examples in memory are others.</exception>
    public void CheckData(Dataset data)
    {
        var (was, now) = (Record.Checksums.GetValueOrDefault(DataInMemory.Name, "none"), data.Checksums.GetValueOrDefault(DataInMemory.Name, "none"));
        if (was != now)
            throw new TorchletException(
                $"the examples of {Printable.Of(data.Name)} are not those that the run in {Folder} was trained on (SHA-256 {Short(was)} then, {Short(now)} now)"
                + "; make the same ones again, or train again.");
        foreach (var (file, sha256) in Record.Checksums)
            if (data.Checksums.GetValueOrDefault(file) != sha256)
                throw new TorchletException(
                    $"{Path.Combine(data.Source, Printable.Of(file))} {(data.Checksums.ContainsKey(file) ? "is not the file" : "is missing, a file")}"
                    + $" that the run in {Folder} was trained on (SHA-256 {Short(sha256)}…);"
                    + " put that one back or name its folder with --data, or train again.");

        static string Short(string sha256) => Printable.Of(sha256[..Math.Min(8, sha256.Length)]);
    }

    /// <summary>Fails if the number of epochs changes a part of the recipe: a schedule over all steps would give other learning rates.</summary>
    /// <exception cref="CommandLineException">It does; the message names both numbers, the part and what to do.</exception>
    public void CheckEpochs(ScriptConfig config, Recipe recipe)
    {
        var now = CommandLine.Options(config).FirstOrDefault(o => o.Name == Epochs).Value;
        if (Record.Options.FirstOrDefault(o => o.Name == Epochs).Value is not { } was || was == now) return;
        foreach (var (part, text) in recipe.Text)
            if (Record.Trained.TryGetValue(part, out var before) && before != text)
                throw new CommandLineException(
                    $"--epochs {now}: the run in {Folder} was begun with --epochs {Printable.Of(was)}, and its {part} depends on that number: it is "
                    + $"{Printable.Of(before)} and would be {Printable.Of(text)}. A schedule over all steps cannot be lengthened or shortened. The run's "
                    + $"files are good: resume it with --epochs {Printable.Of(was)}, or train again without --resume.");
    }

    /// <summary>The options that stay what they were when the run began.</summary>
    static IEnumerable<(string Name, string? Value)> Kept(ScriptConfig config)
    {
        string[] free = [.. MayChange, .. CommandLine.NotReplayed(config).Where(name => name != Out)];
        return CommandLine.Options(config).Where(o => !free.Contains(o.Name));
    }

    T Parsed<T>(T defaults) where T : ScriptConfig
    {
        try
        {
            // Further output files come from the new command line, not from a folder that may come from a stranger.
            string[] ofThisCall = [.. CommandLine.NotReplayed(defaults).Where(name => name != Out)];
            var saved = Record.Options.Where(o => o.Value is not null && !ofThisCall.Contains(o.Name));
            return CommandLine.Parse(saved.SelectMany(o => CommandLine.Typed(o.Name, o.Value!)), defaults);
        }
        catch (CommandLineException e)
        {
            throw RunRecord.Damaged(Path.Combine(Folder, RunRecord.FileName), e);
        }
    }

    static SavedRun Read(string file, string script)
    {
        var record = RunRecord.Read(file, script);
        return record.Checksums.IsEmpty ? throw RunRecord.Damaged(file, new JsonException("no checksums of the data"))
            : new(Path.GetDirectoryName(file)!, record);
    }
}
