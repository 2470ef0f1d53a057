using System.Text;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Texts as data: windows of characters or words, each followed by the next one.</summary>
public sealed class TextFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string In(string file) => Path.Combine(folder.Path, file);

    string Write(string text, string file = "book.txt", Encoding? encoding = null)
    {
        File.WriteAllBytes(In(file), (encoding ?? new UTF8Encoding(false)).GetBytes(text));
        return In(file);
    }

    // 1,000 characters, none of which tells alone what follows.
    static string Story => string.Concat(Enumerable.Range(0, 40).Select(i => $"the cat sat on mat {i % 10}.\r\n\r\n"[..25]));

    [Fact]
    public void Windows_are_followed_by_their_next_characters_and_the_last_tenth_is_the_test()
    {
        using var scope = NewDisposeScope();
        var text = string.Concat(Enumerable.Range(0, 205).Select(i => (char)('a' + i * i % 26)));
        var data = Datasets.Load(new TrainConfig { Data = Write(text), Context = 7 });
        // 185 characters to train on, of which the last one only follows, and 20 to judge by.
        Assert.Equal((26, 2, ScalarType.Int64, ScalarType.Int64), (data.Train.Count, data.Test.Count, data.Train.Inputs.dtype, data.Train.Targets.dtype));
        Assert.Equal([26L, 7], data.Train.Targets.shape);
        var vocabulary = data.Vocabulary!;
        Assert.Equal(text.Distinct().Order().Select(c => $"{c}"), vocabulary.Tokens);
        Assert.Equal(text[..182], vocabulary.Text(data.Train.Inputs.data<long>().ToArray()));
        Assert.Equal(text[1..183], vocabulary.Text(data.Train.Targets.data<long>().ToArray()));
        Assert.Equal(text[185..199], vocabulary.Text(data.Test.Inputs.data<long>().ToArray()));
        Assert.Equal(text[186..200], vocabulary.Text(data.Test.Targets.data<long>().ToArray()));
        Assert.Equal($"windows of 7 out of 205 characters, {vocabulary.Tokens.Length} different ones; each next one is predicted; "
            + "the last tenth is the test part", data.Note);
        Assert.Equal(("book.txt", "book.txt", folder.Path), (data.Name, Assert.Single(data.Checksums).Key, data.Source));
        Assert.Equal(data.Checksums, Datasets.Checksums(In("book.txt"), new()));
    }

    [Fact]
    public void Words_can_be_the_tokens()
    {
        using var scope = NewDisposeScope();
        var data = Datasets.Load(new TrainConfig { Data = Write(Story, "story.md"), Context = 5, Tokens = "words" });
        Assert.Contains("cat", data.Classes);
        Assert.Contains("' '", data.Classes);
        Assert.Contains("\\n", data.Classes);
        Assert.StartsWith("the cat sat on mat 0.\n", data.Vocabulary!.Text(data.Train.Inputs.flatten().data<long>().ToArray()));
        Assert.Matches(@"^windows of 5 out of [\d,]+ words, \d+ different ones;", data.Note);
    }

    public static TheoryData<string> Encodings => ["utf-8", "utf-8 with a mark", "utf-16", "cp949"];

    [Theory, MemberData(nameof(Encodings))]
    public void A_text_is_read_whatever_its_encoding(string name)
    {
        using var scope = NewDisposeScope();
        var text = string.Concat(Enumerable.Repeat("옛날 옛적에 뷁펭귄이 살았다.\n", 20));
        var korean = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(949)!;
        byte[] bytes = name switch
        {
            "utf-8" => Encoding.UTF8.GetBytes(text),
            "cp949" => korean.GetBytes(text),
            "utf-16" => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)],
            _ => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)],
        };
        File.WriteAllBytes(In("book.txt"), bytes);
        var data = Datasets.Load(new TrainConfig { Data = In("book.txt"), Context = 8 });
        Assert.Equal(text.Distinct().Order().Select(c => $"{c}"), data.Vocabulary!.Tokens);
        Assert.Equal(name == "cp949", data.Note!.EndsWith("; read as CP949 (Korean Windows), since it is not UTF-8"));
    }

    [Theory]
    [InlineData("", "is empty or no regular file")]
    [InlineData("\uFEFF", "has 0 characters, too few for windows of 64 in its last tenth, which is the test part; want a longer text")]
    [InlineData("a", "has only a in it; want two or more characters to tell apart")]
    [InlineData("\n\n\n\n", "has only \\n in it")]
    [InlineData("short", "has 5 characters, too few for windows of 64 in its last tenth, which is the test part; want a longer text")]
    [InlineData("binary", "is text neither in UTF-8 nor in CP949 (Korean Windows); save it as UTF-8")]
    [InlineData("640", "has 640 characters, too few for windows of 64 in its last tenth, which is the test part; choose --context 63 or less, or a longer")]
    public void What_is_wrong_with_a_text_is_one_line(string text, string because)
    {
        Write(text == "640" ? string.Concat(Enumerable.Repeat("ab", 320)) : text);
        if (text == "binary") File.WriteAllBytes(In("book.txt"), [.. "\u007fELF"u8, 0, 1, 2, 0xff, 0xfe, 0]);
        var message = Assert.Throws<TorchletException>(() => Datasets.Load(In("book.txt"))).Message;
        Assert.StartsWith($"{In("book.txt")} ", message);
        Assert.Contains(because, message);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void Texts_with_too_many_tokens_or_bytes_are_refused_before_they_take_memory()
    {
        Write(string.Join(' ', Enumerable.Range(0, 20_001)));
        Assert.Contains("has 20,002 different words; want at most 20,000, so leave --tokens words out, or shorten the text",
            Assert.Throws<TorchletException>(() => Datasets.Load(new TrainConfig { Data = In("book.txt"), Tokens = "words" })).Message);
        using (var file = File.OpenWrite(In("book.txt"))) file.SetLength(100L << 30); // Sparse: it takes no room.
        Assert.Contains("has 107,374,182,400 bytes; want a text of at most 419,430,400",
            Assert.Throws<TorchletException>(() => Datasets.Load(In("book.txt"))).Message);
    }

    [Fact]
    public void Options_of_texts_are_for_texts()
    {
        File.WriteAllText(In("t.csv"), "label,a\n1,2\n1,3\n0,1\n0,2\n");
        Assert.Equal($"--context 5: {In("t.csv")} is no text file; leave the option out.",
            Assert.Throws<TorchletException>(() => Datasets.Load(new TrainConfig { Data = In("t.csv"), Context = 5 })).Message);
        Assert.Equal("--tokens words: synthetic is no text file; leave the option out.",
            Assert.Throws<TorchletException>(() => Datasets.Load(new TrainConfig { Data = "synthetic", Tokens = "words" })).Message);
        Assert.Equal($"--target numbers: {Write(Story)} is no table; name a .csv, or leave the option out.",
            Assert.Throws<TorchletException>(() => Datasets.Load(new TrainConfig { Data = In("book.txt"), Target = "numbers" })).Message);
    }

    // Without the model's text, a custom layer: script 01 cannot rebuild it.
    string Script(string body)
    {
        var path = In("learn.csx");
        File.WriteAllText(path, $$"""
            #load "{{Path.Combine(Natives.Folder, "torchlet.csx")}}"
            using Torchlet;
            using static Torchlet.Layers;
            using static TorchSharp.torch;

            return Script.Run(Args, new TrainConfig { LearningRate = 0.1, BatchSize = 8, Reduction = "mean" }, run =>
            {
                var words = run.Data.Classes.Length;
                var table = Custom("Table", m => m.Weight("table", [words, words]) is var table
                    ? ([.. m.Input, words], (pass, x) => pass[table].index_select(0, x.flatten()).view([.. x.shape, words])) : default);
                {{body}}
            });
            """);
        return path;
    }

    [Fact]
    public void A_script_learns_what_follows_resumes_to_the_bit_and_samples()
    {
        var (book, script) = (Write(Story), Script("""
            run.Train(run.Recipe with { Model = table });
            var best = run.Best();
            using var scope = NewDisposeScope();
            WriteLine($"Sampled: {best.Saved.Vocabulary!.Sample(best.ToModel(), "the c", 3, TorchRandom.Seeded(0), 0).Text}");
            WriteLine($"Accuracy: {best.Accuracy(run.Data.Test)}");
            """));
        var whole = InProcess.Run(script, $"--data {book} --context 9 --epochs 4 --validation 0.2 --limit 80 --plain --out {In("whole")}");
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.Matches(@"Data: book.txt, 64 \+ 10 examples, from .*; windows of 9 out of 920 characters, 22 different ones; each next one is ", whole.Output);
        Assert.Matches(@"Sampled: the c\w", whole.Output);
        Assert.Equal(0, InProcess.Run(script, $"--data {book} --context 9 --epochs 2 --validation 0.2 --limit 80 --plain --out {In("parts")}").ExitCode);
        var resumed = InProcess.Run(script, $"--resume {In("parts")} --epochs 4 --plain");
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        var (a, b) = (Weights.Read(Path.Combine(In("whole"), "best.safetensors")), Weights.Read(Path.Combine(In("parts"), "best.safetensors")));
        Assert.Equal(a.Arrays.Select(x => x.Values.ToArray()), b.Arrays.Select(x => x.Values.ToArray()));
        Assert.Equal(double.Parse(a.Metadata["test_accuracy"]), double.Parse(whole.Output.Split("Accuracy: ")[1]), 1e-6);
        Assert.Equal(Vocabulary.Of(Story.ReplaceLineEndings("\n")), TextFile.VocabularyOf("", a.Metadata));
        // Another text, or the same with other windows, cannot continue the run.
        Assert.Contains("which --resume cannot change", InProcess.Run(script, $"--resume {In("parts")} --epochs 5 --context 8").Error);
        Write(Story + "!");
        Assert.Contains("are not those that the run in", InProcess.Run(script, $"--resume {In("parts")} --epochs 5").Error);
    }

    [Fact]
    public void Named_models_that_give_one_prediction_are_refused_in_one_line()
    {
        var book = Write(Story);
        foreach (var model in new[] { "mlp", "lenet" })
        {
            var refused = InProcess.Run("scripts/02_train_cross_entropy.csx", $"--data {book} --context 9 --model {model} --out {In("out")}");
            Assert.Equal(1, refused.ExitCode);
            Assert.StartsWith($"error: --model {model}: ", refused.Error);
            Assert.DoesNotContain("mlp takes any", refused.Error);
            Assert.Single(refused.Error.TrimEnd().Split('\n'));
        }
        Assert.Contains("book.txt wants a score for each of 22 classes at each of 9 positions, and it gives [22]; ",
            InProcess.Run("scripts/02_train_cross_entropy.csx", $"--data {book} --context 9 --out {In("out")}").Error);
        var compared = InProcess.Run("scripts/03_compare_losses.csx", $"--data {book} --context 9 --out {In("out")}");
        Assert.Equal((1, $"error: --data {book}: book.txt has a label at each position, and losses are compared on one label an example; name other data.\n"),
            (compared.ExitCode, compared.Error.ReplaceLineEndings("\n")));
    }

    string WeightsOf(Dataset data, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>>? change = null)
    {
        var about = new Dictionary<string, string>
        {
            ["input"] = "9", ["model"] = "own(Table)", ["classes"] = SavedModel.ClassesText(data.Classes), ["text"] = TextFile.Metadata(data.Vocabulary!, data),
        };
        Weights.SaveSafetensors(In("w.safetensors"), [new("x", [1], new float[1])], change?.Invoke(about) ?? about);
        return In("w.safetensors");
    }

    [Fact]
    public void A_new_text_is_read_by_the_vocabulary_of_the_network()
    {
        using var scope = NewDisposeScope();
        var data = Datasets.Load(new TrainConfig { Data = Write(Story), Context = 9 });
        InferConfig config = new() { Weights = WeightsOf(data.Hold(20)), Data = In("book.txt") };
        var same = TextFile.Find(config, default)!;
        Assert.Equal((data.Test.Count, data.Note, false), (same.Test.Count, same.Note, same.AreNew));
        Assert.Null(TextFile.Find(config with { Data = In("book.csv") }, default));
        Assert.Null(TextFile.Find(config with { Weights = "auto" }, default));

        Write("a cat on a mat 1.\r\na", "new.txt");
        var other = TextFile.Find(config with { Data = In("new.txt") }, default)!;
        Assert.Equal((2, true, "new.txt", data.Vocabulary), (other.Test.Count, other.AreNew, other.Name, other.Vocabulary));
        Assert.Equal("a cat on a mat 1.", data.Vocabulary!.Text(other.Test.Inputs.flatten().data<long>().ToArray())[..17]);
        foreach (var (text, because) in new[]
        {
            ("a cat, on a mat", "cannot be read by the network (text: want characters of the vocabulary, got , at place 5); "
                + "take it out, or train on both texts"),
            ("a cat", "has 5 tokens, and the network takes 9; want one more than that, or more"),
        })
            Assert.Equal($"{Write(text, "new.txt")} {because}.",
                Assert.Throws<TorchletException>(() => TextFile.Find(config with { Data = In("new.txt") }, default)).Message.TrimEnd('.') + ".");
    }

    [Theory]
    [InlineData("text", null, "the network was not trained on a text, and ")]
    [InlineData("text", "{", "its vocabulary is damaged; make the file again.")]
    [InlineData("text", "{\"tokens\":\"words\"}", "its vocabulary is damaged; make the file again.")]
    [InlineData("text", "{\"tokens\":\"words\",\"vocabulary\":[\"a\",\"a\"]}", "its vocabulary is damaged; make the file again.")]
    [InlineData("text", "{\"tokens\":1,\"vocabulary\":[\"a\"]}", "its vocabulary is damaged; make the file again.")]
    [InlineData("input", "many", "it says its input is many; want the number of tokens.")]
    public void Weights_that_are_of_no_text_are_refused_in_one_line(string key, string? value, string because)
    {
        using var scope = NewDisposeScope();
        var data = Datasets.Load(new TrainConfig { Data = Write(Story), Context = 9 });
        var weights = WeightsOf(data, about =>
            about.Where(entry => entry.Key != key).Concat(value is null ? [] : [KeyValuePair.Create(key, value)]).ToDictionary());
        var message = Assert.Throws<TorchletException>(() => TextFile.Find(new() { Weights = weights, Data = In("book.txt") }, default)).Message;
        Assert.StartsWith($"{weights}: {because}", message);
    }

    [Fact]
    public void Predictions_of_a_text_are_one_row_for_each_token()
    {
        using var scope = NewDisposeScope();
        var data = Datasets.Load(new TrainConfig { Data = Write(Story), Context = 9 });
        var layer = SequencesTests.Table(data.Classes.Length);
        var (model, _) = layer.Fit(9).Init(TorchRandom.Seeded(0));
        var network = new Pretrained(model, layer, 1, "w") { Classes = data.Classes, File = Weights.Read(WeightsOf(data)) };
        var runs = new ScriptRuns("01_infer_pretrained", isListed: false);
        var summary = "";
        runs.During(() =>
        {
            var run = new Run<InferConfig>(new() { Out = In("out") }, new(), runs, data);
            run.Begin(subject: "text");
            summary = NewRows.Write(run.Folder, network, model, data.Test, 4);
        });
        var lines = File.ReadAllLines(Path.Combine(In("out"), "predictions.csv"));
        Assert.Equal((91, "index,target,prediction,confidence"), (lines.Length, lines[0]));
        Assert.Matches(@"^Predictions of 90 tokens, \d+\.\d\d% of them right, in ", summary);
        Assert.Empty(Redraw.Each([In("out")]).Single().Pictures);
    }

    [Fact]
    public void Ids_reach_a_layer_unchanged_by_every_path()
    {
        using var scope = NewDisposeScope();
        var data = Datasets.Load(new TrainConfig { Data = Write(Story), Context = 9 });
        var (model, _) = SequencesTests.Table(data.Classes.Length).Fit(9).Init(TorchRandom.Seeded(0));
        var told = Inference.Predictions(model, data.Test, 4).ToList();
        var wanted = Metrics.Predictions(model.Apply(data.Test.Inputs)).flatten().data<long>().ToArray();
        Assert.Equal(wanted, told.Select(p => p.Predicted));
        Assert.Equal(Enumerable.Range(0, 90), told.Select(p => p.Index));
        Assert.Equal(data.Test.Targets.flatten().data<long>().ToArray(), told.Select(p => p.Label));
        Assert.Equal(told, Inference.Predictions(model, data.Test, Objective.Classify(), 5));
        foreach (var other in new[] { data.First(20), data.Hold(20), data.To(CPU), DataInMemory.Identified(data.Hold(0.2)) })
            Assert.Equal((ScalarType.Int64, ScalarType.Int64, data.Vocabulary),
                (other.Train.Inputs.dtype, (other.Validation ?? other.Test).Inputs.dtype, other.Vocabulary));
        string Sum(double held) => DataInMemory.Identified(data.Hold(held)).Checksums[DataInMemory.Name];
        Assert.NotEqual(Sum(0.2), Sum(0.3));
        foreach (var type in new[] { ScalarType.Byte, ScalarType.Int32, ScalarType.Int64 })
        {
            Assert.Equal(type, Inference.Inputs(model, data.Test.Inputs.to_type(type), 255).dtype);
            var (dense, _) = Layers.Dense(3).Fit(9).Init(TorchRandom.Seeded(0));
            Assert.Equal(type == ScalarType.Byte ? ScalarType.Float32 : type, Inference.Inputs(dense, data.Test.Inputs.to_type(type), 255).dtype);
        }
    }
}
