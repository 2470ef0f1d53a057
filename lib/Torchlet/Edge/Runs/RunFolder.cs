using System.Runtime.CompilerServices;
using TorchSharp;

namespace Torchlet;

/// <summary>The folder that one run of a script writes to, and no other run ever does.</summary>
/// <param name="Folder">Its path.</param>
/// <param name="Script">The script's name, without its ending.</param>
public sealed record RunFolder(string Folder, string Script) : IDisposable
{
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
    /// <param name="subject">What the run's pictures are of, for their titles; null for the network that config describes, or for the data.</param>
    /// <param name="path">The file that calls; the compiler fills it in.</param>
    /// <exception cref="TorchletException">
    /// --out names a folder that holds something already, or --resume one that cannot go on: another process is at work there, the data are not
    /// those of the run, or a file that it needs is missing or damaged. Or the network is too large for this machine.
    /// </exception>
    public static RunFolder Create(
        ScriptConfig config, Dataset? data = null, torch.Device? device = null, string? subject = null, [CallerFilePath] string path = "")
    {
        var (script, options) = (ScriptRuns.AtWork?.Script ?? Named(path), CommandLine.Differing(config));
        var run = NewRun.Create(script, config, data, device, Path.Combine(ProjectFolders.Outputs, script), DateTime.Now, subject);
        ScriptRuns.AtWork?.Add(run, options);
        return run;
    }

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>What the folder's config.json says.</summary>
    /// <exception cref="TorchletException">It is damaged, or not there.</exception>
    internal RunRecord Record() => RunRecord.Read(PathOf(RunRecord.FileName));

    /// <summary>Lets another process write to the folder.</summary>
    public void Dispose() => Lock?.Dispose();

    // What is typed into a prompt stands in no file.
    static string Named(string path) => Path.GetFileNameWithoutExtension(path) is { Length: > 0 } name ? name : "prompt";
}
