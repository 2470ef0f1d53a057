using System.Collections.Immutable;

namespace Torchlet.Tests;

/// <summary>Drawings from files to a run's folder.</summary>
public sealed class DrawingsTests : IDisposable
{
    const string Script = "01_infer_pretrained";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folders_pictures_come_in_natural_order_without_those_below_it()
    {
        foreach (var name in new[] { "b2.png", "b10.png", "B1.JPG", "a 003.jpeg", "a 4.png", "notes.txt", "._b2.png", "손글씨.png" }) Draw(name);
        Directory.CreateDirectory(In("below.png"));
        Assert.Equal(["a 003.jpeg", "a 4.png", "B1.JPG", "b2.png", "b10.png", "손글씨.png"], Drawings.Files(folder.Path).Select(Path.GetFileName));
        Assert.Equal([In("b2.png")], Drawings.Files(In("b2.png")));
    }

    [Fact]
    public void What_cannot_be_read_is_named_in_one_line()
    {
        Draw("a.png");
        File.WriteAllText(In("b\e[31m.png"), "no picture");
        Directory.CreateDirectory(In("empty"));
        Refuses<TorchletException>(folder.Path, "b?[31m.png is not a picture, or is damaged; replace it with a PNG or JPEG.");
        Refuses<TorchletException>(In("none.png"), $"--image {In("none.png")}: no such file or folder; name a PNG or JPEG, or a folder of them.");
        Refuses<TorchletException>(In("empty"),
            $"--image {In("empty")}: the folder holds no PNG or JPEG; put pictures there, or name the folder in it that has them.");
        if (!OperatingSystem.IsWindows()) Refuses<TorchletException>("/dev/null", "/dev/null is empty or no regular file.");
    }

    [Theory, InlineData("mnist", "train", "--data"), InlineData("auto", "test", "--split")]
    public void An_option_of_a_data_set_is_refused_beside_drawings(string data, string split, string option) =>
        Assert.Equal($"--image: the drawings stand in for a data set; leave {option} out.",
            Assert.Throws<CommandLineException>(() => Drawings.Read(new() { Image = Draw("a.png"), Data = data, Split = split }, 28)).Message);

    [Fact]
    public void A_run_on_drawings_holds_all_that_its_pictures_are_drawn_from()
    {
        for (var i = 1; i <= 13; i++) Draw($"{i}.png");
        File.Move(In("3.png"), In("3, \"three\"\n\e[31m.png"));
        var run = Run();
        var rows = File.ReadAllLines(run.PathOf("drawings.csv"));
        Assert.Equal("file,prediction,probability,second,second_probability,third,third_probability,remark", rows[0]);
        Assert.Equal(14, rows.Length);
        Assert.StartsWith("1.png,", rows[1]);
        Assert.StartsWith("\"3, \"\"three\"\"??[31m.png\",", rows[3]);
        string[] pictures = ["drawings.png", "drawings_2.png"];
        var drawn = pictures.Select(name => File.ReadAllBytes(run.PathOf(name))).ToList();

        foreach (var name in Directory.EnumerateFiles(folder.Path, "*.png").Concat(pictures.Select(run.PathOf))) File.Delete(name);
        Assert.Equal(pictures, Assert.Single(Redraw.Each([run.Folder])).Pictures);
        Assert.Equal(drawn, pictures.Select(name => File.ReadAllBytes(run.PathOf(name))));

        File.WriteAllLines(run.PathOf("drawings.csv"), rows[..5]);
        Assert.Contains("drawings_seen.csv has 13 rows and drawings.csv 4", Assert.Single(Redraw.Each([run.Folder])).Error!.Message);
        File.WriteAllLines(run.PathOf("drawings.csv"), rows);
        File.Delete(run.PathOf("drawings/0002.png"));
        Assert.Contains("0002.png", Assert.Single(Redraw.Each([run.Folder])).Error!.Message);
    }

    [Fact]
    public void A_network_is_asked_with_its_own_divisor_and_answers_with_names()
    {
        Draw("a.png");
        var drawings = Drawings.Read(new() { Image = folder.Path }, 10);
        var model = Mlp.Net([100, 2], Layers.Sigmoid).Init(TorchRandom.Seeded(0)).Model;
        var answer = Assert.Single(DrawingAnswer.Each(model, drawings, ["no", "yes"], 5, 255));
        var logits = model.Apply(TorchSharp.torch.tensor(drawings[0].Seen.ToArray(), [1, 100]).to_type(TorchSharp.torch.ScalarType.Float32) / 255);
        var yes = TorchSharp.torch.softmax(logits, 1)[0, 1].item<float>();
        Assert.Equal(2, answer.Likeliest.Length);
        Assert.Equal(yes, answer.Likeliest.Single(c => c.Class == "yes").Probability, 1e-6);
        Assert.True(answer.Likeliest[0].Probability >= answer.Likeliest[1].Probability);
        Assert.NotEqual(answer.Likeliest[0].Probability, DrawingAnswer.Each(model, drawings, ["no", "yes"], 5, 1).Single().Likeliest[0].Probability);
        Assert.Matches(@"^a\.png: (no|yes) \d+\.\d%, (no|yes) \d+\.\d%", $"{answer}");
    }

    [Fact]
    public void An_unsure_network_is_said_to_be_unsure()
    {
        var drawing = new NamedDrawing("a", new(0, 0, []), new(new(0, 0, []), ""));
        Assert.Equal("", new DrawingAnswer(1, drawing, [("3", 0.5f)]).Remark);
        Assert.Equal("does not look like one digit: the network is unsure", new DrawingAnswer(1, drawing, [("3", 0.49f)]).Remark);
        Assert.Equal("does not look like one digit: x", new DrawingAnswer(1, drawing with { Oddity = "x" }, [("3", 0.9f)]).Remark);
    }

    [Fact]
    public void Weights_of_other_inputs_or_for_other_work_are_refused()
    {
        Pretrained Load(ImmutableArray<int> sizes, params (string Key, string Value)[] metadata)
        {
            var weights = new MlpWeights(sizes, new float[sizes.Zip(sizes.Skip(1), (a, b) => (a + 1) * b).Sum()]);
            Weights.SaveSafetensors(In("w.safetensors"), weights, metadata.ToDictionary(m => m.Key, m => m.Value));
            return PretrainedWeights.Load(new InferConfig { Weights = In("w.safetensors") });
        }

        Assert.Equal((28, 1.0), (Load([784, 10]).Side, Load([784, 10]).Divisor));
        Assert.Equal(255, Load([784, 10], ("pixels", PretrainedWeights.UnitPixels)).Divisor);
        Assert.Equal(["0", "1", "2"], Load([64, 3]).Classes);
        Assert.Equal("Ankle boot", Load([784, 10], ("data", "Fashion-MNIST")).Classes[^1]);
        Assert.Contains("the network takes (13,), and drawings come as square grey images",
            Assert.Throws<TorchletException>(() => Load([13, 1])).Message);
        Assert.Contains("was trained for reconstruction", Assert.Throws<TorchletException>(() => Load([784, 784], ("objective", "reconstruction"))).Message);
    }

    string In(string name) => Path.Combine(folder.Path, name);

    string Draw(string name)
    {
        var picture = GreyImage.Of(60, 50, (x, y) => x is > 20 and < 30 && y is > 10 and < 40 || x is > 20 and < 42 && y is > 32 and < 40 ? 20 : 240);
        File.WriteAllBytes(In(name), PictureFile.Png(new(60, 50, [.. picture.Bytes.SelectMany(v => new[] { v, v, v, byte.MaxValue })])));
        return In(name);
    }

    RunFolder Run()
    {
        var config = new InferConfig { Image = folder.Path, Out = In("run") };
        var network = PretrainedWeights.Load(config);
        var drawings = Drawings.Read(config, network.Side);
        using var run = NewRun.Create(Script, config, null, null, In("home"), new DateTime(2026, 11, 23));
        Assert.Equal(drawings.Count,
            (DrawingAnswer.Each(network.Model, drawings, network.Classes, config.BatchSize, network.Divisor) | CsvLog.Drawings(run)).Count());
        DrawingPlots.Draw(run);
        return run;
    }

    void Refuses<T>(string image, string message) where T : TorchletException
    {
        var said = Assert.Throws<T>(() => Drawings.Read(new() { Image = image }, 28)).Message;
        Assert.EndsWith(message, said);
        Assert.DoesNotContain(said, char.IsControl);
    }
}
