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
    /// <param name="script">The script's name, without its ending.</param>
    /// <param name="config">The run's options.</param>
    /// <param name="data">What it works on; null if on no data set.</param>
    /// <param name="device">Where its tensors live; null if nowhere.</param>
    /// <param name="subject">What the run's pictures are of, for their titles; null for the network that config describes, or for the data.</param>
    /// <param name="stop">What interrupts the run, which its status then says.</param>
    /// <exception cref="TorchletException">--out names a folder that already holds a run.</exception>
    public static RunFolder Create(string script, ScriptConfig config, Dataset? data = null, torch.Device? device = null, string? subject = null, CancellationToken stop = default)
    {
        var home = Path.Combine(ProjectFolders.Outputs, script);
        subject ??= config is LearningConfig learning && data is not null ? $"{string.Join('-', Training.Sizes(learning, data))} on {data.Name}" : data?.Name ?? script;
        var run = config.Out is { } folder
            ? Claim(new(Path.GetFullPath(folder), script), config, data, device, subject)
                ?? throw new TorchletException($"--out {folder}: the folder already holds a run; name another one or delete it.")
            : New(home, script, config, data, device, subject);
        RunStatus.Write(run, RunStatus.Running);
        stop.Register(() => RunStatus.Write(run, RunStatus.Interrupted));
        Directory.CreateDirectory(home);
        LinkLatest(home, run.Folder);
        return run;
    }

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    static RunFolder New(string home, string script, ScriptConfig config, Dataset? data, torch.Device? device, string subject)
    {
        // Numbers of made-up digits must not pass for MNIST's when only the folder's name is left of a run.
        var time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + (data?.Name == Datasets.SyntheticName ? "-synthetic" : "");
        return Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? time : $"{time}-{n}")
            .Select(name => Claim(new(Path.Combine(home, name), script), config, data, device, subject)).First(run => run is not null)!;
    }

    /// <summary>The run, if its folder was still free: whoever creates config.json there has it.</summary>
    static RunFolder? Claim(RunFolder run, ScriptConfig config, Dataset? data, torch.Device? device, string subject)
    {
        Directory.CreateDirectory(run.Folder);
        var temporary = run.PathOf($".{Guid.NewGuid():n}");
        File.WriteAllText(temporary, JsonSerializer.Serialize(Describe(run, config, data, device, subject), Json) + "\n");
        try
        {
            File.Move(temporary, run.PathOf(RunRecord.FileName), overwrite: false);
            return run;
        }
        catch (IOException) when (File.Exists(run.PathOf(RunRecord.FileName)))
        {
            File.Delete(temporary);
            return null;
        }
    }

    static object Describe(RunFolder run, ScriptConfig config, Dataset? data, torch.Device? device, string subject) => new
    {
        script = run.Script,
        subject,
        time = DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
        options = CommandLine.Options(config).ToDictionary(o => o.Name, o => o.Value),
        data = data is null ? null : new { name = data.Name, source = data.Source, sha256 = data.Checksums },
        device = device?.ToString(),
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
