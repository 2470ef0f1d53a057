using System.Reflection;

namespace Torchlet.Tests;

/// <summary>The library without a script engine: a .NET file-based app, which has no reflection-based JSON unless it asks for it.</summary>
[Collection(Lane.MoreScripts)]
public sealed class FileBasedAppTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_makes_run_folders_trains_logs_and_draws()
    {
        // As the tests were built: another configuration would rebuild the library below the running tests.
        var configuration = typeof(FileBasedAppTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var (app, own, script) = (Path.Combine(folder.Path, "my_app.cs"), Path.Combine(folder.Path, "own"), Path.Combine(folder.Path, "script"));
        File.WriteAllText(app, $$"""
            #:project {{Path.Combine(ProjectFolders.Root, "lib", "Torchlet.Experiments")}}
            using Torchlet;

            Train(new TrainConfig { Epochs = 1, Hidden = [7], Out = args[1] });
            return Script.Run(args.Skip(2), new TrainConfig { Epochs = 1, Hidden = [7], Data = args[0] }, run =>
            {
                Console.WriteLine($"{run.Folder.Script}: {run.Train().Count} more");
            });

            [System.Runtime.InteropServices.DllImport("libc")] static extern nint getenv(string name);

            void Train(TrainConfig config)
            {
                var data = Datasets.Load(args[0]);
                using var run = RunFolder.Create(config, data);
                var epochs = Training.Epochs(config.Recipe(data), data)
                    | Clock.Time | ConsoleReport.Plain | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run) | Plots.Curves(run);
                // Loading the library tunes nothing; only a script does.
                if (OperatingSystem.IsLinux() && getenv("GOMP_SPINCOUNT") != 0) throw new InvalidOperationException("the library has tuned the process");
                Console.WriteLine($"{run.Script}: {epochs.Count}");
            }
            """);
        // The library has been built with the tests; building it once more takes most of a minute.
        var outcome = ScriptEngine.Start("dotnet",
            $"run -c {configuration} -p:BuildProjectReferences=false {app} {SmallMnist.Write(folder.Path)} {own} --out {script}", folder.Path);
        Assert.SkipWhen(outcome.Output.Contains("error NU", StringComparison.Ordinal), "the SDK's packages for file-based apps cannot be had here");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("my_app: 1\n", outcome.Output);
        Assert.EndsWith("my_app: 1 more\n", outcome.Output);
        const string files = "accuracy.png best.safetensors config.json last.checkpoint log.csv loss.png status";
        AssertRun(own, "running", files);
        AssertRun(script, "finished", $"{files} draw.html");
    }

    static void AssertRun(string run, string status, string files)
    {
        Assert.Equal(files.Split(' ').Order(StringComparer.Ordinal), Directory.EnumerateFiles(run).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(status + "\n", File.ReadAllText(Path.Combine(run, "status")));
    }
}
