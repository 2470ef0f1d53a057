using System.Reflection;

namespace Torchlet.Tests;

/// <summary>The library without a script engine: a .NET file-based app, which has no reflection-based JSON unless it asks for it.</summary>
[Collection(Lane.MoreScripts)]
public sealed class FileBasedAppTests : IDisposable
{
    const string Scripted = """
        return Script.Run(args.Skip(1), new TrainConfig { Epochs = 1, Hidden = [7], Data = args[0] }, run =>
        {
            run.Train();
            Console.WriteLine($"{run.Folder.Script}: 1");
        });
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "running", "")]
    [InlineData("""
        return Script.Run(args.Skip(1), new TrainConfig { Epochs = 1, Hidden = [7], Data = args[0] }, run =>
        {
            Console.WriteLine($"{run.Folder.Script}: {run.Train().Count}");
        });
        """, "finished", " draw.html")]
    public void It_makes_a_run_folder_trains_logs_and_draws(string within, string status, string more)
    {
        // As the tests were built: another configuration would build the library anew below the running ones.
        var configuration = typeof(FileBasedAppTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var (app, run) = (Path.Combine(folder.Path, "my_app.cs"), Path.Combine(folder.Path, "run"));
        File.WriteAllText(app, $$"""
            #:project {{Path.Combine(ProjectFolders.Root, "lib", "Torchlet.Experiments")}}
            using Torchlet;

            {{within}}
            Train(new TrainConfig { Epochs = 1, Hidden = [7], Out = args[2] });
            return 0;

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
        var outcome = ScriptEngine.Start("dotnet", $"run -c {configuration} {app} {SmallMnist.Write(folder.Path)} --out {run}", folder.Path);
        Assert.SkipWhen(outcome.Output.Contains("error NU", StringComparison.Ordinal), "the SDK's packages for file-based apps cannot be had here");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.EndsWith("my_app: 1\n", outcome.Output);
        Assert.Equal($"accuracy.png best.safetensors config.json last.checkpoint log.csv loss.png status{more}".Split(' ').Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(run).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(status + "\n", File.ReadAllText(Path.Combine(run, "status")));
    }
}
