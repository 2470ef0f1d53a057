#!/usr/bin/env dotnet
#:property PublishAot=false
// Runs a script with lib/Csx, and builds that first where a source is newer than the last build:
//   dotnet run run.cs -- SCRIPT [arguments of the script], where SCRIPT is a .csx file, or the name or number of one in scripts/
// It refers to no project and does not load MSBuild, so without a build it costs a quarter of a second.

using System.Diagnostics;
using System.Runtime.InteropServices;

var root = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
var (lib, bin) = (Path.Combine(root, "lib"), Path.Combine(root, "lib", "bin"));

if (LastWritten() >= LastBuilt())
{
    using var turn = Turn();
    if (turn is null) return 1;
    if (LastWritten() >= LastBuilt() && Build() is not 0 and var failed) return failed;
}
return HandOver(["dotnet", Path.Combine(bin, "Csx.dll"), .. args]);

// The earlier build of the two projects that a script runs on; 1601 without a build.
DateTime LastBuilt() => new[] { "Csx.built", "Torchlet.Cluster.built" }.Min(stamp => File.GetLastWriteTimeUtc(Path.Combine(bin, stamp)));

// A folder is written when a file in it is added, renamed or deleted.
DateTime LastWritten() =>
    Directory.EnumerateFiles(root, "Directory.*").Concat(Directory.EnumerateFiles(lib))
        .Concat(Directory.EnumerateDirectories(lib).Where(IsSource).SelectMany(Tree)).Max(File.GetLastWriteTimeUtc);

static IEnumerable<string> Tree(string folder) =>
    Directory.EnumerateFiles(folder).Append(folder).Concat(Directory.EnumerateDirectories(folder).Where(IsSource).SelectMany(Tree));

static bool IsSource(string folder) => Path.GetFileName(folder) is not ("bin" or "obj");

// One build at a time: another one would rewrite files that this one reads. The system frees the lock of a process that has died. Null where there can be
// no lock, nor a build.
FileStream? Turn()
{
    int[] taken = [unchecked((int)0x80070020), 11, 35]; // Windows' sharing violation, EAGAIN on Linux, EAGAIN on macOS.
    for (var line = default(ProgressLine); ; Thread.Sleep(250))
        try
        {
            var file = Path.Combine(Directory.CreateDirectory(bin).FullName, ".lock");
            var turn = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            line?.End();
            return turn;
        }
        catch (IOException e) when (taken.Contains(e.HResult))
        {
            line ??= new("Another process is building lib/. Waiting for it");
            line.Show("");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: lib/ must be built, and {bin} cannot be written to ({e.Message}); make it writable, or build on another machine.");
            return null;
        }
}

int Build()
{
    var project = Path.Combine(lib, "Csx");
    var first = !File.Exists(Path.Combine(bin, "Csx.dll"));
    var packages = new Packages();
    if (first && Step("First start. Fetching packages (some 300 MB, once)", _ => packages.Fetched(), "restore", project, "-v", "q") is not 0 and var failed)
        return failed;
    return Step(first ? "Building lib/ (a minute or two, once)" : "Something in lib/ has changed. Building it", Parts,
        "build", project, "-v", "m", "-p:AheadImportance=high");
}

// The projects that are built, and how many assemblies have got machine code.
static string Parts(IReadOnlyList<string> printed) => string.Join(", ", [
    .. printed.Where(IsProject).Select(line => line.Trim().Split(' ')[0]),
    .. printed.Count(IsAhead) is > 0 and var count ? [$"{count} compiled ahead"] : Array.Empty<string>()]);

static bool IsProject(string line) => line.Contains(" -> ");

static bool IsAhead(string line) => line.StartsWith("compiled ahead: ") || line.Contains("Emitting R2R");

// On standard error, since standard output is the script's.
static int Step(string what, Func<IReadOnlyList<string>, string> progress, params string[] arguments)
{
    var (line, printed) = (new ProgressLine(what), new List<string>());
    var step = Process.Start(new ProcessStartInfo("dotnet", [.. arguments, "-nologo", "-tl:off"]) { RedirectStandardOutput = true })!;
    AppDomain.CurrentDomain.ProcessExit += (_, _) => step.Kill(entireProcessTree: true); // Asked to end, it leaves no build behind.
    step.OutputDataReceived += (_, e) => { lock (printed) if (e.Data is { } text) printed.Add(text); };
    step.BeginOutputReadLine();
    while (!step.WaitForExit(500)) lock (printed) line.Show(progress(printed));
    step.WaitForExit(); // For the rest of what it prints.
    line.End();
    if (step.ExitCode != 0) foreach (var text in printed.Where(text => !IsProject(text) && !IsAhead(text.Trim()))) Console.Error.WriteLine(text);
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

// The current step and its time: one line that is rewritten on a terminal, elsewhere a new one now and then.
sealed class ProgressLine
{
    const int Pace = 15;

    readonly string what;
    readonly long start = Stopwatch.GetTimestamp();
    double next = Pace;

    public ProgressLine(string what) => Console.Error.Write($"{this.what = what} … ");

    double Seconds => Stopwatch.GetElapsedTime(start).TotalSeconds;

    public void Show(string progress)
    {
        var text = progress.Length > 0 ? $"{Seconds:f0} s, {progress}" : $"{Seconds:f0} s";
        // A line that is longer than the terminal is wide could not be written again.
        if (!Console.IsErrorRedirected) Console.Error.Write($"\r\e[K{Cut($"{what} … {text}")}");
        else if (Seconds >= next)
        {
            Console.Error.Write($"\n  {text} … ");
            next = Seconds + Pace;
        }
    }

    public void End() => Console.Error.WriteLine(Console.IsErrorRedirected ? $"{Seconds:f0} s" : $"\r\e[K{Cut($"{what} … {Seconds:f0} s")}");

    static string Cut(string line)
    {
        var width = Console.WindowWidth is > 10 and var columns ? columns - 1 : 79;
        return line.Length <= width ? line : line[..(width - 1)] + "…";
    }
}

// The folder of NuGet's packages, and what has come into it.
sealed class Packages
{
    static readonly string Folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    readonly HashSet<string> before = [.. Versions()];

    public string Fetched() => $"{Versions().Where(version => !before.Contains(version)).Sum(Length) / 1e6:f0} MB";

    static IEnumerable<string> Versions() => Directory.Exists(Folder) ? Directory.EnumerateDirectories(Folder).SelectMany(Directory.EnumerateDirectories) : [];

    static long Length(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            return 0; // A temporary file went while it was looked at.
        }
    }
}
