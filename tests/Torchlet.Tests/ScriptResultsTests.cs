using System.Globalization;
using System.Text.Json.Nodes;

namespace Torchlet.Tests;

/// <summary>Numbers, output, files and errors of the scripts, in the tests' own process.</summary>
public sealed class ScriptResultsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "92.52%")]
    [InlineData("--normalize true", "93.58%")]
    [InlineData("--split test", "92.07%")]
    [InlineData("--split test --normalize true", "93.52%")]
    public void Script_01_prints_the_books_accuracy_of_each_split_and_scale(string options, string accuracy)
    {
        var weights = Shared.Path("weights", "sample_weight.pkl");
        var outcome = Run("01_infer_pretrained", $"--data {Shared.Mnist} --weights {weights} --out {Out} {options}");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.EndsWith($"Accuracy of the pretrained model: {accuracy}\n", outcome.Output);
    }

    [Theory, InlineData("train", 600), InlineData("test", 200)]
    public void Script_01_says_which_split_its_accuracy_is_of(string split, int images)
    {
        var weights = Path.Combine(folder.Path, "w.safetensors");
        Weights.SaveSafetensors(weights, new MlpWeights([784, 10], new float[7850]), new Dictionary<string, string>());
        var outcome = Run("01_infer_pretrained", $"--weights {weights} --split {split} --data {SmallMnist.Write(folder.Path)} --out {Out}");
        Assert.Matches($@"\nOn the {split} split, {images} images:\n(  .+% of \d+\n)+Accuracy of the pretrained model: [\d.]+%\n$", outcome.Output);
    }

    [Fact]
    public void Script_02_keeps_the_best_weights_and_script_01_uses_them_as_they_were_trained()
    {
        var data = SmallMnist.Write(folder.Path);
        var pt = Path.Combine(folder.Path, "model.pt");
        var trained = Run("02_train_cross_entropy",
            $"--epochs 3 --lr 1e-2 --batch-size 50 --hidden 9 --activation relu --seed 5 --data {data} --out {Out} --save-pt {pt}");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        var best = Path.Combine(Out, "best.safetensors");
        var log = File.ReadAllLines(Path.Combine(Out, "log.csv"))[1..]
            .Select(line => line.Split(','))
            .MinBy(row => double.Parse(row[2], CultureInfo.InvariantCulture))!;

        var weights = Weights.Load(best);
        Assert.Equal(("Dense(9).As(\"fc1\") >> Relu >> Dense(10).As(\"fc2\")", "1,28,28", "0..1", Path.GetFileName(folder.Path), "5", log[0], log[2]),
            (weights.Metadata["model"], weights.Metadata["input"], weights.Metadata["pixels"],
                weights.Metadata["data"], weights.Metadata["seed"], weights.Metadata["epoch"], weights.Metadata["test_loss"]));
        Assert.Equal(weights.Flat.ToArray(), Weights.Load(pt).Flat.ToArray());

        var inferred = Run("01_infer_pretrained", $"--weights {best} --split test --data {data} --out {Out}-01");
        Assert.EndsWith($"Accuracy of the pretrained model: {double.Parse(log[3], CultureInfo.InvariantCulture) * 100:f2}%\n", inferred.Output);
    }

    public static TheoryData<string, string, int, string> BadInput => new(
        ("02_train_cross_entropy", "--epochs -1", 2, "--epochs -1: want integer, 1 to"),
        ("02_train_cross_entropy", "--epoch 3", 2, "--epoch"),
        ("02_train_cross_entropy", "--lr 0", 2, "--lr 0: want number, above 0"),
        ("02_train_cross_entropy", "--hidden 50,,100", 2, "--hidden 50,,100: want integer,…"),
        ("02_train_cross_entropy", "--optimizer adma", 2, "--optimizer adma: want adam, sgd"),
        ("02_train_cross_entropy", "--device warp", 2, "--device warp: want auto, cpu"),
        ("02_train_cross_entropy", "--data nowhere", 1, "--data: nowhere holds no data set"),
        ("02_train_cross_entropy", "--data {damaged}", 1, "train-images-idx3-ubyte says it holds 600 × 28 × 28 images"),
        ("02_train_cross_entropy", "--save-pt {data}/nowhere/x.pt --data {data}", 1, "x.pt: it cannot be written (no such folder)"),
        ("02_train_cross_entropy", "--save-pt {data}/.. --data {data}", 1, "it cannot be written (it is not an ordinary file)"),
        ("02_train_cross_entropy", "--save-pt \"\" --data {data}", 2, "--save-pt '': want text that is not empty."),
        ("02_train_cross_entropy", "--hidden 1000000,1000000 --data {data}", 1,
            "--hidden 1000000,1000000: training 1,000,796,000,010 parameters takes 20,016 GB of memory"),
        ("03_compare_losses", "--hidden 1000000,1000000 --data {data}", 1,
            "--hidden 1000000,1000000: training 1,000,796,000,010 parameters takes 20,016 GB of memory"),
        ("03_compare_losses", "--losses nll,mae", 2, "--losses nll,mae: want cross_entropy, nll, log_of_softmax,"),
        ("01_infer_pretrained", "--weights nowhere.pkl --data {data}", 1, "--weights nowhere.pkl: no such file"),
        ("01_infer_pretrained", "--weights {text} --data {data}", 1, "weights.txt: it is not a weights file"),
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
        Weights.SaveSafetensors(shapes, new MlpWeights([9, 10], new float[100]), new Dictionary<string, string>());

        var outcome = Run(script,
            options.Replace("{data}", data).Replace("{damaged}", damaged).Replace("{text}", text).Replace("{shapes}", shapes) + $" --out {Out}");

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(because, Assert.Single(outcome.ErrorLines));
        Assert.StartsWith("error: ", outcome.Error);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void Each_script_says_in_the_index_how_its_run_ended()
    {
        var data = SmallMnist.Write(folder.Path);
        var weights = Path.Combine(folder.Path, "w.safetensors");
        Weights.SaveSafetensors(weights, new MlpWeights([784, 10], new float[7850]), new Dictionary<string, string>());
        Run("01_infer_pretrained", $"--weights {weights} --data {data} --out {Out}-1");
        Run("03_compare_losses", $"--epochs 1 --hidden 7 --data {data} --out {Out}-3");
        var lines = File.ReadAllLines(Path.Combine(ProjectFolders.Outputs, "index.csv"));
        Assert.Matches($@"^01_infer_pretrained,[^,]+,{Out}-1,finished,--weights {weights} --data {data},,[\d.]+,[\d.]+$",
            Assert.Single(lines, l => l.Contains($"{Out}-1,")));
        Assert.Matches($@"^03_compare_losses,[^,]+,{Out}-3,finished,""--epochs 1 --seeds 0,1,2 --hidden 7 --data {data}"",[\d.]+,[\d.]+,[\d.]+$",
            Assert.Single(lines, l => l.Contains($"{Out}-3,")));
        Assert.Equal("finished\n", File.ReadAllText(Path.Combine($"{Out}-3", "status")));
    }

    [Fact]
    public void A_message_does_not_control_the_terminal_whatever_a_file_says()
    {
        var data = SmallMnist.Write(folder.Path);
        Assert.Equal(0, Run("02_train_cross_entropy", $"--epochs 1 --hidden 7 --data {data} --out {Out}").ExitCode);
        var config = Path.Combine(Out, "config.json");
        foreach (var option in new[] { "data", "device" })
        {
            var json = JsonNode.Parse(File.ReadAllText(config))!;
            json["options"]![option] = "\e[31m" + new string('x', 100_000);
            File.WriteAllText(config, json.ToJsonString());
            var outcome = Run("02_train_cross_entropy", $"--resume {Out} --epochs 2{(option == "device" ? $" --data {data}" : "")}");
            Assert.NotEqual(0, outcome.ExitCode);
            Assert.InRange(Assert.Single(outcome.ErrorLines).Length, 10, 2100);
            Assert.DoesNotContain('\e', outcome.Error);
        }
    }

    static Outcome Run(string script, string options) => InProcess.Run($"scripts/{script}.csx", options);
}
