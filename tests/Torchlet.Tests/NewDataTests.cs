using System.Collections.Immutable;
using System.Globalization;
using SkiaSharp;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Predictions for data that are new to a network: tables with and without labels, pictures of any shape, weights named by a run.</summary>
public sealed class NewDataTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Run => In("run");

    string Best => Path.Combine(Run, "best.safetensors");

    public void Dispose() => folder.Dispose();

    string In(string file) => Path.Combine(folder.Path, file);

    static TrainConfig Quick(string data) => new() { Data = data, Epochs = 12, BatchSize = 8, Hidden = [8], LearningRate = 0.02 };

    // Two classes that differ in width, in units of thousands, so that raw numbers or another table's statistics give other answers.
    static string Line(int i, bool isWide) => string.Create(CultureInfo.InvariantCulture, $"{5000 + i * 37 % 100 + (isWide ? 900 : 0)},{i * 11 % 7},{1}");

    string TrainTable()
    {
        var path = In("flowers.csv");
        var rows = Enumerable.Range(0, 60).Select(i => $"{Line(i, i % 2 == 1)},{(i % 2 == 1 ? "wide" : "narrow")}");
        File.WriteAllLines(path, ["width,petals,constant,species", .. rows]);
        return path;
    }

    [Fact]
    public void A_table_without_labels_is_predicted_by_the_statistics_of_the_training_part()
    {
        Train(Quick(TrainTable()));
        // Only wide ones, in another order of the columns, with a number of the row: by its own mean half of them would be narrow.
        File.WriteAllLines(In("new.csv"), ["petals,id,width,constant", .. Enumerable.Range(0, 9).Select(i => $"3,{i},{5900 + i},7")]);
        var (folder, summary) = Infer(new() { Weights = Best, Data = In("new.csv") });
        var lines = File.ReadAllLines(Path.Combine(folder, "predictions.csv"));
        Assert.Equal("index,prediction,confidence", lines[0]);
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i},wide"), lines[1..].Select(line => line[..line.LastIndexOf(',')]));
        Assert.StartsWith("Predictions for 9 examples: wide: 9, in ", summary);
        Assert.Empty(Redraw.Each([folder]).Single().Pictures);
    }

    [Fact]
    public void The_training_table_is_evaluated_as_ever_and_a_new_one_with_labels_whole()
    {
        var table = TrainTable();
        var rows = Train(Quick(table));
        var same = Datasets.Load(table);
        var network = PretrainedWeights.Load(new() { Weights = Best }, same);
        var accuracy = Inference.Accuracy(Inference.Predictions(network.Model, same.Test, 10, network.Divisor));
        Assert.Equal(Epoch.Best(rows)!.TestAccuracy, accuracy, 1e-9);
        Assert.Null(NewTable.Find(new() { Weights = Best, Data = table }, default));
        File.Copy(table, In("copy.csv"));
        Assert.Null(NewTable.Find(new() { Weights = Best, Data = In("copy.csv") }, default));

        File.WriteAllLines(In("new.csv"), ["width,petals,constant,species", $"{Line(1, true)},wide", $"{Line(2, true)},wide", $"{Line(4, true)},narrow"]);
        var data = NewTable.Find(new() { Weights = Best, Data = In("new.csv") }, default)!;
        Assert.Equal((3, "narrow,wide", true), (data.Test.Count, string.Join(',', data.Classes), data.AreLabelled));
        Assert.Equal([1, 1, 0], data.Train.Targets.data<long>().ToArray());
        var statistics = same.Table!.Statistics!;
        Assert.Equal((5937 - statistics.Mean[0]) / statistics.Deviation[0], data.Train.Inputs[0, 0].item<float>(), 1e-5);
        Assert.Equal(0, data.Train.Inputs[0, 2].item<float>()); // It is constant in the training part.
        var loaded = PretrainedWeights.Load(new() { Weights = Best }, data);
        Assert.Equal(2.0 / 3, Inference.Accuracy(Inference.Predictions(loaded.Model, data.Test, 10, loaded.Divisor)), 1e-9);
    }

    [Theory]
    [InlineData("width,petals\n1,2\n", "has no column constant, which the network was trained on; it has width, petals")]
    [InlineData("width,petals,constant,height\n1,2,3,4\n", "has the column height, which the network was not trained on; take it out")]
    [InlineData("1,2,3\n4,5,6\n", "names no columns; the network was trained on width, petals, constant")]
    [InlineData("width,petals,constant,species\n1,2,3,round\n", "has the label 'round' in example 1; the network tells narrow, wide apart")]
    [InlineData("width,petals,constant,species\n1,2,3,wide\n1,2,3,\n", "has an empty label in example 2 and labels in others")]
    [InlineData("width,petals,constant\n1,2\n", "line 2 has 2 fields, and the first line 3")]
    [InlineData("width,petals,constant\n1,x,3\n", "line 2 has 'x' in column petals; want a finite number")]
    [InlineData("width,petals,constant\n", "holds no line after the header")]
    public void Another_table_is_refused_in_one_line(string text, string message)
    {
        File.WriteAllText(In("new.csv"), text);
        var table = new TableColumns(["width", "petals", "constant"], "species", new([1, 2, 3], [1, 1, 0]));
        var error = Assert.Throws<TorchletException>(() => NewTable.Read(In("new.csv"), table, [3], ["narrow", "wide"], default)).Message;
        Assert.Contains(message, error);
        Assert.StartsWith(In("new.csv"), error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_table_of_more_columns_than_a_weights_file_has_room_for_is_trained_on_all_the_same()
    {
        Dataset Of(int columns) => Dataset.Of("wide", Split.Of(new float[2, 1], new long[2]), Split.Of(new float[2, 1], new long[2]), "a", "b") with
        {
            Table = new([.. Enumerable.Repeat("\"a column\"", columns)], null, new([.. new double[columns]], [.. new double[columns]])),
        };
        Assert.NotNull(NewTable.Text(Of(10_000)));
        Assert.Null(NewTable.Text(Of(100_000)));
    }

    [Fact]
    public void Labels_that_are_all_empty_are_none()
    {
        File.WriteAllText(In("new.csv"), "species,width\n,1\n,2\n");
        var data = NewTable.Read(In("new.csv"), new(["width"], "species", new([1], [2])), [1], ["a", "b"], default);
        Assert.Equal((2, false, 0.5f), (data.Test.Count, data.AreLabelled, data.Train.Inputs[1, 0].item<float>()));
    }

    [Fact]
    public void A_new_table_is_read_in_the_encodings_of_one_to_train_on()
    {
        using var scope = NewDisposeScope();
        var korean = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(949)!;
        File.WriteAllBytes(In("new.csv"), korean.GetBytes("품종,길이\n뷁펭귄,1\n개,3\n"));
        var data = NewTable.Read(In("new.csv"), new(["길이"], "품종", new([1], [2])), [1], ["개", "뷁펭귄"], default);
        Assert.Equal([1, 0], data.Train.Targets.data<long>().ToArray());
        Assert.Equal(1, data.Train.Inputs[1, 0].item<float>());
        Assert.Equal("standardised as in training; read as CP949 (Korean Excel), since it is not UTF-8", data.Note);
    }

    [Fact]
    public void A_network_that_predicts_numbers_predicts_those_of_a_table()
    {
        var x = Tensors.Normal(1, 40, 2);
        var split = new Split(x, x.sum(1, keepdim: true));
        var table = new TableColumns(["a", "b"], "y", new([10, 20], [2, 4]));
        var data = Dataset.Of("sums", split, split) with { Table = table };
        During(new TrainConfig { Epochs = 40, BatchSize = 8, Out = Run }, run => run.Train(new Recipe(Dense(1), Objective.Regress(), Optimizers.Adam(0.1))
        {
            Epochs = 40, BatchSize = 8,
        }), data);
        File.WriteAllText(In("new.csv"), "b,a\n24,12\n20,6\n"); // (1, 1) and (−2, 0) once they are standardised.
        var (folder, summary) = Infer(new() { Weights = Best, Data = In("new.csv") });
        var lines = File.ReadAllLines(Path.Combine(folder, "predictions.csv"));
        Assert.Equal("index,prediction", lines[0]);
        Assert.Equal([2, -2], lines[1..].Select(line => double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture)), (a, b) => Math.Abs(a - b) < 0.05);
        Assert.StartsWith("Predictions for 2 examples: -", summary);
        File.WriteAllText(In("labelled.csv"), "b,a,y\n24,12,2\n20,6,-3\n");
        (folder, summary) = Infer(new() { Weights = Best, Data = In("labelled.csv") });
        Assert.StartsWith("index,target,prediction\r\n0,2,", File.ReadAllText(Path.Combine(folder, "predictions.csv")));
        Assert.Contains("mean absolute error", summary);
    }

    [Fact]
    public void Pixels_without_labels_are_predicted_by_a_network_of_pictures()
    {
        File.WriteAllLines(In("digits.csv"), [string.Join(',', Enumerable.Range(0, 100).Select(i => $"pixel{i}")),
            string.Join(',', Enumerable.Repeat(255, 100)), string.Join(',', Enumerable.Repeat(0, 100))]);
        var path = In("w.safetensors");
        ImmutableArray<NamedArray> arrays =
            [new("fc1.weight", [2, 100], Enumerable.Repeat(1f, 100).Concat(new float[100]).ToArray()), new("fc1.bias", [2], new[] { -50f, 0 })];
        var about = new Dictionary<string, string> { ["model"] = "Dense(2).As(\"fc1\")", ["input"] = "1,10,10", ["pixels"] = "0..1" };
        Weights.SaveSafetensors(path, arrays, new Dictionary<string, string>(about) { ["classes"] = "[\"light\",\"dark\"]" });
        var (folder, _) = Infer(new() { Weights = path, Data = In("digits.csv") });
        Assert.Equal(["0,light,1", "1,dark,1"], File.ReadAllLines(Path.Combine(folder, "predictions.csv"))[1..]);
        Weights.SaveSafetensors(path, arrays, new Dictionary<string, string>(about) { ["input"] = "100,1" });
        Assert.Contains("it does not say on which columns the network was trained",
            Assert.Throws<TorchletException>(() => Infer(new() { Weights = path, Data = In("digits.csv") })).Message);
    }

    [Fact]
    public void Coloured_pictures_are_predicted_as_those_of_the_folder_were_brought_to_size()
    {
        SKColor Colour(string name, int i, int x, int y) => name == "red" ? new(200, (byte)(5 * i + x), (byte)y) : new((byte)x, (byte)(5 * i + y), 200);
        string[] classes = ["blue", "red"];
        foreach (var name in classes)
            for (var i = 0; i < 10; i++) OwnFiles.Picture(Path.Combine(In("colours"), name, $"{i}.png"), 20, 14, (x, y) => Colour(name, i, x, y));
        Train(Quick(In("colours")) with { Side = 8 });
        var about = Weights.Read(Best).Metadata;
        Assert.Equal(("centre-square", "3,8,8", "0..1"), (about["pictures"], about["input"], about["pixels"]));
        foreach (var (i, name) in classes.Append("red").Index())
            OwnFiles.Picture(Path.Combine(In("new"), $"{i}.{(i == 2 ? "jpg" : "png")}"), 31, 47, (x, y) => Colour(name, 40, x, y));
        InferConfig config = new() { Weights = Best, Image = In("new") };
        var network = PretrainedWeights.Load(config);
        var pictures = Drawings.Read(config, network);
        Assert.Equal(Thumbnail.Of(PictureFile.Decoded(File.ReadAllBytes(In("new/0.png")), 8), 8), pictures[0].Seen.ToArray());
        var answers = DrawingAnswer.Each(network.Model, pictures, network.Classes, 10, network.Divisor).ToList();
        Assert.Equal(["blue", "red", "red"], answers.Select(answer => answer.Likeliest[0].Class));
        Assert.All(answers, answer => Assert.DoesNotContain("digit", answer.Remark));
        Assert.Equal(2, Drawings.Files($"{In("new/0.png")},{In("new/2.jpg")}").Count);
        Assert.Equal(8, PretrainedWeights.TrainedSide(new() { Weights = Best, Data = In("colours") }));
        Assert.Equal(8, ((InferConfig)new() { Weights = Best, Data = In("colours") }).Load(default).Train.InputShape[2]);
    }

    [Theory]
    [InlineData(3), InlineData(1)]
    public void Pictures_that_are_not_square_or_grey_are_cut_to_the_proportions_that_the_network_takes(int channels)
    {
        ImmutableArray<long> shape = [channels, 4, 6];
        var count = channels * 24;
        var wide = OwnFiles.Picture(In("wide.png"), 60, 20, (x, _) => x is >= 15 and < 45 ? new SKColor(255, 0, 0) : new SKColor(0, 255, 0));
        Weights.SaveSafetensors(In("w.safetensors"), [new("1.weight", [2, count], new float[2 * count]), new("1.bias", [2], new float[2])],
            new Dictionary<string, string> { ["model"] = "Flatten >> Dense(2)", ["input"] = string.Join(',', shape), ["pixels"] = "0..1" });
        InferConfig config = new() { Weights = In("w.safetensors"), Image = wide };
        var picture = Assert.Single(Drawings.Read(config, PretrainedWeights.Load(config)));
        Assert.Equal(shape, picture.Shape);
        Assert.Equal(channels == 3 ? [.. Enumerable.Repeat((byte)255, 24), .. new byte[48]] : Enumerable.Repeat((byte)76, 24), picture.Seen);
    }

    [Fact]
    public void Pixels_that_the_file_does_not_know_are_never_fed_as_bytes()
    {
        var data = Tensors.SmallData(40, 40, 100);
        Split Floats(Split split) => new(split.Inputs.view(-1, 1, 10, 10).to_type(ScalarType.Float32), split.Targets);
        var floats = data with { Train = Floats(data.Train), Test = Floats(data.Test) };
        During(new TrainConfig { Epochs = 1, Hidden = [4], Out = Run }, run => run.Train(), floats);
        Assert.Equal("numbers", Weights.Read(Best).Metadata["pixels"]);
        var bytes = data with { Train = new(data.Train.Inputs.view(-1, 1, 10, 10).to_type(ScalarType.Byte), data.Train.Targets) };
        Assert.Contains("it says its pixels are numbers; want 0..1 or 0..255",
            Assert.Throws<TorchletException>(() => PretrainedWeights.Load(new() { Weights = Best }, bytes)).Message);
        Assert.Contains("it says its pixels are numbers", Assert.Throws<TorchletException>(() => PretrainedWeights.Load(new() { Weights = Best })).Message);
        Assert.Equal(255, PretrainedWeights.Load(new() { Weights = Best, Normalize = true }, bytes).Divisor);
        Assert.NotNull(PretrainedWeights.Load(new() { Weights = Best }, floats));
        foreach (var pixels in new[] { "-1..1", "0..1 ", "" })
        {
            var file = Weights.Read(Best);
            Weights.SaveSafetensors(In("w.safetensors"), file.Arrays, file.Metadata.SetItem("pixels", pixels));
            var error = Assert.Throws<TorchletException>(() => PretrainedWeights.Load(new() { Weights = In("w.safetensors") }, bytes));
            Assert.Contains("it says its pixels are", error.Message);
        }
    }

    [Fact]
    public void Classes_are_compared_as_names_however_the_list_is_spelled()
    {
        var data = Tensors.SmallData(10, 10, 50);
        Pretrained Load(string classes)
        {
            var about = new Dictionary<string, string> { ["classes"] = classes };
            Weights.SaveSafetensors(In("w.safetensors"), new MlpWeights([50, 4, 10], new float[254]), about);
            return PretrainedWeights.Load(new() { Weights = In("w.safetensors") }, data);
        }
        Assert.Equal(data.Classes, Load("[ \"0\", \"1\",\"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"\\u0039\" ]").Classes);
        Assert.Throws<TorchletException>(() => Load("[\"1\",\"0\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]"));
        Assert.Throws<TorchletException>(() => Load("0,1"));
    }

    [Fact]
    public void A_run_stands_for_its_best_weights()
    {
        Train(Quick(TrainTable()) with { Epochs = 1 });
        Assert.Equal(Best, WeightsOfRun.Find(Run));
        Assert.Equal(Best, WeightsOfRun.Find(Best));
        var link = In("latest");
        Directory.CreateSymbolicLink(link, Run);
        Assert.Equal(Path.Combine(link, "best.safetensors"), WeightsOfRun.Find(link));
        foreach (var seed in new[] { 0, 1 })
        {
            Directory.CreateDirectory(In($"seeds/seed-{seed}"));
            File.Copy(Best, In($"seeds/seed-{seed}/best.safetensors"));
        }
        var better = Weights.Read(Best);
        Weights.SaveSafetensors(In("seeds/seed-1/best.safetensors"), better.Arrays, better.Metadata.SetItem("test_loss", "0.01"));
        Directory.CreateDirectory(In("empty"));
        File.WriteAllText(In("empty/config.json"), "{}");
        Refused(In("seeds"), "has no best.safetensors of its own; name one of the runs in it: seed-0, seed-1 (the lowest test loss is that of seed-1).");
        Refused(In("empty"), "has no best.safetensors");
        Directory.CreateDirectory(In("plain"));
        Refused(In("plain"), "is a folder, and no run's");
        Refused(In("nothing"), "no such file or run; name a weights file (.pkl, .pt, .safetensors or .npz), a run's folder, or latest.");

        void Refused(string place, string message) => Assert.Contains(message, Assert.Throws<TorchletException>(() => WeightsOfRun.Find(place)).Message);
    }

    [Fact]
    public void No_file_that_is_read_or_kept_by_a_run_is_written_over()
    {
        Directory.CreateDirectory(In("a/run"));
        foreach (var file in new[] { "w.pt", "a/t.csv", "a/run/config.json", "a/run/best.safetensors" }) File.WriteAllText(In(file), "x");
        File.CreateSymbolicLink(In("link.pt"), In("w.pt"));
        Directory.CreateSymbolicLink(In("b"), In("a"));
        Refused(new InferConfig { Weights = In("w.pt"), SaveOnnx = In("w.pt") }, "--weights reads the same file");
        Refused(new InferConfig { Weights = In("w.pt"), SaveOnnx = In("a/../w.pt") }, "--weights reads the same file");
        Refused(new InferConfig { Weights = In("w.pt"), SaveOnnx = In("link.pt") }, "--weights reads the same file");
        Refused(new InferConfig { Weights = In("link.pt"), SaveOnnx = In("w.pt") }, "--weights reads the same file");
        Refused(new InferConfig { Data = In("b/t.csv"), SaveOnnx = In("a/t.csv") }, "--data reads the same file");
        Refused(new InferConfig { Image = In("a"), SaveOnnx = In("b/t.csv") }, "the file is one of the folder that --image reads");
        Refused(new InferConfig { Weights = In("a/run"), SaveOnnx = In("b/run/best.safetensors") }, "the file is one of the folder that --weights reads");
        Refused(new TrainConfig { SavePt = In("b/run/best.safetensors") }, "a run keeps a file of its own under this name");
        Refused(new TrainConfig { Out = In("new"), SavePt = In("new/last.checkpoint") }, "a run keeps a file of its own under this name");
        Refused(new TrainConfig { SavePt = In("a/x"), SaveOnnx = In("b/x") }, "--save-pt names the same file");
        WrittenFiles.Check(new TrainConfig { Data = In("a/t.csv"), Out = In("new"), SavePt = In("new/w.pt"), SaveOnnx = In("a/run/w.onnx") });
        WrittenFiles.Check(new InferConfig { Weights = In("w.pt"), Image = In("a"), SaveOnnx = In("a/new.onnx") });

        static void Refused(ScriptConfig config, string message) =>
            Assert.Contains(message, Assert.Throws<CommandLineException>(() => WrittenFiles.Check(config)).Message);
    }

    IReadOnlyList<Epoch> Train(TrainConfig config)
    {
        IReadOnlyList<Epoch> rows = [];
        During(config with { Out = Run }, run => rows = run.Train());
        return rows;
    }

    (string Folder, string Summary) Infer(InferConfig config)
    {
        var (runs, summary, place) = (new ScriptRuns("01_infer_pretrained", isListed: false), "", In($"out-{Guid.NewGuid():n}"));
        runs.During(() =>
        {
            var run = new Run<InferConfig>(config with { Out = place }, new(), runs);
            var network = PretrainedWeights.Load(run.Config, run.Data);
            run.Begin(subject: "new");
            summary = NewRows.Write(run.Folder, network, network.Model, run.Data.Train, 4);
        });
        return (place, summary);
    }

    static void During(TrainConfig config, Action<Run<TrainConfig>> body, Dataset? data = null)
    {
        var runs = new ScriptRuns("a_script", isListed: false);
        runs.During(() => body(new(config, config, runs, data)));
    }
}
