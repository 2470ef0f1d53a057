using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp;

namespace Torchlet;

/// <summary>The folder that one run of a script writes to, and no other run ever does.</summary>
/// <param name="Folder">Its path.</param>
/// <param name="Script">The script's name, without its ending.</param>
public sealed record RunFolder(string Folder, string Script)
{
    static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Makes the folder: the one that --out names, else outputs/(script)/(time). Writes config.json into it, and leads
    /// outputs/(script)/latest to it.
    /// </summary>
    /// <exception cref="TorchletException">--out names a folder that already holds a run.</exception>
    public static RunFolder Create(string script, RunConfig config, Dataset data, torch.Device device)
    {
        var home = Path.Combine(ProjectFolders.Outputs, script);
        var run = config.Out is { } folder
            ? Claim(new(Path.GetFullPath(folder), script), config, data, device)
                ?? throw new TorchletException($"--out {folder}: the folder already holds a run; name another one or delete it.")
            : New(home, script, config, data, device);
        RunStatus.Write(run, RunStatus.Running);
        Directory.CreateDirectory(home);
        LinkLatest(home, run.Folder);
        return run;
    }

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    static RunFolder New(string home, string script, RunConfig config, Dataset data, torch.Device device)
    {
        // Numbers of made-up digits must not pass for MNIST's when only the folder's name is left of a run.
        var time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + (data.Name == Datasets.SyntheticName ? "-synthetic" : "");
        return Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? time : $"{time}-{n}")
            .Select(name => Claim(new(Path.Combine(home, name), script), config, data, device)).First(run => run is not null)!;
    }

    /// <summary>The run, if its folder was still free: whoever creates config.json there has it.</summary>
    static RunFolder? Claim(RunFolder run, RunConfig config, Dataset data, torch.Device device)
    {
        Directory.CreateDirectory(run.Folder);
        var temporary = run.PathOf($".{Guid.NewGuid():n}");
        File.WriteAllText(temporary, JsonSerializer.Serialize(Describe(run, config, data, device), Json) + "\n");
        try
        {
            File.Move(temporary, run.PathOf("config.json"), overwrite: false);
            return run;
        }
        catch (IOException) when (File.Exists(run.PathOf("config.json")))
        {
            File.Delete(temporary);
            return null;
        }
    }

    static object Describe(RunFolder run, RunConfig config, Dataset data, torch.Device device) => new
    {
        script = run.Script,
        time = DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
        options = CommandLine.Options(config).ToDictionary(o => o.Name, o => o.Value),
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
