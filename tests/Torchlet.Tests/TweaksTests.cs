using System.Globalization;
using System.Text.Json;
using SkiaSharp;

namespace Torchlet.Tests;

/// <summary>
/// Thirty things that people who train networks change, each a short script in Tweaks/. They run as a user's scripts do, on little data, and leave
/// what says that the change was made.
/// </summary>
public sealed class TweaksTests(TweaksTests.Places places) : IClassFixture<TweaksTests.Places>
{
    const int MostLines = 10;

    const string Training = "--data {data} --epochs 3 --batch-size 50 --lr 1e-2", Trained = "--data {data} --weights {weights}";

    const string Perceptron = "fc1.weight fc1.bias fc2.weight fc2.bias fc3.weight fc3.bias";

    /// <summary>How a tweak is run, and what makes it true.</summary>
    sealed record Tweak(string Options = Training)
    {
        /// <summary>A part of the recipe in config.json, how it is written there.</summary>
        public (string Part, string Text) Recipe { get; init; }

        /// <summary>The arrays in best.safetensors; null for a script that trains nothing, or many things.</summary>
        public string? Arrays { get; init; }

        /// <summary>The columns of log.csv after the usual ones.</summary>
        public string Columns { get; init; } = "";

        /// <summary>Whether script 01 can judge what was trained: a classifier of the images that --data names.</summary>
        public bool IsJudged { get; init; } = true;

        /// <summary>Text that the script prints.</summary>
        public string Prints { get; init; } = "";

        /// <summary>A file that it writes in addition to the usual ones.</summary>
        public string? Leaves { get; init; }

        /// <summary>Why it may be longer than ten lines; null where it may not.</summary>
        public string? IsLong { get; init; }
    }

    static readonly Dictionary<string, Tweak> Table = new()
    {
        ["01_he"] = new() { Recipe = ("model", "Dense(50, init: He).As(\"fc1\") >> Relu >> Dense(100, init: He)"), Arrays = Perceptron },
        ["02_widths"] = new() { Recipe = ("model", "Dense(512).As(\"fc1\") >> Sigmoid >> Dense(256)"), Arrays = $"{Perceptron} fc4.weight fc4.bias" },
        ["03_nesterov"] = new($"{Training} --momentum 0.8")
        {
            Recipe = ("optimizer", "Momentum(0.8, nesterov: true) >> ScaleByLearningRate(0.01)"), Arrays = Perceptron,
        },
        ["04_adamw"] = new() { Recipe = ("optimizer", "Only(Slot.IsWeight, AddDecayedWeights(0.01))"), Arrays = Perceptron },
        ["05_warmup_cosine"] = new() { Recipe = ("optimizer", "Warmup(12, Cosine(0.01, 24))"), Arrays = Perceptron, Columns = ",learning_rate" },
        ["06_clip"] = new() { Recipe = ("optimizer", "ClipByGlobalNorm(1) >> Adam(0.01)"), Arrays = Perceptron },
        ["07_dropout"] = new() { Recipe = ("model", "Dropout(0.5)"), Arrays = "0.weight 0.bias 3.weight 3.bias" },
        ["08_batch_norm"] = new()
        {
            Recipe = ("model", "BatchNorm"),
            Arrays = "0.weight 0.bias 1.weight 1.bias 3.weight 3.bias 4.weight 4.bias 6.weight 6.bias "
                + "1.running_mean 1.running_var 4.running_mean 4.running_var",
        },
        ["09_layer_norm"] = new() { Recipe = ("model", "LayerNorm"), Arrays = "0.weight 0.bias 1.weight 1.bias 3.weight 3.bias" },
        ["10_lenet"] = new()
        {
            Recipe = ("model", "Conv(8, 5) >> Relu >> MaxPool(2)"), Leaves = "last.checkpoint",
            Arrays = "0.weight 0.bias 3.weight 3.bias 7.weight 7.bias 9.weight 9.bias",
        },
        ["11_residual"] = new()
        {
            Recipe = ("model", "Residual(Dense(64) >> Relu >> Dense(64))"),
            Arrays = "0.weight 0.bias 2.0.weight 2.0.bias 2.2.weight 2.2.bias 4.0.weight 4.0.bias 4.2.weight 4.2.bias 6.weight 6.bias",
        },
        ["12_label_smoothing"] = new() { Recipe = ("objective", "Smoothed(0.1)"), Arrays = Perceptron },
        ["13_focal"] = new() { Recipe = ("objective", "Focal(2)"), Arrays = Perceptron },
        ["14_shifts"] = new() { Recipe = ("augment", "own"), Arrays = Perceptron },
        ["15_early_stop"] = new("--data {data} --activation relu --batch-size 50 --lr 0.05")
        {
            Recipe = ("model", "Relu"), Arrays = Perceptron, Columns = ",validation_loss,validation_accuracy", Prints = @"after \d\d? epochs",
        },
        ["16_few_examples"] = new() { Recipe = ("model", "Sigmoid"), Arrays = Perceptron, Prints = "after 3 epochs" },
        ["17_csv"] = new("--csv {table} --epochs 4 --batch-size 50 --lr 1e-2")
        {
            Recipe = ("model", "Dense(32)"), Arrays = "fc1.weight fc1.bias fc2.weight fc2.bias", IsJudged = false, Prints = "(?m)^100.00 %",
        },
        ["18_pictures"] = new("--folder {pictures} --epochs 4 --batch-size 10 --lr 1e-2")
        {
            Recipe = ("model", "Dense(3)"), Arrays = "fc1.weight fc1.bias fc2.weight fc2.bias", IsJudged = false, Prints = "(?m)^100.00 %",
        },
        ["19_photo"] = new("--photo {photo} --weights {mnist}") { Prints = "^7: ", IsLong = "to cut a digit out of a photo is what it is about" },
        ["20_ema"] = new()
        {
            Recipe = ("optimizer", "Adam(0.01) >> AverageParameters(0.9)"), Arrays = Perceptron, Columns = ",averaged_test_loss,averaged_test_accuracy",
        },
        ["21_ensemble"] = new() { Prints = @"^(alone: [\d.]+ %\n){5}together: [\d.]+ %\n$" },
        ["22_rates_at_once"] = new("--data {data} --epochs 3 --batch-size 50")
        {
            Prints = @"^(lr [\d.E-]+: [\d.]+ %\n){8}$", IsLong = "the loop is its own, over a row of parameters for each rate",
        },
        ["23_sine"] = new("--epochs 20")
        {
            Recipe = ("objective", "squared_error"), Arrays = "0.weight 0.bias 2.weight 2.bias", Columns = ",test_mae", IsJudged = false, Leaves = "mae.png",
        },
        ["24_autoencoder"] = new()
        {
            Recipe = ("prepare", "reconstruction"), Arrays = "0.weight 0.bias 2.weight 2.bias", IsJudged = false, Leaves = "again.png",
        },
        ["25_fgsm"] = new(Trained) { Prints = @"^as they are: 100.00 %\nmoved by 0.3 against the network: \d?\d\.\d\d %\n$" },
        ["26_temperature"] = new(Trained)
        {
            Prints = @"^(sure from \d+ %: right [\d.]+ % of \d+\n)+temperature [\d.]+: loss [\d.]+ -> [\d.E-]+\n$",
        },
        ["27_gradients"] = new(Trained)
        {
            Prints = @"^(fc\d.(weight|bias): .+\n){4}Hessian .+\napart: 0\.0",
            IsLong = "derivatives of derivatives are autograd's own, and checked by differences",
        },
        ["28_nielsen"] = new("--data {data} --epochs 3") { Recipe = ("model", "Dense(30, init: own) >> Sigmoid"), Arrays = "0.weight 0.bias 2.weight 2.bias" },
        ["29_bands"] = new() { Leaves = "bands.png" },
        ["30_export"] = new(Trained) { Leaves = "model.pt", Prints = "(?m)^4 arrays", IsLong = "ONNX is left out" },
    };

    public static TheoryData<string> Names => [.. Table.Keys];

    [Theory, MemberData(nameof(Names))]
    public void It_runs_and_leaves_what_makes_it_true(string name)
    {
        var (tweak, run) = (Table[name], Path.Combine(places.Folder, $"run-{name}"));
        var outcome = InProcess.Run(PathOf(name), $"{places.Filled(tweak.Options)} --out {run}");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Matches(tweak.Prints, outcome.Output);
        if (tweak.Leaves is { } file) Assert.True(new FileInfo(Path.Combine(run, file)).Length > 500, file);
        if (tweak.Arrays is null) return;

        Assert.Equal("finished\n", File.ReadAllText(Path.Combine(run, "status")));
        Assert.True(File.Exists(Path.Combine(run, "loss.png")));
        var recipe = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "config.json"))).RootElement.GetProperty("recipe");
        Assert.Contains(tweak.Recipe.Text, recipe.GetProperty(tweak.Recipe.Part).GetString());
        Assert.Equal(tweak.Arrays.Split(' '), Weights.Read(Path.Combine(run, "best.safetensors")).Arrays.Select(a => a.Name));

        var log = LogFiles.Log.Read(run);
        var accuracy = tweak.Columns == ",test_mae" || tweak.Recipe.Text == "reconstruction" ? "" : ",test_accuracy";
        Assert.Equal($"epoch,train_loss,test_loss{accuracy},seconds{tweak.Columns}", File.ReadLines(Path.Combine(run, "log.csv")).First());
        Assert.True(log[^1].TrainLoss < log[0].TrainLoss, $"{log[0]} {log[^1]}");
        if (tweak.IsJudged) AssertJudgedAlike(run, log.MinBy(e => e.JudgedLoss)!);
    }

    [Fact]
    public void Every_script_is_in_the_table() =>
        Assert.Equal(Table.Keys,
            Directory.EnumerateFiles(Path.GetDirectoryName(PathOf("x"))!, "*.csx").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    /// <summary>
    /// A script's header is not counted: what it loads and imports, the line with Script.Run and the one that ends it. Nor are comments, and lines of
    /// nothing but a bracket. Everything else is, also options and functions of its own.
    /// </summary>
    [Theory, MemberData(nameof(Names))]
    public void It_is_ten_lines_beyond_its_header(string name)
    {
        var lines = File.ReadLines(PathOf(name)).Select(line => line.Trim()).Count(line => !(line is "" or "{" or "}" or "});"
            || line.StartsWith('#') || line.StartsWith("//", StringComparison.Ordinal) || line.StartsWith("using SkiaSharp", StringComparison.Ordinal)
            || line.StartsWith("return Script.Run(", StringComparison.Ordinal)));
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {lines} lines");
        Assert.InRange(lines, 1, Table[name].IsLong is null ? MostLines : 40);
    }

    [Fact]
    public void Exported_weights_are_the_ones_that_were_given()
    {
        var run = Path.Combine(places.Folder, "exported");
        Assert.Equal(0, InProcess.Run(PathOf("30_export"), $"{places.Filled(Table["30_export"].Options)} --out {run}").ExitCode);
        var want = Weights.Read(places.Weights).Arrays;
        var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "model.json"))).RootElement;
        foreach (var (a, b) in want.Zip(Weights.Read(Path.Combine(run, "model.pt")).Arrays))
        {
            Assert.Equal($"{a}", $"{b}");
            Assert.Equal(a.Values.ToArray(), b.Values.ToArray());
            Assert.Equal(a.Values.ToArray(), json.GetProperty(a.Name).GetProperty("numbers").EnumerateArray().Select(n => n.GetSingle()));
        }
    }

    void AssertJudgedAlike(string run, Epoch best)
    {
        var judged = InProcess.Run(
            "scripts/01_infer_pretrained.csx", $"--weights {run}/best.safetensors --split test --data {places.Data} --out {run}-01");
        Assert.Equal((0, ""), (judged.ExitCode, judged.Error));
        Assert.EndsWith(string.Create(CultureInfo.InvariantCulture, $"Accuracy of the pretrained model: {best.TestAccuracy * 100:f2}%\n"), judged.Output);
    }

    static string PathOf(string name) => Path.Combine(ProjectFolders.Root, "tests", "Torchlet.Tests", "Tweaks", $"{name}.csx");

    /// <summary>Data of the scripts, made once.</summary>
    public sealed class Places : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public Places()
        {
            SmallMnist.Write(Directory.CreateDirectory(Data).FullName);
            var random = new Random(1);
            WriteTable(random);
            for (var i = 0; i < 90; i++) WritePicture(random, Path.Combine(Pictures, new[] { "cat", "dog", "hen" }[i % 3]), i);
            WritePhoto();
            var data = Datasets.Load(Data);
            var config = new TrainConfig { Hidden = [50], BatchSize = 50, LearningRate = 1e-2, Epochs = 4, Out = Path.Combine(Folder, "trained") };
            var run = NewRun.Create("trained", config, data, TorchSharp.torch.CPU, Folder, DateTime.UnixEpoch);
            Assert.Equal(4, (Torchlet.Training.Epochs(run.Recipe!, data) | Checkpoint.KeepBest(run)).Count());
            run.Dispose();
        }

        public string Folder => folder.Path;

        public string Data => Path.Combine(Folder, "data");

        public string Weights => Path.Combine(Folder, "trained", "best.safetensors");

        string Pictures => Path.Combine(Folder, "pictures");

        string Table => Path.Combine(Folder, "digits.csv");

        string Photo => Path.Combine(Folder, "photo.png");

        public string Filled(string options) =>
            options.Replace("{data}", Data).Replace("{weights}", Weights).Replace("{table}", Table).Replace("{pictures}", Pictures).Replace("{photo}", Photo)
                .Replace("{mnist}", Path.Combine(ProjectFolders.SampleWeights, "mnist.safetensors"));

        public void Dispose() => folder.Dispose();

        /// <summary>600 rows of 64 numbers, each of another magnitude, six of which tell the class.</summary>
        void WriteTable(Random random) => File.WriteAllLines(Table, Enumerable.Range(0, 600).Select(row => row * 7 % 10)
            .Select(label => string.Join(',', Enumerable.Range(0, 64).Select(i => ((i / 6 == label ? 3 : 0) + random.NextDouble()) * (i + 1))
                .Append(label).Select(number => number.ToString(CultureInfo.InvariantCulture))))
            .Prepend(string.Join(',', Enumerable.Range(0, 64).Select(i => $"p{i}").Append("class"))));

        /// <summary>A grey picture of 28 × 28, of which one third is bright: the upper, middle or lower one.</summary>
        static void WritePicture(Random random, string place, int i)
        {
            using var picture = new SKBitmap(28, 28, SKColorType.Gray8, SKAlphaType.Opaque);
            for (var p = 0; p < 784; p++) picture.GetPixelSpan()[p] = (byte)(p / 28 / 9 == i % 3 ? 200 + random.Next(50) : random.Next(40));
            Save(picture, Path.Combine(Directory.CreateDirectory(place).FullName, $"{i:d2}.png"));
        }

        /// <summary>A seven in dark ink, somewhere on light paper.</summary>
        void WritePhoto()
        {
            using var photo = new SKBitmap(400, 300);
            using var canvas = new SKCanvas(photo);
            using var ink = new SKPaint { Color = new(30, 30, 40), StrokeWidth = 18, StrokeCap = SKStrokeCap.Round, IsAntialias = true };
            canvas.Clear(new(235, 232, 225));
            canvas.DrawLine(110, 80, 210, 80, ink);
            canvas.DrawLine(210, 80, 140, 220, ink);
            Save(photo, Photo);
        }

        static void Save(SKBitmap picture, string path)
        {
            using var png = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
            File.WriteAllBytes(path, png.ToArray());
        }
    }
}
