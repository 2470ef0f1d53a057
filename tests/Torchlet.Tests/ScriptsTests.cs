using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>The scripts as their users run them: as processes, under both engines.</summary>
public sealed partial class ScriptsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Engines => ScriptEngine.All;

    public static TheoryData<string, string, string> Golden => new(
        from engine in new[] { ScriptEngine.Csx, ScriptEngine.DotnetScript }
        from figure in new[] { ("", "92.52%"), ("--normalize true", "93.58%"), ("--split test", "92.07%"), ("--split test --normalize true", "93.52%") }
        select (engine, figure.Item1, figure.Item2));

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Golden))]
    public void Script_01_prints_the_books_accuracy(string engine, string options, string accuracy)
    {
        var weights = Shared.Path("weights", "sample_weight.pkl");
        var outcome = Run(engine, "01_infer_pretrained", $"--data {Shared.Path("data", "MNIST", "raw")} --weights {weights} --out {Out} {options}");
        Assert.Equal("", outcome.Error);
        Assert.EndsWith($"Accuracy of the pretrained model: {accuracy}\n", outcome.Output);
        Assert.Equal("index,label,prediction,confidence", File.ReadLines(Path.Combine(Out, "predictions.csv")).First());
        Assert.Equal([".lock", "classes.csv", "config.json", "confusion.png", "first_layer.png", "predictions.csv", "worst_mistakes.png"], Files());
    }

    [Theory, InlineData(ScriptEngine.Csx, 0), InlineData(ScriptEngine.Csx, 1), InlineData(ScriptEngine.DotnetScript, 0)]
    public void Script_02_prints_the_notebooks_lines(string engine, int seed)
    {
        var data = Shared.Path("data", "MNIST", "raw");
        var wanted = File.ReadLines(Shared.Path("golden", $"mnist_seed{seed}.jsonl")).Skip(1).Select(l => JsonDocument.Parse(l).RootElement).Select(e => string.Create(
            CultureInfo.InvariantCulture,
            $"{e.GetProperty("epoch").GetInt32():00}: {e.GetProperty("train_loss").GetDouble():f3} {e.GetProperty("test_loss").GetDouble():f3} {e.GetProperty("test_accuracy").GetDouble() * 100:f3}"));
        var outcome = Run(engine, "02_train_cross_entropy", $"--plain --seed {seed} --data {data} --out {Out}");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(wanted, EpochLines().Matches(outcome.Output).Select(m => $"{m.Groups[1]}: {m.Groups[2]} {m.Groups[3]} {m.Groups[4]}"));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Script_02_runs_from_its_own_folder_and_leaves_a_whole_run_folder(string engine)
    {
        var scripts = Path.Combine(ProjectFolders.Root, "scripts");
        var outcome = ScriptEngine.Run(engine, "02_train_cross_entropy.csx", $"--epochs 2 --batch-size 100 --hidden 7 --data {SmallMnist.Write(folder.Path)} --out {Out}", scripts);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal([".lock", "accuracy.png", "best.safetensors", "config.json", "last.checkpoint", "log.csv", "loss.png"], Files());
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

    [Fact]
    public void Script_02_keeps_the_best_weights_and_script_01_uses_them_as_they_were_trained()
    {
        var data = SmallMnist.Write(folder.Path);
        var pt = Path.Combine(folder.Path, "model.pt");
        var trained = Run(ScriptEngine.Csx, "02_train_cross_entropy", $"--epochs 3 --lr 1e-2 --batch-size 50 --hidden 9 --activation relu --seed 5 --data {data} --out {Out} --save-pt {pt}");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        var best = Path.Combine(Out, "best.safetensors");
        var log = File.ReadAllLines(Path.Combine(Out, "log.csv"))[1..].Select(line => line.Split(',')).MinBy(row => double.Parse(row[2], CultureInfo.InvariantCulture))!;

        var weights = Weights.Load(best);
        Assert.Equal([784, 9, 10], weights.Sizes);
        Assert.Equal(("784,9,10", "relu", "0..1", Path.GetFileName(folder.Path), "5", log[0], log[2]),
            (weights.Metadata["sizes"], weights.Metadata["activation"], weights.Metadata["pixels"], weights.Metadata["data"], weights.Metadata["seed"], weights.Metadata["epoch"], weights.Metadata["test_loss"]));
        Assert.Equal(weights.Flat.ToArray(), Weights.Load(pt).Flat.ToArray());

        var inferred = Run(ScriptEngine.Csx, "01_infer_pretrained", $"--weights {best} --split test --data {data} --out {Out}-01");
        Assert.EndsWith($"Accuracy of the pretrained model: {double.Parse(log[3], CultureInfo.InvariantCulture) * 100:f2}%\n", inferred.Output);
    }

    [Theory, MemberData(nameof(Engines))]
    public void Script_03_measures_how_far_the_losses_are_apart(string engine)
    {
        var outcome = Run(engine, "03_compare_losses", $"--epochs 2 --seeds 0,1 --hidden 7 --lr 1e-2 --batch-size 100 --data {SmallMnist.Write(folder.Path)} --out {Out}");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var log = File.ReadAllLines(Path.Combine(Out, "log.csv"));
        Assert.Equal("loss,seed,epoch,train_loss,test_loss,test_accuracy,seconds", log[0]);
        Assert.Equal(["cross_entropy,0,1", "cross_entropy,0,2", "nll,0,1", "nll,0,2", "cross_entropy,1,1", "cross_entropy,1,2", "nll,1,1", "nll,1,2"],
            log[1..].Select(line => string.Join(',', line.Split(',')[..3])));
        var differences = File.ReadAllLines(Path.Combine(Out, "differences.csv"));
        Assert.Equal("seed,epoch,loss_difference,gradient_difference", differences[0]);
        Assert.Equal(4, differences[1..].Length);
        Assert.All(differences[1..].SelectMany(line => line.Split(',')[2..]), d => Assert.InRange(double.Parse(d, CultureInfo.InvariantCulture), 0, 1e-5));
        Assert.True(File.Exists(Path.Combine(Out, "losses.png")));
    }

    public static TheoryData<string, string, int, string> BadInput => new(
        ("02_train_cross_entropy", "--epochs -1", 2, "--epochs -1: want integer, 1 to"),
        ("02_train_cross_entropy", "--epoch 3", 2, "--epoch"),
        ("02_train_cross_entropy", "--lr 0", 2, "--lr 0: want number, above 0"),
        ("02_train_cross_entropy", "--hidden 50,,100", 2, "--hidden 50,,100: want integer,…"),
        ("02_train_cross_entropy", "--optimizer adma", 2, "--optimizer adma: want adam or sgd"),
        ("02_train_cross_entropy", "--device warp", 2, "--device warp: want auto, cpu"),
        ("02_train_cross_entropy", "--data nowhere", 1, "--data: nowhere holds no data set"),
        ("02_train_cross_entropy", "--data {damaged}", 1, "train-images-idx3-ubyte says it holds 600 × 28 × 28 images"),
        ("03_compare_losses", "--losses nll,mae", 2, "--losses nll,mae: want cross_entropy or nll"),
        ("01_infer_pretrained", "--weights nowhere.pkl --data {data}", 1, "--weights nowhere.pkl: there is no such file"),
        ("01_infer_pretrained", "--weights {text} --data {data}", 1, "weights.txt: it is no weights file"),
        ("01_infer_pretrained", "--weights {shapes} --data {data}", 1, "takes images of 9 pixels, and these have 784"));

    [Theory, MemberData(nameof(BadInput))]
    public void Bad_input_is_one_line_and_an_exit_code_and_leaves_nothing(string script, string options, int exitCode, string because)
    {
        var data = SmallMnist.Write(folder.Path);
        var damaged = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "damaged")).FullName);
        using (var images = File.OpenWrite(Path.Combine(damaged, "train-images-idx3-ubyte"))) images.SetLength(1000);
        var text = Path.Combine(folder.Path, "weights.txt");
        File.WriteAllText(text, "no weights");
        var shapes = Path.Combine(folder.Path, "shapes.safetensors");
        Weights.SaveSafetensors(shapes, new([9, 10], new float[100]), new Dictionary<string, string>());

        var outcome = Run(ScriptEngine.Csx, script, options.Replace("{data}", data).Replace("{damaged}", damaged).Replace("{text}", text).Replace("{shapes}", shapes) + $" --out {Out}");

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(because, Assert.Single(outcome.ErrorLines));
        Assert.StartsWith("error: ", outcome.Error);
        Assert.False(Directory.Exists(Out));
    }

    [Theory, MemberData(nameof(Engines))]
    public void An_older_run_is_never_overwritten(string engine)
    {
        var options = $"--epochs 1 --hidden 7 --data {SmallMnist.Write(folder.Path)} --out {Out}";
        Assert.Equal(0, Run(engine, "02_train_cross_entropy", options).ExitCode);
        var log = File.ReadAllText(Path.Combine(Out, "log.csv"));
        var second = Run(engine, "02_train_cross_entropy", options);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("already holds a run", Assert.Single(second.ErrorLines));
        Assert.Equal(log, File.ReadAllText(Path.Combine(Out, "log.csv")));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Help_lists_every_option(string engine)
    {
        var outcome = Run(engine, "02_train_cross_entropy", "-- --help");
        Assert.Equal(0, outcome.ExitCode);
        foreach (var option in new[] { "--epochs", "--lr", "--batch-size", "--hidden", "--activation", "--optimizer", "--loss", "--data", "--device", "--threads", "--seed", "--out", "--plain" })
            Assert.Contains(option, outcome.Output);
        Assert.Contains("[default: 50,100]", outcome.Output);
    }

    IEnumerable<string?> Files() => Directory.EnumerateFileSystemEntries(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    static Outcome Run(string engine, string script, string options) =>
        ScriptEngine.Run(engine, Path.Combine("scripts", $"{script}.csx"), options);

    [GeneratedRegex(@"Epoch: (\d\d) \| Time: \d+m \d+s\n\tTrain Loss: ([\d.]+) \| Test Loss: ([\d.]+) \| Test Acc: ([\d.]+)%\n")]
    private static partial Regex EpochLines();
}
