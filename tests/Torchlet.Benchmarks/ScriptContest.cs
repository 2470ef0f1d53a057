namespace Torchlet.Benchmarks;

/// <summary>The whole processes of the scripts other than training: how long, and how much memory.</summary>
static class ScriptContest
{
    const int WarmUp = 1, LongRounds = 3; // Half a minute each.

    public static IReadOnlyList<Measurement> Run(BenchmarkConfig config, Dataset data, string folder)
    {
        var outputs = Directory.CreateDirectory(Path.Combine(folder, "runs")).FullName;
        ProcessCost Script(string name, params string[] options) =>
            ChildProcess.RunScript(Path.Combine(ProjectFolders.Root, "scripts", $"{name}.csx"), outputs, ["--data", data.Source, .. options]);
        var infer = Contest.Alternate<ProcessCost>(config.Rounds, WarmUp,
        [
            ("Torchlet, script 01", () => Script("01_infer_pretrained")),
            .. PythonPeer.IsThere(config.Python) ? Notebooks(config, data) : [],
        ]);
        var compare = Contest.Alternate<ProcessCost>(Math.Min(config.Rounds, LongRounds), WarmUp,
        [
            ("Torchlet, script 03 as it is", () => Script("03_compare_losses")),
            ("with 15 epochs of one seed", () => Script("03_compare_losses", "--epochs", "15", "--seeds", "0")),
        ]);
        Directory.Delete(outputs, recursive: true);
        return
        [
            .. Measurement.Of("inference, whole process", "s", infer, c => c.Seconds),
            .. Measurement.Of("comparison of losses, whole process", "s", compare, c => c.Seconds),
            .. Measurement.Of("comparison of losses, peak memory", "MB", compare, c => c.PeakMegabytes),
        ];
    }

    static (string, Func<ProcessCost>)[] Notebooks(BenchmarkConfig config, Dataset data) =>
        [("the notebook's loop in Python", () => ChildProcess.Run(config.Python, [PythonPeer.PyTorch, "inference", data.Source, "--epochs", "1"]))];
}
