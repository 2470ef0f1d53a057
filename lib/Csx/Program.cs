// A small script host for machines without dotnet-script: runs a .csx file with dotnet-script's semantics.
//   dotnet run run.cs -- SCRIPT [--watch] [--] [arguments of the script], where SCRIPT is a file, or the name or number of one in scripts/
//   dotnet run run.cs -- doctor
//   dotnet run run.cs -- completion bash

using System.Reflection;
using System.Runtime.CompilerServices;
using Csx;
using Torchlet;

var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));
var watches = Watch.IsAsked(ref args);
if (args is not [var named, ..])
    return Fail("usage: dotnet run run.cs -- SCRIPT [--watch] [--] [arguments of the script], where SCRIPT is a file, or the name or number of one in "
        + "scripts/ (02, spiral); or in place of a script doctor, or completion bash", exitCode: 2);
if (args is ["doctor"]) return Doctor();
if (args is ["completion", ..]) return ShellCompletion.Print(args[1..]);
if (args is ["--over-last", var before, var after]) return OverLast(before, after);
if (!HasFolder()) return Fail("error: the current folder is not there any more; change to one that is, and run the script again.", exitCode: 1);
if (args is [ShellCompletion.Asking, .. var words])
{
    if (ShellCompletion.Script(words, root) is not { } completed) return 0;
    (named, args) = (completed, [completed]);
}
if (ScriptNames.Find(named, root) is not { } script) return Fail(ScriptNames.Complaint(named, root), exitCode: 2);
if (watches) return Watch.Run(script, root, [.. ScriptArguments()]);

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

// Only the library itself can be missing here; it checks for what scripts need.
static int Doctor()
{
    try
    {
        return Library("Torchlet.Doctor").GetMethod("Run", Type.EmptyTypes)!.CreateDelegate<Func<int>>()();
    }
    catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException)
    {
        return Fail($"!! library       {e.Message.Split('\n')[0].Trim()} Remedy: delete lib/bin and run `dotnet build Torchlet.slnx`", exitCode: 1);
    }
}

// Asked for by Watch, in a process of its own, since drawing takes libraries that a host does not load.
static int OverLast(string before, string after)
{
    const BindingFlags inside = BindingFlags.Static | BindingFlags.NonPublic;
    if (Library("Torchlet.Redraw").GetMethod("OverLast", inside)!.CreateDelegate<Func<string, string, string?>>()(before, after) is { } picture)
        Console.Error.WriteLine($"The last two runs over one another: {Path.GetRelativePath(Environment.CurrentDirectory, picture)}");
    return 0;
}

static Type Library(string type) =>
    Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Torchlet.Experiments.dll")).GetType(type, throwOnError: true)!;

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
