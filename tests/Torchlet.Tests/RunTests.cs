using System.Diagnostics;

namespace Torchlet.Tests;

/// <summary>run.cs builds what scripts run on, where that is older than its sources, and hands over to it. Here before a host of a few lines.</summary>
[Collection(Lane.MoreScripts)]
public sealed class RunTests(RunTests.House house) : IClassFixture<RunTests.House>
{
    const string Host = """
        using System.Runtime.InteropServices;

        if (args is ["wait"])
        {
            using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(7));
            Console.WriteLine($"process {Environment.ProcessId} waits");
            Thread.Sleep(Timeout.Infinite);
        }
        Console.WriteLine(string.Join('|', [Environment.CurrentDirectory, Console.ReadLine(), .. args]));
        return 3;
        """;

    [Fact]
    public void The_first_start_fetches_packages_builds_and_says_so() =>
        Assert.Matches(@"^First start\. Fetching packages .+ … (.|\n)*\d+ s\nBuilding lib/ .+ … (.|\n)*\d+ s\n$", house.FirstStart.Error);

    [Fact]
    public void It_builds_after_any_change_and_runs_nothing_broken()
    {
        Run();
        foreach (var change in new[]
        {
            () => File.Delete(house.Source("Room/Part.cs")),
            () => File.SetLastWriteTimeUtc(Path.Combine(house.Folder, "Directory.Build.props"), DateTime.UtcNow),
        })
        {
            change();
            Assert.Matches(@"^Something in lib/ has changed\. Building it … (.|\n)*\d+ s\n$", Run().Error);
            Assert.Equal("", Run().Error);
        }
        house.Write("Program.cs", $"{Host}\nclass Broken : Nothing;");
        foreach (var _ in new[] { "first", "again" })
        {
            var broken = Start("");
            Assert.Equal((1, ""), (broken.ExitCode, broken.Output));
            Assert.Matches(@"Program\.cs\(11,16\): error CS0246", broken.Error);
            Assert.DoesNotContain("Unhandled", broken.Error);
        }
        house.Write("Program.cs", Host);
    }

    [Fact]
    public void While_another_process_builds_it_waits_and_says_so()
    {
        Run();
        house.Write("Room/Added.cs", "static class Added;");
        var another = new FileStream(Path.Combine(house.Folder, "lib", "bin", ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var running = new RunningScript(Process.Start(ScriptEngine.Info("dotnet", "run run.cs -- ran", house.Folder, house.Environment))!);
        running.Until(() => running.HasWarned("for it … "));
        another.Dispose();
        var outcome = running.End();
        Assert.EndsWith("|ran\n", outcome.Output);
        Assert.Matches(@"^Another process is building lib/\. Waiting for it … (.|\n)*\d+ s\nSomething in lib/ has changed\.", outcome.Error);
        Assert.Equal("", Run().Error);
    }

    [Fact]
    public void Arguments_input_folder_and_exit_code_are_the_scripts_own()
    {
        Run();
        var run = $"run {Path.Combine(house.Folder, "run.cs")} -- a \"b c\" --help -c -- \"\"";
        var outcome = ScriptEngine.Start("dotnet", run, Path.GetTempPath(), "typed\n", house.Environment);
        Assert.Equal((3, $"{Path.GetTempPath().TrimEnd('/')}|typed|a|b c|--help|-c|--|\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Fact]
    public void A_request_to_end_reaches_the_script_and_leaves_no_process()
    {
        Run();
        using var running = new RunningScript(Process.Start(ScriptEngine.Info("dotnet", "run run.cs -- wait", house.Folder, house.Environment))!);
        var outcome = running.Until(() => running.HasPrinted("waits\n")).Signal("TERM");
        var host = int.Parse(outcome.Output.Split(' ')[1]);
        Assert.Equal((7, ""), (outcome.ExitCode, outcome.Error));
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(host));
    }

    Outcome Run()
    {
        var outcome = Start("ran");
        Assert.EndsWith("|ran\n", outcome.Output);
        return outcome;
    }

    Outcome Start(string argument) => ScriptEngine.Start("dotnet", $"run run.cs -- {argument}", house.Folder, "", house.Environment);

    /// <summary>run.cs above a host of a few lines. The SDK compiles run.cs once for each folder, so all tests share this one.</summary>
    public sealed class House : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public House()
        {
            foreach (var name in new[] { "run.cs", "Directory.Build.props", "Directory.Build.targets" })
                File.Copy(Path.Combine(ProjectFolders.Root, name), Path.Combine(Folder, name));
            Write("Csx.csproj", """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <OutputPath>../bin/</OutputPath>
                    <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
                    <UseAppHost>false</UseAppHost>
                    <CompileAhead>false</CompileAhead>
                  </PropertyGroup>
                </Project>
                """);
            Write("Program.cs", Host);
            Write("Room/Part.cs", "static class Part;");
            var library = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "lib", "bin")).FullName, "Torchlet.Cluster.built");
            File.WriteAllText(library, "");
            File.SetLastWriteTimeUtc(library, DateTime.UtcNow.AddDays(1));
            FirstStart = ScriptEngine.Start("dotnet", "run run.cs", Folder, "", Environment);
        }

        public string Folder => folder.Path;

        public Outcome FirstStart { get; }

        /// <summary>Where the SDK keeps the build of run.cs; the folder must exist.</summary>
        public (string, string)[] Environment => [("XDG_DATA_HOME", Folder)];

        public string Source(string name) => Path.Combine(Folder, "lib", "Csx", name);

        public void Write(string name, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Source(name))!);
            File.WriteAllText(Source(name), text);
        }

        public void Dispose() => folder.Dispose();
    }
}
