using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Csx;

/// <summary>Runs a script again whenever it, or a script that it loads, is saved, and draws the new run over the last one.</summary>
/// <remarks>
/// Looks at the files' content a few times a second: editors write temporary files and rename them, some file systems report nothing, and a file that was
/// saved without a change does not run again.
/// </remarks>
static class Watch
{
    /// <summary>The host's option, before the script's arguments or among them.</summary>
    public const string Option = "--watch";

    const int Term = 15;

    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(150);

    /// <summary>Whether the option is given, which is then taken out of the arguments. After <c>--</c> it is the script's.</summary>
    public static bool IsAsked(ref string[] args)
    {
        var at = Array.IndexOf(args, Option);
        if (at < 0 || Array.IndexOf(args, "--") is >= 0 and var end && end < at) return false;
        args = [.. args[..at], .. args[(at + 1)..]];
        return true;
    }

    /// <summary>Runs the script until Ctrl-C or SIGTERM.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string script, string root, IReadOnlyList<string> args)
    {
        if (args.Any(arg => arg == "--out" || arg.StartsWith("--out=", StringComparison.Ordinal)))
        {
            Console.Error.WriteLine($"error: {Option}: every run gets a folder of its own; leave --out out.");
            return 2;
        }
        var asked = 0;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => (context.Cancel, asked) = (true, 130));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => (context.Cancel, asked) = (true, 143));
        var files = new WatchedFiles(script);
        string? before = null;
        while (true)
        {
            files.Begin();
            var latest = Latest(script, root);
            using var process = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Csx.dll"), script, "--", .. args]);
            while (!process.WaitForExit(Poll) && asked == 0 && !files.HaveChanged()) { }
            End(process, asked);
            if (asked != 0) return asked;
            if (process.ExitCode == 0 && Latest(script, root) is { } run && run != latest) // Another one may have no epoch to draw.
            {
                if (before is not null) Draw(before, run);
                before = run;
            }
            if (!files.HaveChanged()) Console.Error.WriteLine($"{Option}: waiting until {files.Names} is saved; Ctrl-C ends.");
            while (!files.HaveChanged())
            {
                Thread.Sleep(Poll);
                if (asked != 0) return asked;
            }
            Console.Error.WriteLine($"{Option}: saved; running it again.");
        }
    }

    /// <summary>Waits for the script. It is asked to end if its file has changed, and after Ctrl-C if it does not receive that itself.</summary>
    static void End(Process process, int asked)
    {
        // Ctrl-C on a terminal reaches the script, too; asked twice, it would end at once and lose the batch at work.
        if (process.HasExited || asked != 0 && process.WaitForExit(TimeSpan.FromSeconds(2))) return;
        if (OperatingSystem.IsWindows()) process.Kill();
        else _ = Kill(process.Id, Term);
        process.WaitForExit();
    }

    static void Draw(string before, string run)
    {
        using var drawing = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Csx.dll"), "--over-last", before, run]);
        drawing.WaitForExit();
    }

    /// <summary>The folder of the script's newest run; null if there is none.</summary>
    static string? Latest(string script, string root)
    {
        var outputs = Environment.GetEnvironmentVariable("TORCHLET_OUTPUTS") is { Length: > 0 } folder ? folder : Path.Combine(root, "outputs");
        var latest = new DirectoryInfo(Path.Combine(Path.GetFullPath(outputs), Path.GetFileNameWithoutExtension(script), "latest"));
        return latest.LinkTarget is null ? null : latest.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int process, int signal);
}

/// <summary>A script's file and those that it loads, and what they held when it began to run.</summary>
sealed class WatchedFiles(string script)
{
    readonly string compiled = CompiledScripts.FolderOf(script);
    readonly string[] alone = [script];
    string[] loaded = [];
    bool isCompiled;
    Dictionary<string, string> begun = [], seen = [];

    /// <summary>The files, in words.</summary>
    public string Names => loaded.Length > 1 ? $"{Path.GetFileName(script)} or one of the {loaded.Length - 1} it loads" : Path.GetFileName(script);

    /// <summary>The script begins to run.</summary>
    public void Begin()
    {
        isCompiled = false;
        begun = seen = Content();
    }

    /// <summary>Whether a file holds something else since then, and is written to the end: it was the same at the last look, and is there.</summary>
    public bool HaveChanged()
    {
        // Which files it loads is known once it is compiled.
        if (!isCompiled && CompiledScripts.Find(compiled) is { } current)
        {
            isCompiled = true;
            loaded = [.. current.Inputs.Where(input => input.IsSource).Select(input => input.Path)];
            foreach (var file in loaded) if (!begun.ContainsKey(file)) begun[file] = Hash(file);
        }
        var now = Content();
        var isWritten = now.All(file => file.Value.Length > 0 && seen.GetValueOrDefault(file.Key, file.Value) == file.Value);
        seen = now;
        return isWritten && now.Any(file => begun.GetValueOrDefault(file.Key, file.Value) != file.Value);
    }

    // Where the script does not compile, what it loads may be a new file: any one next to it.
    Dictionary<string, string> Content() =>
        alone.Union(loaded).Union(isCompiled ? [] : Directory.EnumerateFiles(Path.GetDirectoryName(script)!, "*.csx")).ToDictionary(file => file, Hash);

    /// <summary>Content of a file; empty while it does not exist.</summary>
    static string Hash(string file)
    {
        try
        {
            return ScriptInput.Hash(File.ReadAllBytes(file));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
