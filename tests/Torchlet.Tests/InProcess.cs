using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using TorchSharp;

namespace Torchlet.Tests;

/// <summary>
/// Runs scripts in the tests' own process. Each script is compiled once, by lib/Csx. For tests of what a script computes, prints and writes; tests of an
/// engine, of signals and of the environment start processes: <see cref="ScriptEngine"/>.
/// </summary>
/// <remarks>Its tests are in no lane, since it redirects the console. Options name full paths: the current folder is that of the tests.</remarks>
static partial class InProcess
{
    // The host is loaded from its own folder, with its compiler as machine code.
    static readonly Assembly Host = Assembly.LoadFrom(Path.Combine(Natives.Folder, "Csx.dll"));

    static readonly Dictionary<(string Path, string Text), Func<object?[], Task<int>>> Compiled = [];

    /// <summary>Runs a script: its full path, or its path in the repository.</summary>
    public static Outcome Run(string script, string arguments)
    {
        var start = Compile(Path.Combine(ProjectFolders.Root, script));
        var globals = Activator.CreateInstance(TypeOf("ScriptGlobals"), Word().Matches(arguments).Select(word => word.Value.Replace("\"", "")));
        var (output, error, threads) = (Console.Out, Console.Error, torch.get_num_threads());
        using StringWriter printed = new(), warned = new();
        Console.SetOut(printed);
        Console.SetError(warned);
        try
        {
            // On another thread: what a script sets for its thread ends with it, and a script that hangs fails its test.
            var running = Task.Run(() => start([globals, null]));
            Assert.True(Task.WaitAny([running], RunningScript.Patience) == 0, $"{script} {arguments}: the script did not end\n{printed}\n{warned}");
            return new(running.GetAwaiter().GetResult(), $"{printed}", $"{warned}");
        }
        finally
        {
            torch.set_num_threads(threads);
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>Runs a script under an engine: lib/Csx in this process, dotnet-script in a process of its own.</summary>
    public static Outcome Run(string engine, string script, string arguments) =>
        engine == ScriptEngine.Csx ? Run(script, arguments) : ScriptEngine.Run(engine, script, arguments);

    static Func<object?[], Task<int>> Compile(string path)
    {
        var key = (path, File.ReadAllText(path));
        if (Compiled.TryGetValue(key, out var known)) return known;
        Action<IReadOnlyList<string>> nothing = _ => { };
        var result = (ITuple)TypeOf("ScriptCompiler").GetMethod("Compile")!.Invoke(null, [path, nothing])!;
        Assert.True(result[0] is not null, string.Join('\n', (IEnumerable<string>)result[1]!));
        // Each in a context of its own: scripts of one name are assemblies of one name.
        var context = new AssemblyLoadContext(path);
        context.Resolving += (_, name) => name.Name == Host.GetName().Name ? Host : null;
        using var code = new MemoryStream((byte[])result[0]!.GetType().GetProperty("Assembly")!.GetValue(result[0])!);
        var factory = context.LoadFromStream(code).GetType("Submission#0", throwOnError: true)!.GetMethod("<Factory>")!;
        return Compiled[key] = factory.CreateDelegate<Func<object?[], Task<int>>>();
    }

    static Type TypeOf(string name) => Host.GetType($"Csx.{name}", throwOnError: true)!;

    [GeneratedRegex("""(?:[^\s"]|"[^"]*")+""")]
    private static partial Regex Word();
}
