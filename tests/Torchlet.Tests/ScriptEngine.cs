using System.Diagnostics;

namespace Torchlet.Tests;

/// <summary>Outcome of a child process.</summary>
public sealed record Outcome(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The two programs that run our scripts: lib/Csx, and the real dotnet-script where it is on the PATH.</summary>
static class ScriptEngine
{
    public const string Csx = "Csx", DotnetScript = "dotnet-script";

    // One cache for the whole test run, so that a script is compiled once, and none of the user's.
    static readonly TemporaryFolder Cache = new();

    public static TheoryData<string> All => [Csx, DotnetScript];

    /// <summary>Runs a script; skips the test, saying so, where the engine is missing.</summary>
    public static Outcome Run(
        string engine, string script, string arguments = "", string? workingFolder = null, params (string Name, string Value)[] environment)
    {
        using var running = Begin(engine, script, arguments, workingFolder, environment);
        return running.End();
    }

    /// <summary>Starts a script and does not wait for it; skips the test, saying so, where the engine is missing.</summary>
    public static RunningScript Begin(
        string engine, string script, string arguments, string? workingFolder = null, params (string Name, string Value)[] environment)
    {
        var (program, host) = Program(engine);
        (string, string)[] surroundings = [("XDG_CACHE_HOME", CacheFolder), .. environment];
        return new(Process.Start(Info(program, $"{host} \"{script}\" {arguments}", workingFolder ?? ProjectFolders.Root, surroundings))!);
    }

    /// <summary>Writes a script into any folder, where it loads the library that was built, as ours do from theirs; gives its path.</summary>
    public static string Write(string folder, string name, string text)
    {
        const string library = "torchlet.csx";
        var script = Path.Combine(folder, name);
        File.WriteAllText(script, text.Replace($"../lib/bin/{library}", Path.Combine(Natives.Folder, library)));
        return script;
    }

    public static string CacheFolder => Cache.Path;

    /// <summary>Runs a program to its end, with <paramref name="input"/> typed into it.</summary>
    public static Outcome Start(string program, string arguments, string workingFolder, string input = "", params (string Name, string Value)[] environment)
    {
        using var running = new RunningScript(Process.Start(Info(program, arguments, workingFolder, environment))!, input);
        return running.End();
    }

    static (string Program, string Host) Program(string engine)
    {
        Assert.SkipUnless(IsThere(engine), "dotnet-script is not on the PATH");
        return engine == Csx ? ("dotnet", $"\"{Path.Combine(Natives.Folder, "Csx.dll")}\"") : (DotnetScript, "");
    }

    public static ProcessStartInfo Info(string program, string arguments, string workingFolder, (string Name, string Value)[] environment)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        // The test host's own settings for the processes it starts are not a user's.
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            info.Environment.Remove(name);
        foreach (var (name, value) in environment) info.Environment[name] = value;
        return info;
    }

    /// <summary>dotnet-script, if this machine has it.</summary>
    public static string Foreign => IsThere(DotnetScript) ? DotnetScript : Csx;

    /// <summary>Whether this machine has the engine.</summary>
    public static bool IsThere(string engine) =>
        engine == Csx || Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, engine)));
}
