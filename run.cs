#!/usr/bin/env dotnet
#:property PublishAot=false
// Runs a script with lib/Csx, and builds that first where a source is newer than the last build:
//   dotnet run run.cs -- SCRIPT.csx [arguments of the script]
// It knows nothing of MSBuild and refers to no project, so where there is nothing to build it costs a quarter of a second.

using System.Diagnostics;
using System.Runtime.InteropServices;

var root = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
var (lib, bin) = (Path.Combine(root, "lib"), Path.Combine(root, "lib", "bin"));

if (LastWritten() >= LastBuilt() && Build() is not 0 and var failed) return failed;
return HandOver(["dotnet", Path.Combine(bin, "Csx.dll"), .. args]);

// Of the two projects that a script runs on, the one that was built earlier; 1601 where there is none.
DateTime LastBuilt() => new[] { "Csx.built", "Torchlet.Cluster.built" }.Min(stamp => File.GetLastWriteTimeUtc(Path.Combine(bin, stamp)));

// A folder is written when a file in it is added, renamed or deleted.
DateTime LastWritten() =>
    Directory.EnumerateFiles(root, "Directory.*").Concat(Directory.EnumerateFiles(lib))
        .Concat(Directory.EnumerateDirectories(lib).Where(IsSource).SelectMany(Tree)).Max(File.GetLastWriteTimeUtc);

static IEnumerable<string> Tree(string folder) =>
    Directory.EnumerateFiles(folder).Append(folder).Concat(Directory.EnumerateDirectories(folder).Where(IsSource).SelectMany(Tree));

static bool IsSource(string folder) => Path.GetFileName(folder) is not ("bin" or "obj");

int Build()
{
    var project = Path.Combine(lib, "Csx");
    var first = !File.Exists(Path.Combine(bin, "Csx.dll"));
    if (first && Step("First start. Fetching packages (some 300 MB, once)", "restore", project) is not 0 and var failed) return failed;
    // What style asks for is for `dotnet build` to say: it would make a third of this.
    return Step(first ? "Building lib/ (a minute or two, once)" : "Something in lib/ has changed. Building it", "build", project, "-p:RunAnalyzers=false");
}

// On standard error, since standard output is the script's.
static int Step(string what, params string[] arguments)
{
    Console.Error.Write($"{what} … ");
    var start = Stopwatch.GetTimestamp();
    var step = Process.Start(new ProcessStartInfo("dotnet", [.. arguments, "-nologo", "-v", "q", "-tl:off"]) { RedirectStandardOutput = true })!;
    AppDomain.CurrentDomain.ProcessExit += (_, _) => step.Kill(entireProcessTree: true); // Asked to end, it leaves no build behind.
    var printed = step.StandardOutput.ReadToEnd();
    step.WaitForExit();
    Console.Error.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
    if (step.ExitCode != 0) Console.Error.Write(printed);
    return step.ExitCode;
}

// Where the system can, the host takes this process's place: its signals, its input and its exit code are then the host's own.
static int HandOver(string?[] command)
{
    if (!OperatingSystem.IsWindows())
    {
        execvp(command[0]!, [.. command, null]);
        throw new InvalidOperationException($"{command[0]} cannot be run: {Marshal.GetLastPInvokeErrorMessage()}");
    }
    Console.CancelKeyPress += (_, e) => e.Cancel = true; // The host hears Ctrl-C too, and says when to end.
    using var host = Process.Start(command[0]!, command[1..]!);
    host.WaitForExit();
    return host.ExitCode;
}

[DllImport("libc", SetLastError = true)]
static extern int execvp([MarshalAs(UnmanagedType.LPUTF8Str)] string file, string?[] arguments);
