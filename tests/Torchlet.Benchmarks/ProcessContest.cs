namespace Torchlet.Benchmarks;

/// <summary>Whole processes, from their start to their end, and the memory that they need.</summary>
static class ProcessContest
{
    const int WarmUp = 1, Epochs = 10; // The first run compiles the script, and reads the files that later ones find in memory.

    public static IReadOnlyList<Measurement> Run(BenchmarkConfig config, Dataset data, string folder)
    {
        var outputs = Directory.CreateDirectory(Path.Combine(folder, "runs")).FullName;
        var scripts = Directory.CreateDirectory(Path.Combine(folder, "scripts")).FullName;
        var python = PythonPeer.IsThere(config.Python);
        string[] Python(string loop, int epochs) => [PythonPeer.PyTorch, loop, data.Source, "--epochs", $"{epochs}"];
        ProcessCost Training(string path, int epochs) => ChildProcess.RunScript(path, outputs, "--data", data.Source, "--epochs", $"{epochs}");

        var training = Copy(Path.Combine(scripts, "training.csx"), "");
        var whole = Alternate(config.Rounds,
        [
            ("Torchlet, script 02", () => Training(training, Epochs)),
            ("TorchSharp console program", () => Peer("train", data.Source, $"{Epochs}")),
            .. python
                ? [("Python, as the notebook wrote it", () => ChildProcess.Run(config.Python, Python("notebook", Epochs))),
                    ("Python, in memory", () => ChildProcess.Run(config.Python, Python("memory", Epochs)))]
                : None,
        ]);
        var edited = Alternate(config.Rounds,
        [
            ("Torchlet, script 02 edited", () => Training(Copy(Path.Combine(scripts, "edited.csx"), $"// {Guid.NewGuid()}\n"), 1)),
            ("Torchlet, script 02 as it was", () => Training(training, 1)),
            ("the same by the README's command", () => ChildProcess.Run("dotnet",
                ["run", Path.Combine(ProjectFolders.Root, "run.cs"), "--", training, "--data", data.Source, "--epochs", "1"],
                (ProjectFolders.OutputsVariable, outputs))),
            ("TorchSharp console program, built", () => Peer("train", data.Source, "1")),
            .. python ? [("Python, as the notebook wrote it", () => ChildProcess.Run(config.Python, Python("notebook", 1)))] : None,
        ]);
        var first = Path.Combine(scripts, "first_tensor.csx");
        File.WriteAllText(first, $"#load \"{Path.Combine(Natives.Folder, "torchlet.csx")}\"\nWriteLine(TorchSharp.torch.ones(2, 3).sum().item<float>());\n");
        var start = Alternate(config.Rounds,
        [
            ("Torchlet, a script", () => ChildProcess.RunScript(first, outputs)),
            ("TorchSharp console program", () => Peer("start")),
            .. python ? [("Python", () => ChildProcess.Run(config.Python, ["-c", "import torch; print(torch.ones(2, 3).sum().item())"]))] : None,
        ]);
        Directory.Delete(outputs, recursive: true);
        return
        [
            .. Measurement.Of("whole process, 10 epochs", "s", whole, c => c.Seconds),
            .. Measurement.Of("start to first epoch", "s", edited, c => c.FirstEpoch),
            .. Measurement.Of("start to first tensor", "s", start, c => c.Seconds),
            .. Measurement.Of("peak memory, 10 epochs", "MB", whole, c => c.PeakMegabytes),
        ];
    }

    static readonly (string, Func<ProcessCost>)[] None = [];

    static IReadOnlyList<(string, IReadOnlyList<ProcessCost>)> Alternate(int rounds, IReadOnlyList<(string, Func<ProcessCost>)> contestants) =>
        Contest.Alternate(rounds, WarmUp, contestants);

    /// <summary>This program itself, in the part of a console program that knows nothing of Torchlet's training.</summary>
    static ProcessCost Peer(params string[] arguments) =>
        ChildProcess.Run("dotnet", [typeof(ProcessContest).Assembly.Location, ConsolePeer.Word, .. arguments]);

    /// <summary>A copy of script 02 that ends in something else.</summary>
    static string Copy(string copy, string ending)
    {
        var script = File.ReadAllText(Path.Combine(ProjectFolders.Root, "scripts", "02_train_cross_entropy.csx"));
        File.WriteAllText(
            copy, script.Replace("../lib/bin/", Natives.Folder.TrimEnd('/') + "/") + ending);
        return copy;
    }
}
