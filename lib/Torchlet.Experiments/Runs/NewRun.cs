using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;

namespace Torchlet;

/// <summary>Makes the folder of a run, or takes up that of an earlier one.</summary>
static class NewRun
{
    const string ScriptHash = "script_sha256";

    static readonly JsonWriterOptions Json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Error codes for a link that already exists: EEXIST, and Windows' ERROR_ALREADY_EXISTS.
    static readonly int[] AlreadyThere = [17, unchecked((int)0x800700B7)];

    /// <summary>The content of config.json.</summary>
    sealed record Setup(
        ScriptConfig Config, Dataset? Data, torch.Device? Device, Recipe? Recipe, string Subject, bool HoldsRuns, IReadOnlyDictionary<string, string> Changed,
        ScriptRuns? Runs);

    /// <inheritdoc cref="RunFolder.Create"/>
    /// <param name="script">The script's name, without its ending.</param>
    /// <param name="config">The run's options.</param>
    /// <param name="data">What it works on.</param>
    /// <param name="device">Where its tensors live.</param>
    /// <param name="home">The folder of the script's runs.</param>
    /// <param name="now">The time, which names the folder.</param>
    /// <param name="recipe">What it trains.</param>
    /// <param name="subject">What its pictures are of.</param>
    /// <param name="usual">The recipe that the options describe, where it is known.</param>
    /// <param name="runs">The runs of the script that begins it.</param>
    public static RunFolder Create(
        string script, ScriptConfig config, Dataset? data, torch.Device? device, string home, DateTime now, Recipe? recipe = null, string? subject = null,
        Recipe? usual = null, ScriptRuns? runs = null)
    {
        data = data is null ? null : DataInMemory.Identified(data);
        usual ??= config is LearningConfig learning && data is not null ? learning.Described(data) : null;
        recipe ??= subject is null ? usual : null;
        if (recipe is not null && data is not null)
        {
            if (ReferenceEquals(recipe, usual)) ((LearningConfig)config).CheckPositions(recipe, data);
            CheckMemory(recipe, config, data, device);
            recipe.CheckSmallestBatch(data, recipe.Net(data), runs?.Processes?.Count);
        }
        if (recipe is not null && data is not null && config is not IResumable { Resume: not null }) CheckStart(recipe, data);
        if (recipe is not null && config is TrainConfig { SaveOnnx: { } file }) CheckOnnx(recipe, file);
        var setup = new Setup(config, data, device, recipe, subject ?? (data is null ? script : recipe?.Subject(data) ?? data.Name),
            HoldsRuns: config is TrainConfig { Seeds: [_, ..] } or GalleryConfig, Changed(recipe, usual), runs);
        var run = config is IResumable { Resume: { } place } ? Resume(SavedRun.Find(place, script), setup, place)
            : config.Out is { } folder ? InNamed(folder, script, setup)
            : InNew(home, script, setup, now);
        if (run.Ended is { } because) Notice.Warn(because);
        if (runs is not { IsListed: false }) LinkLatest(home, run.Folder);
        return run;
    }

    /// <summary>The run of one of the seeds of a run that holds several: a folder within its own, begun or resumed.</summary>
    /// <remarks>Except for its place it is the run that <c>--seed</c> alone would make.</remarks>
    /// <exception cref="TorchletException">The folder holds something else, or a run that cannot go on.</exception>
    public static RunFolder OfSeed(RunFolder whole, long seed) => Within(
        whole, RunPlaces.OfSeed(seed), folder => (TrainConfig)whole.Config! with { Seed = seed, Seeds = [], Out = folder, Resume = null },
        whole.Recipe! with { Seed = seed }, whole.Record().Subject);

    /// <summary>The run of one variant from one seed, in a run that holds them all.</summary>
    /// <inheritdoc cref="OfSeed"/>
    public static RunFolder OfVariant(RunFolder whole, Variant variant, long seed)
    {
        var recipe = variant.Recipe with { Seed = seed };
        CheckMemory(recipe, whole.Config!, whole.Data!, whole.Data!.Train.Inputs.device);
        return Within(whole, RunPlaces.OfVariant(variant.Name, seed),
            folder => (GalleryConfig)whole.Config! with { Seed = seed, Seeds = [], Out = folder, Resume = null }, recipe, recipe.Subject(whole.Data!));
    }

    static RunFolder Within(RunFolder whole, string name, Func<string, RunConfig> options, Recipe recipe, string subject)
    {
        var folder = whole.PathOf(name);
        var config = options(folder);
        var changed = config is LearningConfig ? whole.Changed : Changed(recipe, usual: null);
        var setup = new Setup(config, whole.Data, whole.Data!.Train.Inputs.device, recipe, subject, HoldsRuns: false, changed, whole.Runs);
        return RunPlaces.HoldsRun(folder) ? Resume(SavedRun.Find(folder, whole.Script), setup, folder) : InNamed(folder, whole.Script, setup);
    }

    /// <summary>Fails for a network with which a training cannot begin: its parameters, their gradient, the step and two moments must find room.</summary>
    static void CheckMemory(Recipe recipe, ScriptConfig config, Dataset data, torch.Device? device)
    {
        const int vectors = 5;
        if (device is not null && device.type != DeviceType.CPU) return;
        var parameters = recipe.Net(data).Count;
        var (wanted, there) = ((double)parameters * vectors * sizeof(float), (double)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (wanted <= there) return;
        var which = config is LearningConfig { Model: "mlp", Hidden: var hidden } ? $"--hidden {OptionRule.Show(hidden)}" : recipe.Model.Text;
        throw new TorchletException(string.Create(CultureInfo.InvariantCulture,
            $"{Printable.Of(which)}: training {parameters:n0} parameters takes {wanted / 1e9:n0} GB of memory, "
            + $"and this machine has {there / 1e9:n0} GB; make the layers narrower."));
    }

    /// <summary>Fails for start weights that are not there or do not fit.</summary>
    static void CheckStart(Recipe recipe, Dataset data)
    {
        try
        {
            _ = (recipe.Start?.Target as StartWeights)?.Taken(recipe.Net(data));
        }
        catch (ArgumentException e)
        {
            throw new TorchletException(e.Message, e);
        }
    }

    /// <summary>Fails for a training whose result no ONNX model will hold.</summary>
    static void CheckOnnx(Recipe recipe, string file)
    {
        try
        {
            Onnx.Check(recipe.Model);
            if (Named.TextOf(recipe.Objective.Prepare) == Named.Own) throw new TorchletException("it cannot contain a custom preparation of the inputs");
            if (!recipe.Objective.IsClassification && !recipe.Objective.Metrics.Contains(Metric.MeanAbsoluteError))
                throw new TorchletException("it holds the probabilities of classes, and this training tells none apart");
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"--save-onnx {Printable.Of(file)}: {e.Message}; leave the option out.", e);
        }
    }

    static RunFolder Of(string folder, string script, Setup setup) =>
        new(folder, script)
        {
            Config = setup.Config, Data = setup.Data, Recipe = setup.Recipe, HoldsRuns = setup.HoldsRuns, Changed = setup.Changed,
            HasDrawPage = setup.Runs is not { IsListed: false }, Runs = setup.Runs,
        };

    static RunFolder InNew(string home, string script, Setup setup, DateTime now)
    {
        // Numbers of made-up digits must not pass for MNIST's when only the folder's name is left of a run.
        var time = now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + (setup.Data?.Name == Datasets.SyntheticName ? "-synthetic" : "");
        return Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? time : $"{time}-{n}")
            .Select(name => Claim(Of(Path.Combine(home, name), script, setup), setup)).First(run => run is not null)!;
    }

    static RunFolder InNamed(string folder, string script, Setup setup)
    {
        var run = Of(Path.GetFullPath(folder), script, setup);
        if (Directory.Exists(run.Folder) && !RunPlaces.HoldsRun(run.Folder)
            && Directory.EnumerateFileSystemEntries(run.Folder).FirstOrDefault(IsForeign) is { } foreign)
            throw new TorchletException(
                $"--out {folder}: the folder already holds {Path.GetFileName(foreign)}, which no run wrote; name a new or an empty one.");
        return Claim(run, setup) ?? throw new TorchletException($"--out {folder}: the folder already holds a run; name another one or delete it.");
    }

    /// <summary>Whether a file is foreign, and not left by a run that was killed before it had claimed its folder.</summary>
    static bool IsForeign(string path) => Path.GetFileName(path) is not (FolderLock.FileName or RunStatus.FileName) && !AtomicFile.IsTemporary(path);

    /// <summary>The run, if its folder was still free: a process that locks it and finds no config.json owns it once that is written.</summary>
    static RunFolder? Claim(RunFolder run, Setup setup) => Locked(run, locked =>
    {
        if (RunPlaces.HoldsRun(locked.Folder)) return null;
        AtomicFile.DeleteTemporaries(locked.Folder);
        RunStatus.Write(locked, RunStatus.Running);
        Write(locked, Describe(locked, setup));
        return locked;
    });

    static RunFolder Resume(SavedRun saved, Setup setup, string place) => Locked(Of(saved.Folder, saved.Record.Script, setup), locked =>
    {
        saved.CheckData(setup.Data!);
        if (setup.Recipe is { } recipe) saved.CheckEpochs(setup.Config, recipe);
        var run = locked with { Finished = locked.HoldsRuns ? FinishedEpochs.None : Checkpoint.Read(locked) };
        if (run is { Finished.Rows.IsEmpty: true, Recipe: { Start.Target: StartFile start } begun } && saved.Record.StartFile is { } file)
            run = run with { Recipe = begun with { Start = start.Recorded(file.Path, file.Sha256).Of } };
        foreach (var row in run.Finished.Rows) run.Figures.Add(row);
        AtomicFile.DeleteTemporaries(run.Folder);
        RunStatus.Write(run, RunStatus.Running);
        if (run.Ended is null) Write(run, Amended(run, setup));
        return run;
    }) ?? throw new TorchletException($"--resume {place}: another process is at work in {saved.Folder}; wait until it ends.");

    /// <summary>The run while this process alone may write to its folder; null if another one does, or <paramref name="take"/> does not want it.</summary>
    static RunFolder? Locked(RunFolder run, Func<RunFolder, RunFolder?> take)
    {
        if (Turn(run.Folder) is not { } turn) return null;
        RunFolder? taken = null;
        try
        {
            return taken = take(run with { Lock = turn });
        }
        finally
        {
            if (taken is null) turn.Dispose();
        }
    }

    static IDisposable? Turn(string folder)
    {
        try
        {
            return FolderLock.TryTake(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchletException($"{folder}: no run can write there ({AtomicFile.Reason(e)}); name another folder with --out, or make it writable.", e);
        }
    }

    static void Write(RunFolder run, JsonObject config)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Json)) config.WriteTo(json);
        bytes.WriteByte((byte)'\n');
        AtomicFile.Write(run.PathOf(RunRecord.FileName), bytes.ToArray());
    }

    /// <summary>config.json with the options from now on, and a line on when and after which epoch the run was resumed, and how.</summary>
    static JsonObject Amended(RunFolder run, Setup setup)
    {
        var file = run.PathOf(RunRecord.FileName);
        var json = JsonNode.Parse(RunRecord.Text(file))!.AsObject();
        var options = Options(setup.Config);
        if (json[ScriptHash] is { } hash && setup.Runs?.SourceHash is { } now && $"{hash}" != now)
            Notice.Warn($"{run.Script} has changed since the run in {Notice.Shown(run.Folder)} began; functions in it may compute something else now.");
        options[SavedRun.ResumeOption] = null;
        json["options"] = options;
        if (setup.Recipe is { } recipe) json[RunRecord.Recipe] = Trained(recipe, run.HoldsRuns);
        if (json["resumed"] is not JsonArray resumed) json["resumed"] = resumed = [];
        resumed.Add((JsonNode)new JsonObject
        {
            ["time"] = Now(), ["after_epoch"] = run.HoldsRuns ? (int?)null : run.Finished.Rows.Length,
            ["device"] = setup.Device?.ToString(), ["threads"] = torch.get_num_threads(), ["processes"] = TrainingTogether(run),
            ["command_line"] = CommandLineOf(setup.Runs),
        });
        return json;
    }

    // Node by node: a file-based app turns the reflection off by which .NET would make JSON of objects.
    static JsonObject Describe(RunFolder run, Setup setup) => new()
    {
        ["script"] = run.Script,
        [ScriptHash] = setup.Runs?.SourceHash,
        ["subject"] = setup.Subject,
        ["time"] = Now(),
        ["options"] = Options(setup.Config),
        [RunRecord.Recipe] = setup.Recipe is { } recipe ? Trained(recipe, run.HoldsRuns) : null,
        [RunRecord.Start] = Started(setup),
        [RunRecord.Instead] = new JsonArray([.. setup.Changed.Keys.Select(part => (JsonNode?)part)]),
        ["data"] = setup.Data is { } data ? new JsonObject
        {
            ["name"] = data.Name, ["source"] = data.Source, ["note"] = data.Note,
            ["train"] = data.Train.Count, ["validation"] = data.Validation?.Count, ["test"] = data.Test.Count,
            ["sha256"] = Texts(data.Checksums.Select(c => (c.Key, (string?)c.Value))),
        } : null,
        ["device"] = setup.Device?.ToString(),
        ["threads"] = torch.get_num_threads(),
        ["processes"] = TrainingTogether(run),
        ["versions"] = new JsonObject
        {
            ["torchsharp"] = typeof(torch).Assembly.GetName().Version!.ToString(3),
            ["dotnet"] = Environment.Version.ToString(),
            ["os"] = RuntimeInformation.OSDescription,
            ["rid"] = RuntimeInformation.RuntimeIdentifier,
        },
        ["command_line"] = CommandLineOf(setup.Runs),
    };

    /// <summary>The source of named start weights, and the taken and the drawn names; null without start weights.</summary>
    static JsonObject? Started(Setup setup)
    {
        if (setup.Recipe is not { Start.Target: StartWeights start } recipe || setup.Data is not { } data) return null;
        var net = recipe.Net(data);
        return new()
        {
            [RunRecord.File] = (start as StartFile)?.Path, [RunRecord.Sha256] = (start as StartFile)?.Sha256,
            ["taken"] = Names(start.Taken(net)), ["drawn"] = Names(start.Drawn(net)),
        };

        static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => (JsonNode?)name)]);
    }

    static JsonObject Trained(Recipe recipe, bool fromSeveralSeeds)
    {
        var parts = Texts(recipe.Text.Select(part => (part.Key, (string?)part.Value)));
        (parts["batch_size"], parts["epochs"], parts["seed"]) = (recipe.BatchSize, recipe.Epochs, fromSeveralSeeds ? (long?)null : recipe.Seed);
        if (recipe.AllowNonFinite) parts["allow_non_finite"] = true;
        return parts;
    }

    /// <summary>The parts of a recipe that are not those of the options, as they are written; all of them where no options describe a recipe.</summary>
    static IReadOnlyDictionary<string, string> Changed(Recipe? recipe, Recipe? usual) =>
        recipe is null || ReferenceEquals(recipe, usual) ? ImmutableDictionary<string, string>.Empty
        : usual is not null ? recipe.Instead(usual)
        : recipe.Text.Where(part => part.Value != Recipe.None).ToDictionary();

    static JsonObject Options(ScriptConfig config) => Texts(CommandLine.Options(config));

    static JsonObject Texts(IEnumerable<(string Name, string? Value)> texts) => new(texts.Select(t => KeyValuePair.Create(t.Name, (JsonNode?)t.Value)));

    static int TrainingTogether(RunFolder run) => run.Runs?.Processes?.Count ?? 1;

    static JsonArray CommandLineOf(ScriptRuns? runs) =>
        new([.. (runs?.CommandLine ?? Environment.GetCommandLineArgs()).Select(argument => (JsonNode?)argument)]);

    static string Now() => DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    static void LinkLatest(string home, string target)
    {
        var latest = Path.Combine(home, RunPlaces.Latest);
        try
        {
            Directory.CreateDirectory(home);
            // On Unix a link is deleted as a file, also one whose target is gone; on Windows as the folder that it leads to.
            if (new DirectoryInfo(latest).LinkTarget is not null)
                (OperatingSystem.IsWindows() ? (Action<string>)Directory.Delete : File.Delete)(latest);
            Directory.CreateSymbolicLink(latest, Path.GetRelativePath(home, target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The place may not be written, or Windows wants a privilege for links: the run itself can continue. If another run was faster, that is fine,
            // also where a third one has taken that link away again; so one look at what is there, and all bits are set where nothing is.
            if (!AlreadyThere.Contains(e.HResult) || !new FileInfo(latest).Attributes.HasFlag(FileAttributes.ReparsePoint))
                Notice.Warn($"{latest} does not lead to this run: {e.Message}");
        }
    }
}
