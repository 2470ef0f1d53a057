using System.Globalization;
using System.Text.RegularExpressions;

namespace Torchlet.Benchmarks;

/// <summary>The line of docs/options.md for 99 %: what it reaches from several seeds, and how long the whole process takes.</summary>
static partial class AccuracyRun
{
    public static IReadOnlyList<Measurement> Run(BenchmarkConfig config, Dataset data, string folder)
    {
        var options = Line().Match(File.ReadAllText(Path.Combine(ProjectFolders.Root, "docs", "options.md"))).Value;
        var script = Path.Combine(ProjectFolders.Root, "scripts", "02_train_cross_entropy.csx");
        var (accuracies, seconds) = (new List<double>(), new List<double>());
        foreach (var seed in Enumerable.Range(0, config.Rounds))
        {
            var run = Path.Combine(folder, "runs", Guid.NewGuid().ToString("n"));
            var cost = ChildProcess.RunScript(
                script, Path.Combine(folder, "runs"), [.. options.Split(' '), "--seed", $"{seed}", "--data", data.Source, "--out", run]);
            var last = File.ReadLines(Path.Combine(run, "log.csv")).Last().Split(',');
            accuracies.Add(double.Parse(last[3], CultureInfo.InvariantCulture) * 100); // epoch, train_loss, test_loss, test_accuracy, …
            seconds.Add(cost.Seconds);
            Directory.Delete(run, recursive: true);
        }
        return
        [
            .. Measurement.Of($"accuracy: {options}", "%", [("Torchlet", accuracies)]),
            .. Measurement.Of("the same, whole process", "s", [("Torchlet", seconds)]),
        ];
    }

    [GeneratedRegex("--model lenet [^`]*")]
    private static partial Regex Line();
}
