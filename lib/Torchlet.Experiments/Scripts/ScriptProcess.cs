using System.Diagnostics;

namespace Torchlet;

/// <summary>Other processes that run a script, by the host in lib/bin.</summary>
static class ScriptProcess
{
    /// <summary>The script that a person means: its path, or the name or number of one in scripts/ or scripts/gallery/.</summary>
    /// <exception cref="CommandLineException">There is none.</exception>
    public static string Find(string? named)
    {
        if (named is null) throw new CommandLineException("name the script to sweep first: 05_sweep.csx 02_train_cross_entropy --grid lr=1e-4,1e-3.");
        return ScriptNames.Find(named, ProjectFolders.Root) ?? throw new CommandLineException(ScriptNames.Complaint(named, ProjectFolders.Root));
    }

    /// <summary>The words that run a script.</summary>
    /// <exception cref="TorchletException">The host is not built.</exception>
    public static IReadOnlyList<string> Command(string script) => Path.Combine(Natives.Folder, "Csx.dll") is var host && File.Exists(host)
        ? ["dotnet", host, script]
        : throw new TorchletException(
            $"{host} is not there, and it runs the cells; build it: dotnet build {ShellWord.Of(Path.Combine(ProjectFolders.Root, "lib", "Csx"))}.");

    /// <summary>Starts a script whose standard input and output are the caller's; standard error is shared.</summary>
    public static Process Start(string script, params IEnumerable<string> arguments)
    {
        var command = Command(script);
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }
}
