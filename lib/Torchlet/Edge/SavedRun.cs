using System.Collections.Immutable;
using System.Text.Json;

namespace Torchlet;

/// <summary>An earlier run, as its config.json describes it.</summary>
/// <param name="Folder">The run's folder, no link.</param>
/// <param name="Options">Its options as they would be typed; null for one that was left to its default.</param>
/// <param name="Checksums">SHA-256 of each data file, by its name.</param>
sealed record SavedRun(string Folder, ImmutableArray<(string Name, string? Value)> Options, ImmutableSortedDictionary<string, string> Checksums)
{
    // Data may lie elsewhere now: their checksums tell whether they are the same.
    static readonly string[] MayChange = ["epochs", "data", "device", "threads", "plain", "save-pt"];
    static readonly string[] OfThisCall = ["resume", "config"];

    /// <summary>The run that <c>--resume</c> names.</summary>
    /// <param name="place">A folder; or the name of one of the script's own run folders, or <c>latest</c>.</param>
    /// <param name="script">The script's name, without its ending.</param>
    /// <exception cref="TorchletException">There is no such run, it is another script's, or its config.json is damaged.</exception>
    public static SavedRun Find(string place, string script)
    {
        var folder = new[] { place, Path.Combine(ProjectFolders.Outputs, script, place) }.FirstOrDefault(Directory.Exists)
            ?? throw new TorchletException($"--resume {place}: there is no such folder; name a run's folder, or latest.");
        var file = Path.Combine(new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder), RunFolder.ConfigFile);
        return File.Exists(file) ? Read(file, script)
            : throw new TorchletException($"--resume {place}: the folder holds no {RunFolder.ConfigFile}, so no run was begun there; name a run's folder, or train anew with --out.");
    }

    /// <summary>The run's options, with those of a command line in place of the few that may change.</summary>
    /// <exception cref="CommandLineException">Another option has a value that the run does not have.</exception>
    public T Config<T>(IEnumerable<string> args, T defaults) where T : RunConfig
    {
        var saved = Parsed(defaults);
        var config = CommandLine.Parse(args, saved);
        foreach (var ((name, was), (_, value)) in CommandLine.Options(saved).Zip(CommandLine.Options(config)))
            if (was != value && !MayChange.Contains(name) && !OfThisCall.Contains(name))
                throw new CommandLineException($"--{name} {value}: the run in {Folder} has {was ?? "none"}, which --resume cannot change; leave the option out, or train anew.");
        return config;
    }

    /// <summary>What a training's numbers depend on: options, and the data's checksums.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Decisive(RunConfig config, Dataset data) =>
        from fact in CommandLine.Options(config).Concat(data.Checksums.Select(c => (Name: c.Key, Value: (string?)c.Value)))
        where fact.Value is not null && !MayChange.Contains(fact.Name) && !OfThisCall.Contains(fact.Name) && fact.Name != "out"
        select KeyValuePair.Create(fact.Name, fact.Value);

    /// <summary>Fails unless the data are those that the run was trained on so far.</summary>
    /// <exception cref="TorchletException">A file is another one now, or missing.</exception>
    public void CheckData(Dataset data)
    {
        foreach (var (file, sha256) in Checksums)
            if (data.Checksums.GetValueOrDefault(file) != sha256)
                throw new TorchletException($"{Path.Combine(data.Source, file)} {(data.Checksums.ContainsKey(file) ? "is not the file" : "is missing, a file")} that the run in {Folder} was trained on (SHA-256 {sha256[..Math.Min(8, sha256.Length)]}…); put that one back or name its folder with --data, or train anew.");
    }

    T Parsed<T>(T defaults) where T : RunConfig
    {
        try
        {
            return CommandLine.Parse(Options.Where(o => o.Value is not null && !OfThisCall.Contains(o.Name)).Select(o => $"--{o.Name}={o.Value}"), defaults);
        }
        catch (CommandLineException e)
        {
            throw Damaged(Path.Combine(Folder, RunFolder.ConfigFile), e);
        }
    }

    static SavedRun Read(string file, string script)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file), new() { AllowDuplicateProperties = false });
            var root = json.RootElement;
            if (root.GetProperty("script").GetString() is var by && by != script)
                throw new TorchletException($"{file}: it is of a run of {Printable.Of($"{by}")}, and this is {script}; name a run of {script}.");
            return new(Path.GetDirectoryName(file)!, [.. root.GetProperty("options").EnumerateObject().Select(o => (o.Name, o.Value.GetString()))],
                root.GetProperty("data").GetProperty("sha256").EnumerateObject().ToImmutableSortedDictionary(f => f.Name, f => $"{f.Value.GetString()}", StringComparer.Ordinal));
        }
        // The last two are what JsonElement answers where a value is missing or of another kind.
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged(file, e);
        }
    }

    static TorchletException Damaged(string file, Exception e) =>
        new($"{file}: it is not what a run wrote ({Printable.Of(e.Message.TrimEnd('.'))}); put a good copy back, or train anew without --resume.", e);
}
