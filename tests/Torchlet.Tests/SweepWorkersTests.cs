using System.Diagnostics;
using System.Globalization;

namespace Torchlet.Tests;

/// <summary>Cells that misbehave: what they do to their process is not done to the sweep, and nothing that they have started is left of it.</summary>
[Collection(Lane.MoreScripts)]
public sealed class SweepWorkersTests : IDisposable
{
    const string Script = """
        #load "../lib/bin/torchlet.csx"
        using System.Threading;
        using Torchlet;

        return Script.Run(Args, new Own(), run =>
        {
            var (folder, place) = (run.Begin(), Environment.GetEnvironmentVariable("PLACE")!);
            void Started(int process) => File.WriteAllText(Path.Combine(place, $"{process}.pid"), "");
            Started(Environment.ProcessId);
            switch (run.Config.Mode)
            {
                case "spoof":
                    using (var output = Console.OpenStandardOutput())
                        for (var i = 0; i < 10; i++) output.Write(System.Text.Encoding.UTF8.GetBytes($"{i} done\n"));
                    throw new TorchletException("it fails all the same");
                case "stdin": Console.WriteLine($"read {Console.ReadLine() ?? "nothing"}"); break;
                case "leave": Started(Process.Start("sleep", "1000").Id); Environment.Exit(3); break;
                case "threads": Started(Process.Start("sleep", "1000").Id); new Thread(() => Thread.Sleep(-1)).Start(); break;
                case "hang": Thread.Sleep(-1); break;
            }
        });

        record Own : ScriptConfig { public string Mode { get; init; } = ""; }
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Cells_that_read_print_die_and_leave_processes_or_hang_end_with_their_sweep()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no process groups");
        ScriptEngine.Write(folder.Path, "own.csx", Script);
        var (killed, whole) = (Place("killed"), Place("whole"));
        using var sweep = Process.Start(ScriptEngine.Info("dotnet", Arguments("hang", killed), folder.Path, Environment(killed)))!;
        while (!sweep.HasExited && Started(killed).Count == 0) Thread.Sleep(1);
        sweep.Kill(); // It alone: its worker does not stop when asked to.

        using var input = new RunningInput(ScriptEngine.Info("dotnet", Arguments("spoof,stdin,leave,threads", whole), folder.Path, Environment(whole)));
        var outcome = input.End();
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("mode spoof: it fails all the same", outcome.Output);
        Assert.Contains("mode leave: its process ended (exit code 3)", outcome.Output);
        Assert.Equal("error: not done: 2 of 4 cells; the same command again runs them.", outcome.ErrorLines[^1]);
        Assert.Contains(Directory.GetFiles(Path.Combine(whole, "sweep", "cells"), "*.txt"), file => File.ReadAllText(file).Contains("read nothing\n"));
        Assert.True(Started(whole).Count >= 4); // Workers, and what they started.
        foreach (var process in Started(whole).Concat(Started(killed)))
            Assert.True(SpinWait.SpinUntil(() => !IsAlive(process), TimeSpan.FromMinutes(1)), $"{process} outlives its sweep");
    }

    string Place(string name) => Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;

    static string Arguments(string modes, string place) =>
        $"\"{Path.Combine(Natives.Folder, "Csx.dll")}\" \"{Path.Combine(ProjectFolders.Root, "scripts", "05_sweep.csx")}\" own.csx "
        + $"--grid mode={modes} --jobs 2 --plain --out {Path.Combine(place, "sweep")}";

    static (string, string)[] Environment(string place) =>
        [("PLACE", place), ("XDG_CACHE_HOME", ScriptEngine.CacheFolder), (ProjectFolders.OutputsVariable, Path.Combine(place, "outputs"))];

    static IReadOnlyList<int> Started(string place) =>
        [.. Directory.GetFiles(place, "*.pid").Select(file => int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture))];

    // An ended process that was not waited for yet counts as ended.
    static bool IsAlive(int process) => File.Exists($"/proc/{process}/stat") && !Text($"/proc/{process}/stat").Contains(") Z ");

    static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ") Z "; // It has ended since.
        }
    }

    /// <summary>A sweep whose own standard input stays open until its end.</summary>
    sealed class RunningInput(ProcessStartInfo info) : IDisposable
    {
        readonly Process process = Process.Start(info)!;

        public Outcome End()
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), "the sweep did not end");
            return new(process.ExitCode, output.Result, error.Result);
        }

        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }
}
