// A small script host for machines without dotnet-script: runs a .csx file with dotnet-script's semantics.
//   dotnet run run.cs -- SCRIPT.csx [--] [arguments of the script]
//   dotnet run run.cs -- doctor

using System.Reflection;
using System.Runtime.CompilerServices;
using Csx;
using Torchlet;

if (args is not [var named, ..])
    return Fail("usage: dotnet run run.cs -- SCRIPT.csx [--] [arguments of the script], or doctor in place of a script", exitCode: 2);
if (args is ["doctor"]) return Doctor();
if (!HasFolder()) return Fail("error: the current folder is not there any more; change to one that is, and run the script again.", exitCode: 1);
var script = Path.GetFullPath(named);
if (!File.Exists(script))
    return Fail($"{named} is not there; name a .csx file.", exitCode: 2);

var folder = CompiledScripts.FolderOf(script);
if ((CompiledScripts.Find(folder) ?? Compile(script, folder)) is not { } compiled) return 1;

try
{
    return await ScriptRunner.Run(compiled, ScriptArguments());
}
catch (Exception e) // The script's, whatever it is.
{
    return Fail($"error: {ScriptError.Describe(e)}", exitCode: 1);
}

// The first -- parts the host's arguments from the script's, and is neither's.
IEnumerable<string> ScriptArguments() =>
    Array.IndexOf(args, "--") is > 0 and var at ? args[1..at].Concat(args[(at + 1)..]) : args[1..];

// Not inlined, so that a run from the cache does not load Roslyn.
[MethodImpl(MethodImplOptions.NoInlining)]
static CompiledScript? Compile(string script, string folder)
{
    try
    {
        var (compiled, messages) = ScriptCompiler.Compile(script, ScriptRunner.Prepare);
        foreach (var message in messages) Console.Error.WriteLine(message);
        if (compiled is not null) Keep(folder, compiled);
        return compiled;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"{script} cannot be read: {e.Message}");
        return null;
    }
}

static void Keep(string folder, CompiledScript compiled)
{
    try
    {
        CompiledScripts.Store(folder, compiled);
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"warning: the compiled script is not kept, so the next start is as slow: {e.Message}");
    }
}

// What scripts use is the library's matter; only the library itself can be missing here.
static int Doctor()
{
    try
    {
        var library = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Torchlet.Experiments.dll"));
        return library.GetType("Torchlet.Doctor", throwOnError: true)!.GetMethod("Run", Type.EmptyTypes)!.CreateDelegate<Func<int>>()();
    }
    catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException)
    {
        return Fail($"!! library       {e.Message.Split('\n')[0].Trim()} Remedy: delete lib/bin and run `dotnet build Torchlet.slnx`", exitCode: 1);
    }
}

// A current folder that was deleted has no path any more.
static bool HasFolder()
{
    try
    {
        return Directory.Exists(Environment.CurrentDirectory);
    }
    catch (IOException)
    {
        return false;
    }
}

static int Fail(string message, int exitCode)
{
    try
    {
        Console.Error.WriteLine(message);
    }
    catch (IOException)
    {
        // Standard error is full or closed: the exit code is all that is left.
    }
    return exitCode;
}
