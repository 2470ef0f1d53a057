using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;

namespace Torchlet;

/// <summary>The folder that one run of a script writes to, and no other run ever does.</summary>
/// <param name="Folder">Its path.</param>
/// <param name="Script">The script's name, without its ending.</param>
public sealed record RunFolder(string Folder, string Script) : IDisposable
{
    static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What was done in the folder before this process took it up.</summary>
    public Past Past { get; init; } = Past.None;

    /// <summary>What config.json is written of.</summary>
    sealed record Setup(ScriptConfig Config, Dataset? Data, torch.Device? Device, string Subject);

    // Held open as long as the run goes on; the system lets go of it however the process ends.
    IDisposable? Lock { get; init; }

    /// <summary>
    /// Makes the folder: the one that --out names, else outputs/(script)/(time). Writes config.json into it, and leads
    /// outputs/(script)/latest to it. With --resume, takes up the folder that it names instead.
    /// </summary>
    /// <param name="script">The script's name, without its ending.</param>
    /// <param name="config">The run's options.</param>
    /// <param name="data">What it works on; null if on no data set.</param>
    /// <param name="device">Where its tensors live; null if nowhere.</param>
    /// <param name="subject">What the run's pictures are of, for their titles; null for the network that config describes, or for the data.</param>
    /// <param name="stop">What interrupts the run, which its status then says.</param>
    /// <exception cref="TorchletException">
    /// --out names a folder that already holds a run, or --resume one that cannot go on: another process is at work there, the data are not
    /// those of the run, or a file that it needs is missing or damaged.
    /// </exception>
    public static RunFolder Create(
        string script, ScriptConfig config, Dataset? data = null, torch.Device? device = null, string? subject = null, CancellationToken stop = default)
    {
        var run = Create(script, config, data, device, Path.Combine(ProjectFolders.Outputs, script), DateTime.Now, subject);
        stop.Register(() => RunStatus.Write(run, RunStatus.Interrupted));
        return run;
    }

    internal static RunFolder Create(string script, ScriptConfig config, Dataset? data, torch.Device? device, string home, DateTime now, string? subject = null)
    {
        var setup = new Setup(config, data, device, subject ?? SubjectOf(config, data) ?? script);
        var run = config is TrainConfig { Resume: { } place } training ? Resume(SavedRun.Find(place, script), script, training, data!, device!)
            : config.Out is { } folder ? Claim(new(Path.GetFullPath(folder), script), setup)
                ?? throw new TorchletException($"--out {folder}: the folder already holds a run; name another one or delete it.")
            : New(home, script, setup, now);
        RunStatus.Write(run, RunStatus.Running);
        Directory.CreateDirectory(home);
        LinkLatest(home, run.Folder);
        return run;
    }

    /// <summary>The full path of a folder, or of the one that a link such as <c>latest</c> leads to.</summary>
    internal static string Behind(string folder) =>
        new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Lets another process write to the folder.</summary>
    public void Dispose() => Lock?.Dispose();

    static string? SubjectOf(ScriptConfig config, Dataset? data) =>
        config is LearningConfig learning && data is not null ? Training.Subject(learning, data) : data?.Name;

    static RunFolder New(string home, string script, Setup setup, DateTime now)
    {
        // Numbers of made-up digits must not pass for MNIST's when only the folder's name is left of a run.
        var time = now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + (setup.Data?.Name == Datasets.SyntheticName ? "-synthetic" : "");
        return Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? time : $"{time}-{n}")
            .Select(name => Claim(new(Path.Combine(home, name), script), setup)).First(run => run is not null)!;
    }

    /// <summary>The run, if its folder was still free: whoever locks it and finds no config.json there has it.</summary>
    static RunFolder? Claim(RunFolder run, Setup setup) => Locked(run, locked =>
    {
        if (File.Exists(locked.PathOf(RunRecord.FileName))) return null;
        Write(locked, JsonSerializer.SerializeToNode(Describe(locked, setup), Json)!);
        return locked;
    });

    static RunFolder Resume(SavedRun saved, string script, TrainConfig config, Dataset data, torch.Device device) => Locked(new(saved.Folder, script), locked =>
    {
        saved.CheckData(data);
        var run = locked with { Past = Checkpoint.Read(saved.Folder, config, data) };
        AtomicFile.DeleteTemporaries(run.Folder);
        var done = run.Past.Rows.Length;
        if (done < config.Epochs) Write(run, Amended(run, config, device));
        else ConsoleReport.Warn($"{run.Folder} already has its {done} epochs; --epochs N with a higher N trains on.");
        return run;
    }) ?? throw new TorchletException($"--resume {config.Resume}: another process is at work in {saved.Folder}; wait until it ends.");

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

    static void Write(RunFolder run, JsonNode config) =>
        AtomicFile.Write(run.PathOf(RunRecord.FileName), Encoding.UTF8.GetBytes(config.ToJsonString(Json) + "\n"));

    /// <summary>config.json with the options that hold from now on, and a line on who went on with the run, after which epoch and how.</summary>
    static JsonNode Amended(RunFolder run, TrainConfig config, torch.Device device)
    {
        var json = JsonNode.Parse(File.ReadAllText(run.PathOf(RunRecord.FileName)))!;
        json["options"] = JsonSerializer.SerializeToNode(Options(config with { Resume = null }));
        if (json["resumed"] is not JsonArray resumed) json["resumed"] = resumed = [];
        resumed.Add(JsonSerializer.SerializeToNode(new { time = Now(), after_epoch = run.Past.Rows.Length, device = device.ToString(), threads = torch.get_num_threads(), command_line = Environment.GetCommandLineArgs() }));
        return json;
    }

    static object Describe(RunFolder run, Setup setup) => new
    {
        script = run.Script,
        subject = setup.Subject,
        time = Now(),
        options = Options(setup.Config),
        data = setup.Data is { } data ? new { name = data.Name, source = data.Source, sha256 = data.Checksums } : null,
        device = setup.Device?.ToString(),
        threads = torch.get_num_threads(),
        versions = new
        {
            torchsharp = typeof(torch).Assembly.GetName().Version!.ToString(3),
            dotnet = Environment.Version.ToString(),
            os = RuntimeInformation.OSDescription,
            rid = RuntimeInformation.RuntimeIdentifier,
        },
        command_line = Environment.GetCommandLineArgs(),
    };

    static Dictionary<string, string?> Options(ScriptConfig config) => CommandLine.Options(config).ToDictionary(o => o.Name, o => o.Value);

    static string Now() => DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    static void LinkLatest(string home, string target)
    {
        var latest = Path.Combine(home, "latest");
        try
        {
            // On Unix a link is deleted as a file, also one whose target is gone; on Windows as the folder that it leads to.
            if (new DirectoryInfo(latest).LinkTarget is not null)
                (OperatingSystem.IsWindows() ? (Action<string>)Directory.Delete : File.Delete)(latest);
            Directory.CreateSymbolicLink(latest, Path.GetRelativePath(home, target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another run was faster, or Windows wants a privilege for links: the run itself can go on.
            if (new DirectoryInfo(latest).LinkTarget is null)
                ConsoleReport.Warn($"{latest} does not lead to this run: {e.Message}");
        }
    }
}
