using System.Globalization;

namespace Torchlet.Tests;

/// <summary>Trainings as processes to which things happen. No file is half written, and the run can be resumed where it was.</summary>
[Collection(Lane.Scripts)]
public sealed class FaultTests : IClassFixture<FaultTests.Wholes>, IDisposable
{
    const string Script = "scripts/02_train_cross_entropy.csx";

    // Little to compute and much to write, so that a process is often hit while it writes.
    const string Options = "--hidden 300 --batch-size 100";

    readonly TemporaryFolder folder = new();
    readonly Wholes wholes;
    string whole = "";

    public FaultTests(Wholes wholes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' signals and mounts");
        this.wholes = wholes;
    }

    string Out => Path.Combine(folder.Path, "run");

    string Data => Path.Combine(folder.Path, "data");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Killed_or_asked_to_end_a_run_resumes_to_the_same_end() => EndAndResume(chains: 1, kills: 6);

    [LongFact]
    public void Killed_at_any_of_200_moments_a_run_resumes_to_the_same_end() => EndAndResume(chains: 20, kills: 10);

    [Fact]
    public void On_a_full_disk_it_ends_in_one_line_and_goes_on_once_there_is_room()
    {
        Whole(2);
        var disk = Directory.CreateDirectory(Path.Combine(folder.Path, "disk")).FullName;
        Assert.SkipUnless(Mount($"-t tmpfs -o size=2m tmpfs {disk}"), "mounting a small disk needs root");
        try
        {
            AssertRefused(Run($"--epochs 2 --out {disk}/run"), disk);
            AssertWhole($"{disk}/run");
            Assert.True(Mount($"-o remount,size=64m {disk}"));
            AssertResumes(run: $"{disk}/run");
        }
        finally
        {
            ScriptEngine.Start("umount", disk, folder.Path);
        }
    }

    [Fact]
    public void Where_files_may_not_grow_it_ends_in_one_line()
    {
        Whole(2);
        var csx = $"exec dotnet '{Path.Combine(Natives.Folder, "Csx.dll")}' {Script} {Options} --data {Data} --epochs 2 --out {Out}";
        var outcome = ScriptEngine.Start("bash", $"-c \"trap '' XFSZ; ulimit -f 1000; {csx}\"", ProjectFolders.Root, "",
            // The runtime itself would otherwise map its code through a file that is too large.
            ("DOTNET_EnableWriteXorExecute", "0"), ("XDG_CACHE_HOME", ScriptEngine.CacheFolder));
        AssertRefused(outcome, Out);
        AssertWhole(Out);
        AssertResumes();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        WriteData();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        AssertRefused(Run($"--epochs 1 --out {file}/run"), file);
    }

    [Fact]
    public void Changed_data_and_a_read_only_folder_are_named_on_resuming()
    {
        Whole(2);
        Assert.Equal(0, Run($"--epochs 1 --out {Out}").ExitCode);
        var images = Path.Combine(Data, "train-images-idx3-ubyte");
        var bytes = File.ReadAllBytes(images);
        bytes[^1]++;
        File.WriteAllBytes(images, bytes);
        AssertRefused(Resume("--epochs 2"), $"{images} is not the file that the run in {Out} was trained on");
        bytes[^1]--;
        File.WriteAllBytes(images, bytes);

        var isMounted = Mount($"--bind {Out} {Out}");
        try
        {
            if (isMounted)
            {
                Assert.True(Mount($"-o remount,ro,bind {Out}"));
                AssertRefused(Resume("--epochs 2"), Out);
            }
        }
        finally
        {
            if (isMounted) ScriptEngine.Start("umount", Out, folder.Path);
        }
        AssertResumes("--epochs 2");
        Assert.SkipUnless(isMounted, "a read-only mount needs root; changed data were tried");
    }

    [Fact]
    public void A_folder_deleted_during_the_run_is_named()
    {
        WriteData();
        using var running = Begin($"--epochs 10000 --out {Out}").Until(() => Rows(Out) > 2);
        Directory.Move(Out, $"{Out}-elsewhere"); // At once: it may be written to while a deletion goes through it.
        Directory.Delete($"{Out}-elsewhere", recursive: true);
        AssertRefused(running.End(), Out);
    }

    [Fact]
    public void Asked_to_end_after_its_folder_has_gone_it_says_so_in_one_line()
    {
        WriteData();
        using var running = ScriptEngine.Begin(ScriptEngine.Csx, "scripts/03_compare_losses.csx",
                $"--seeds 0 --epochs 60 --hidden 7 --data {Data} --out {Out}")
            .Until(() => Rows(Out) > 2);
        Directory.Move(Out, $"{Out}-elsewhere");
        var outcome = running.Signal("TERM");
        Assert.Equal((143, $"interrupted; {Out} does not say that the run is interrupted (no such folder)."),
            (outcome.ExitCode, Assert.Single(outcome.ErrorLines, line => !line.StartsWith("warning: ", StringComparison.Ordinal))));
    }

    [Fact]
    public void What_cannot_be_printed_fails_the_run_and_its_status_says_so()
    {
        WriteData();
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        var csx = $"dotnet '{Path.Combine(Natives.Folder, "Csx.dll")}' {Script} {Options} --data {Data} --epochs 1";
        var output = ScriptEngine.Start("bash", $"-c \"{csx} --out {Out} > /dev/full\"", ProjectFolders.Root, "", ("XDG_CACHE_HOME", ScriptEngine.CacheFolder));
        Assert.Equal((1, "failed\n"), (output.ExitCode, File.ReadAllText(Path.Combine(Out, "status"))));
        Assert.Single(output.ErrorLines);
        var error = ScriptEngine.Start(
            "bash", $"-c \"{csx} --data nowhere 2> /dev/full\"", ProjectFolders.Root, "", ("XDG_CACHE_HOME", ScriptEngine.CacheFolder));
        Assert.Equal(2, error.ExitCode); // --data is given twice, which is an error to report.
    }

    [Fact]
    public void Without_a_file_handle_left_it_ends_in_one_line()
    {
        var script = ScriptEngine.Write(folder.Path, "greedy.csx", """
            #load "../lib/bin/torchlet.csx"
            using Torchlet;
            return Script.Run(Args, new TrainConfig(), run =>
            {
                var open = new List<FileStream>();
                while (true) open.Add(File.OpenRead("/dev/null"));
            });
            """);
        Assert.Equal(0, ScriptEngine.Run(ScriptEngine.Csx, script, "--help").ExitCode); // Compiles it, which takes many handles.
        var csx = $"ulimit -n 300; dotnet '{Path.Combine(Natives.Folder, "Csx.dll")}' {script}";
        var outcome = ScriptEngine.Start("bash", $"-c \"{csx}\"", ProjectFolders.Root, "", ("XDG_CACHE_HOME", ScriptEngine.CacheFolder));
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("error: Too many open files", Assert.Single(outcome.ErrorLines));
    }

    [Fact]
    public void A_current_folder_that_was_deleted_is_named_as_the_trouble()
    {
        var (here, script) = (Path.Combine(folder.Path, "here"), Path.Combine(ProjectFolders.Root, Script));
        var outcome = ScriptEngine.Start(
            "bash", $"-c \"mkdir {here}; cd {here}; rmdir {here}; dotnet '{Path.Combine(Natives.Folder, "Csx.dll")}' {script}\"", ProjectFolders.Root);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("the current folder is not there any more", Assert.Single(outcome.ErrorLines));
    }

    [Fact]
    public void While_one_process_writes_to_a_folder_no_other_does()
    {
        WriteData();
        using var running = Begin($"--epochs 10000 --out {Out}").Until(() => Rows(Out) > 0);
        AssertRefused(Resume(), $"another process is at work in {Out}");
        AssertRefused(Run($"--epochs 10000 --out {Out}"), $"--out {Out}: the folder already holds a run");
        Assert.Equal(143, running.Signal("TERM").ExitCode);
        AssertWhole(Out);
    }

    [Fact]
    public void A_loss_that_is_no_finite_number_ends_it_with_place_learning_rate_and_checkpoint()
    {
        WriteData();
        var outcome = Run($"--lr 1e6 --optimizer sgd --activation relu --epochs 5 --out {Out}");
        AssertRefused(outcome, "at learning rate 1000000; train again with a smaller one.");
        Assert.Matches(@"^error: epoch 1, (batch \d|test set): the loss is (NaN|-?Infinity) .* No checkpoint was written yet\.$", outcome.ErrorLines[0]);
        AssertWhole(Out);
    }

    void EndAndResume(int chains, int kills)
    {
        var epochs = 10 * (kills + 2); // More than can be done before the last signal.
        Whole(epochs);
        for (var chain = 0; chain < chains; chain++)
        {
            var (run, random) = ($"{Out}{chain}", new Random(chain));
            for (var kill = 0; kill < kills; kill++)
            {
                var rows = Rows(run);
                using var running = BeginOrResume();
                // One in five is hit while it starts, the others once they have finished an epoch.
                if (random.Next(5) > 0) running.Until(() => Rows(run) > rows);
                Thread.Sleep(random.Next(200));
                running.Kill();
                if (Directory.Exists(run)) AssertWhole(run);
            }
            TestContext.Current.TestOutputHelper!.WriteLine($"chain {chain}: {Rows(run)} epochs after {kills} kills");
            foreach (var (signal, exitCode) in new[] { ("TERM", 143), ("INT", 130) }.Where(request => RunningScript.Hears(request.Item1)))
            {
                var rows = Rows(run);
                using var running = BeginOrResume();
                var stopped = running.Until(() => Rows(run) > rows + 2).Signal(signal);
                Assert.Equal(exitCode, stopped.ExitCode);
                Assert.Single(stopped.ErrorLines);
                AssertWhole(run);
            }
            AssertResumes(run: run);

            RunningScript BeginOrResume() => Begin(File.Exists(Path.Combine(run, "config.json")) ? $"--resume {run}" : $"--epochs {epochs} --out {run}");
        }
    }

    /// <summary>Makes the data, and the run that nothing happens to.</summary>
    void Whole(int epochs)
    {
        WriteData();
        whole = wholes.Of(epochs);
    }

    void WriteData() => Write(Data);

    static void Write(string data) => SmallMnist.Write(Directory.CreateDirectory(data).FullName, train: 300, test: 100);

    void AssertResumes(string options = "", string? run = null)
    {
        Assert.Equal((0, ""), Resume(options, run) switch { var o => (o.ExitCode, string.Concat(o.ErrorLines.Where(line => !line.StartsWith("warning: ")))) });
        AssertSame(run ?? Out);
    }

    /// <summary>The run ended as the one that nothing happened to, and left nothing else behind.</summary>
    void AssertSame(string run)
    {
        AssertWhole(run);
        Assert.Equal(Files(whole), Files(run));
        foreach (var file in new[] { "best.safetensors", "last.checkpoint", "loss.png", "accuracy.png" })
            Assert.True(
                File.ReadAllBytes(Path.Combine(whole, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(run, file))),
                $"{run}: {file} differs");
        Assert.Equal(Metrics(whole), Metrics(run));
    }

    /// <summary>Every file is whole, and the log has the epochs of the checkpoint and at most one more.</summary>
    static void AssertWhole(string run)
    {
        var (config, checkpoint, best) = (Path.Combine(run, "config.json"), Path.Combine(run, "last.checkpoint"), Path.Combine(run, "best.safetensors"));
        if (File.Exists(config)) Assert.NotEmpty(SavedRun.Find(run, Path.GetFileNameWithoutExtension(Script)).Record.Options);
        if (File.Exists(best)) Assert.Equal([300, 784], Weights.Load(best).Net.Parameters[0].Shape);
        var done = File.Exists(checkpoint) ? TrainingCheckpoint.Parse(File.ReadAllBytes(checkpoint)).Snapshot.Epoch : 0;
        Assert.InRange(Rows(run), done, done + 1);
        if (Rows(run) == 0) return;
        var log = File.ReadAllText(Path.Combine(run, "log.csv")).Split("\r\n");
        Assert.Equal("", log[^1]);
        Assert.Equal(["epoch", .. Enumerable.Range(1, log.Length - 2).Select(i => i.ToString(CultureInfo.InvariantCulture))],
            log[..^1].Select(line => line.Split(',')[0]));
        Assert.All(log[..^1], line => Assert.Equal(5, line.Split(',').Length));
    }

    static void AssertRefused(Outcome outcome, string because)
    {
        TestContext.Current.TestOutputHelper!.WriteLine(outcome.Error);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(because, Assert.Single(outcome.ErrorLines));
        Assert.StartsWith("error: ", outcome.Error);
    }

    static int Rows(string run) => File.Exists(Path.Combine(run, "log.csv")) ? Math.Max(0, Lines(Path.Combine(run, "log.csv")) - 1) : 0;

    static int Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new StreamReader(file).ReadToEnd().Count(c => c == '\n');
    }

    static IEnumerable<string> Metrics(string run) => File.ReadAllLines(Path.Combine(run, "log.csv")).Select(line => line[..line.LastIndexOf(',')]);

    static IEnumerable<string?> Files(string run) => Directory.EnumerateFileSystemEntries(run).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    bool Mount(string arguments) => Environment.UserName == "root" && ScriptEngine.Start("mount", arguments, folder.Path).ExitCode == 0;

    Outcome Resume(string options = "", string? run = null) => ScriptEngine.Run(ScriptEngine.Csx, Script, $"--resume {run ?? Out} {options}");

    Outcome Run(string options) => ScriptEngine.Run(ScriptEngine.Csx, Script, $"{Options} --data {Data} {options}");

    RunningScript Begin(string options) =>
        ScriptEngine.Begin(ScriptEngine.Csx, Script, options.StartsWith("--resume") ? options : $"{Options} --data {Data} {options}");

    /// <summary>Runs that nothing happens to, on the same data: one for each number of epochs.</summary>
    public sealed class Wholes : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public string Of(int epochs)
        {
            var (data, run) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, $"{epochs}"));
            if (Directory.Exists(run)) return run;
            Write(data);
            Assert.Equal(0, ScriptEngine.Run(ScriptEngine.Csx, Script, $"{Options} --data {data} --epochs {epochs} --out {run}").ExitCode);
            return run;
        }

        public void Dispose() => folder.Dispose();
    }
}
