using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>The scripts as their users run them: as processes, under both engines.</summary>
[Collection(Lane.Scripts)]
public sealed partial class ScriptsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Engines => ScriptEngine.All;

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Script_01_prints_the_books_accuracy()
    {
        var weights = Shared.Path("weights", "sample_weight.pkl");
        var outcome = Run(ScriptEngine.Foreign, "01_infer_pretrained", $"--data {Shared.Mnist} --weights {weights} --out {Out}");
        Assert.Equal("", outcome.Error);
        Assert.EndsWith("Accuracy of the pretrained model: 92.52%\n", outcome.Output);
        Assert.Equal("index,label,prediction,confidence", File.ReadLines(Path.Combine(Out, "predictions.csv")).First());
        Assert.Equal(["classes.csv", "config.json", "confusion.png", "first_layer.csv", "first_layer.png",
            "predictions.csv", "reliability.png", "status", "worst_mistakes.csv", "worst_mistakes.png"], Files());
    }

    /// <summary>Seed 1 is in <see cref="LongRunTests"/>, under our own engine.</summary>
    [Fact]
    public void Script_02_prints_the_notebooks_lines()
    {
        var (data, wanted) = (Shared.Mnist, GoldenLines.Wanted(seed: 0));
        var outcome = Run(ScriptEngine.Foreign, "02_train_cross_entropy", $"--plain --seed 0 --data {data} --out {Out}");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(wanted, GoldenLines.Printed(outcome.Output));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Script_02_runs_from_its_own_folder_and_leaves_a_whole_run_folder(string engine)
    {
        var scripts = Path.Combine(ProjectFolders.Root, "scripts");
        var outcome = ScriptEngine.Run(engine, "02_train_cross_entropy.csx",
            $"--epochs 2 --batch-size 100 --hidden 7 --data {SmallMnist.Write(folder.Path)} --out {Out}", scripts);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(["accuracy.png", "best.safetensors", "config.json", "draw.html", "last.checkpoint", "log.csv", "loss.png", "status"], Files());
        var log = File.ReadAllLines(Path.Combine(Out, "log.csv"));
        Assert.Equal("epoch,train_loss,test_loss,test_accuracy,seconds", log[0]);
        Assert.Equal(["1", "2"], log[1..].Select(line => line.Split(',')[0]));
        foreach (var png in new[] { "loss.png", "accuracy.png" })
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path.Combine(Out, png))[..4]);

        var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(Out, "config.json"))).RootElement;
        Assert.Equal("7", config.GetProperty("options").GetProperty("hidden").GetString());
        Assert.Equal("cpu", config.GetProperty("device").GetString());
        Assert.Equal(4, config.GetProperty("data").GetProperty("sha256").EnumerateObject().Count());
        var latest = Path.Combine(ProjectFolders.Outputs, "02_train_cross_entropy", "latest");
        Assert.Equal(new DirectoryInfo(Out).FullName, Path.GetFullPath(new DirectoryInfo(latest).LinkTarget!, Path.GetDirectoryName(latest)!));
    }

    [Theory, InlineData(ScriptEngine.Csx, "en", new[] { 0, 1 }), InlineData(ScriptEngine.DotnetScript, "ko", new[] { 0 })]
    public void Script_03_compares_the_losses_and_says_what_it_measured(string engine, string language, int[] seeds)
    {
        var outcome = Run(engine, "03_compare_losses",
            $"--epochs 2 --seeds {string.Join(',', seeds)} --hidden 7 --lr 1e-2 --batch-size 100 --language {language} "
            + $"--data {SmallMnist.Write(folder.Path)} --out {Out}");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(["warning: double_softmax", "warning: nll_on_logits", "warning: nll_on_probs"],
            outcome.ErrorLines.Select(line => string.Join(':', line.Split(':')[..2])));
        Assert.Equal(8 * seeds.Length, outcome.Output.Split('\n').Count(line => line.Contains(": 2 epochs, test loss ", StringComparison.Ordinal)));
        Assert.Contains($", {8 * seeds.Length} of {8 * seeds.Length}\n", outcome.Output);

        Assert.Equal(["accuracy.png", "config.json", "equivalence.csv", "gradient_norm.png", "gradient_of_mistakes.png", "gradients.csv", "log.csv",
            "losses.png", "reduction.csv", "stability.csv", "stability.png", "status", "summary.md"], Files());
        string[] Csv(string name) => File.ReadAllLines(Path.Combine(Out, name));
        var log = Csv("log.csv");
        Assert.Equal("loss,seed,epoch,train_loss,test_loss,test_accuracy,seconds", log[0]);
        Assert.Equal(from seed in seeds from loss in LossVariant.All.Select(v => v.Name) from epoch in new[] { 1, 2 } select $"{loss},{seed},{epoch}",
            log[1..].Select(line => string.Join(',', line.Split(',')[..3])));
        Assert.Equal(("seed,step,precision,loss_difference,gradient_difference", 1 + seeds.Length * 12 * 2),
            (Csv("equivalence.csv")[0], Csv("equivalence.csv").Length));
        Assert.All(Csv("equivalence.csv")[1..].SelectMany(line => line.Split(',')[3..]),
            d => Assert.InRange(double.Parse(d, CultureInfo.InvariantCulture), 0, 1e-5));
        Assert.Equal(("loss,scale,examples,infinite,nan,nonfinite_gradients,error", 1 + 8 * 16), (Csv("stability.csv")[0], Csv("stability.csv").Length));
        Assert.Equal(("loss,seed,epoch,gradient_norm,of_right,of_wrong", 1 + 8 * seeds.Length * 3), (Csv("gradients.csv")[0], Csv("gradients.csv").Length));
        Assert.Equal(("seed,step,examples,loss_sum,sgd_ratio,adam_ratio,adam_difference", 1 + seeds.Length * 6),
            (Csv("reduction.csv")[0], Csv("reduction.csv").Length));

        var summary = File.ReadAllText(Path.Combine(Out, "summary.md"));
        Assert.StartsWith(language == "ko" ? "# 손실 함수마다" : "# Which input each loss function expects: ", summary);
        Assert.Equal(Files().Where(f => f!.EndsWith(".png", StringComparison.Ordinal)),
            Embedded().Matches(summary).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(ScriptEngine.Csx, "INT", 130, "02_train_cross_entropy", "--epochs 20000 --hidden 7", "Epoch: 03")]
    [InlineData(ScriptEngine.DotnetScript, "INT", 130, "02_train_cross_entropy", "--epochs 20000 --hidden 7", "Epoch: 03")]
    [InlineData(ScriptEngine.Csx, "TERM", 143, "03_compare_losses", "--epochs 40 --seeds 0 --hidden 7", "1 of 8")]
    public void Ended_on_request_a_run_keeps_its_rows_and_says_so(string engine, string signal, int exitCode, string script, string options, string awaited)
    {
        using var running = ScriptEngine.Begin(engine, Path.Combine("scripts", $"{script}.csx"),
            $"{options} --data {SmallMnist.Write(folder.Path)} --out {Out}");
        var outcome = running.Until(() => running.HasPrinted(awaited)).Signal(signal);

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Matches($@"^interrupted; \d+ finished rows are in {Regex.Escape(Notice.Shown(Out))}\.$",
            Assert.Single(outcome.ErrorLines, line => !line.StartsWith("warning: ")));
        Assert.Equal("interrupted\n", File.ReadAllText(Path.Combine(Out, "status")));
        var log = File.ReadAllText(Path.Combine(Out, "log.csv"));
        Assert.EndsWith("\n", log);
        Assert.All(log.TrimEnd().Split('\n'), line => Assert.Equal(log.Split('\n')[0].Split(',').Length, line.Split(',').Length));
        Assert.InRange(log.TrimEnd().Split('\n').Length, 1 + 3, 1 + 9_999);
        var line = Assert.Single(File.ReadAllLines(Path.Combine(ProjectFolders.Outputs, "index.csv")), line => line.Contains($",{Out},"));
        Assert.StartsWith($"{script},", line);
        Assert.Contains($",{Out},interrupted,{options} --data ", line);
    }

    /// <summary>Both engines find each other's runs.</summary>
    [Fact]
    public void A_custom_script_finds_its_runs_by_its_name_and_options()
    {
        var script = ScriptEngine.Write(folder.Path, "other.csx", """
            #load "../lib/bin/torchlet.csx"
            using Torchlet;

            record MyConfig(int Extra) : TrainConfig;

            return Script.Run(Args, new MyConfig(3) { Hidden = [7], BatchSize = 100 }, run =>
            {
                var epochs = run.Train();
                WriteLine($"{run.Folder.Script}, extra {run.Config.Extra}, {epochs.Count} epochs in {run.Folder.Folder}");
            });
            """);
        var data = SmallMnist.Write(folder.Path);
        (string, string)[] outputs = [(ProjectFolders.OutputsVariable, Path.Combine(folder.Path, "outputs"))];
        string Run(string engine, string options) =>
            ScriptEngine.Run(engine, script, options, null, outputs) is var o && (o.ExitCode, o.Error) == (0, "")
                ? o.Output.Trim().Split('\n')[^1] : $"{o.ExitCode}: {o.Error}";

        var first = Run(ScriptEngine.Foreign, $"--data {data} --epochs 1 --extra 5");
        Assert.StartsWith($"other, extra 5, 1 epochs in {Path.Combine(folder.Path, "outputs", "other")}", first);
        Assert.StartsWith("other, extra 5, 1 epochs in", Run(ScriptEngine.Csx, "--config latest"));
        Assert.Equal(first.Replace("1 epochs", "2 epochs"), Run(ScriptEngine.Csx, $"--resume {Path.GetFileName(first)} --epochs 2"));
        var index = File.ReadAllLines(Path.Combine(folder.Path, "outputs", "index.csv"));
        Assert.Equal(4, index.Length);
        Assert.All(index[1..], line => Assert.Matches(@"^other,[^,]+,other/[^,]+,finished,""?--extra 5 --epochs \d .*,[\d.]+,[\d.]+,[\d.]+$", line));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Help_lists_every_option(string engine)
    {
        var outcome = Run(engine, "02_train_cross_entropy", "-- --help");
        Assert.Equal(0, outcome.ExitCode);
        string[] options =
        [
            "--epochs", "--lr", "--batch-size", "--hidden", "--activation", "--optimizer", "--loss",
            "--data", "--device", "--threads", "--seed", "--out", "--plain",
        ];
        foreach (var option in options)
            Assert.Contains(option, outcome.Output);
        Assert.Contains("[default: 50,100]", outcome.Output);
    }

    // In this lane, since dotnet-script copies assemblies into a script's cache at each start: two at once may read a torn copy.
    [Fact]
    public void Run_to_run_and_under_both_engines_the_files_are_the_same()
    {
        var data = SmallMnist.Write(folder.Path);
        var runs = new[] { ScriptEngine.Csx, ScriptEngine.Csx, ScriptEngine.DotnetScript }.Where(ScriptEngine.IsThere).Index().Select(run =>
        {
            var place = Path.Combine(folder.Path, $"run{run.Index}");
            var outcome = ScriptEngine.Run(run.Item, "scripts/02_train_cross_entropy.csx",
                $"--epochs 3 --hidden 30,20 --batch-size 100 --lr 1e-2 --seed 7 --threads 2 --data {data} --out {place}");
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            return (Log: string.Join('\n', File.ReadLines(Path.Combine(place, "log.csv")).Select(line => line[..line.LastIndexOf(',')])),
                Best: Convert.ToHexString(File.ReadAllBytes(Path.Combine(place, "best.safetensors"))),
                Last: Convert.ToHexString(File.ReadAllBytes(Path.Combine(place, "last.checkpoint"))));
        }).ToList();
        Assert.Single(runs.Distinct());
    }

    IEnumerable<string?> Files() => Directory.EnumerateFileSystemEntries(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    static Outcome Run(string engine, string script, string options) =>
        ScriptEngine.Run(engine, Path.Combine("scripts", $"{script}.csx"), options);

    [GeneratedRegex(@"!\[[^\]]+\]\(([^)]+)\)")]
    private static partial Regex Embedded();
}
