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
    internal const string ConfigFile = "config.json";

    static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What was done in the folder before this process took it up.</summary>
    public Past Past { get; init; } = Past.None;

    // Held open as long as the run goes on; the system lets go of it however the process ends.
    IDisposable? Lock { get; init; }

    /// <summary>
    /// Makes the folder: the one that --out names, else outputs/(script)/(time). Writes config.json into it, and leads
    /// outputs/(script)/latest to it. With --resume, takes up the folder that it names instead.
    /// </summary>
    /// <exception cref="TorchletException">
    /// --out names a folder that already holds a run, or --resume one that cannot go on: another process is at work there, the data are not
    /// those of the run, or a file that it needs is missing or damaged.
    /// </exception>
    public static RunFolder Create(string script, RunConfig config, Dataset data, torch.Device device) =>
        Create(script, config, data, device, Path.Combine(ProjectFolders.Outputs, script), DateTime.Now);

    internal static RunFolder Create(string script, RunConfig config, Dataset data, torch.Device device, string home, DateTime now)
    {
        var run = config is TrainConfig { Resume: { } place } training ? Resume(SavedRun.Find(place, script), script, training, data, device)
            : config.Out is { } folder ? Claim(new(Path.GetFullPath(folder), script), config, data, device)
                ?? throw new TorchletException($"--out {folder}: the folder already holds a run; name another one or delete it.")
            : New(home, script, config, data, device, now);
        Directory.CreateDirectory(home);
        LinkLatest(home, run.Folder);
        return run;
    }

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Lets another process write to the folder.</summary>
    public void Dispose() => Lock?.Dispose();

    static RunFolder New(string home, string script, RunConfig config, Dataset data, torch.Device device, DateTime now)
    {
        // Numbers of made-up digits must not pass for MNIST's when only the folder's name is left of a run.
        var time = now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + (data.Name == Datasets.SyntheticName ? "-synthetic" : "");
        return Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? time : $"{time}-{n}")
            .Select(name => Claim(new(Path.Combine(home, name), script), config, data, device)).First(run => run is not null)!;
    }

    /// <summary>The run, if its folder was still free: whoever locks it and finds no config.json there has it.</summary>
    static RunFolder? Claim(RunFolder run, RunConfig config, Dataset data, torch.Device device) => Locked(run, locked =>
    {
        if (File.Exists(locked.PathOf(ConfigFile))) return null;
        Write(locked, JsonSerializer.SerializeToNode(Describe(locked, config, data, device), Json)!);
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
        AtomicFile.Write(run.PathOf(ConfigFile), Encoding.UTF8.GetBytes(config.ToJsonString(Json) + "\n"));

    /// <summary>config.json with the options that hold from now on, and a line on who went on with the run, after which epoch and how.</summary>
    static JsonNode Amended(RunFolder run, TrainConfig config, torch.Device device)
    {
        var json = JsonNode.Parse(File.ReadAllText(run.PathOf(ConfigFile)))!;
        json["options"] = JsonSerializer.SerializeToNode(Options(config with { Resume = null }));
        if (json["resumed"] is not JsonArray resumed) json["resumed"] = resumed = [];
        resumed.Add(JsonSerializer.SerializeToNode(new { time = Now(), after_epoch = run.Past.Rows.Length, device = device.ToString(), threads = torch.get_num_threads(), command_line = Environment.GetCommandLineArgs() }));
        return json;
    }

    static object Describe(RunFolder run, RunConfig config, Dataset data, torch.Device device) => new
    {
        script = run.Script,
        time = Now(),
        options = Options(config),
        data = new { name = data.Name, source = data.Source, sha256 = data.Checksums },
        device = device.ToString(),
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

    static Dictionary<string, string?> Options(RunConfig config) => CommandLine.Options(config).ToDictionary(o => o.Name, o => o.Value);

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
