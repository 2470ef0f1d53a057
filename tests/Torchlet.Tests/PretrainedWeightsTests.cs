namespace Torchlet.Tests;

public class PretrainedWeightsTests
{
    [Fact]
    public void The_shipped_weights_reach_what_their_README_says()
    {
        var data = Datasets.Load(Shared.Mnist);
        var config = new InferConfig { Weights = Path.Combine(ProjectFolders.SampleWeights, "mnist.safetensors") };
        var (model, _, divisor, _) = PretrainedWeights.Load(config, data);
        Assert.Equal(0.9784, Inference.Accuracy(Inference.Predictions(model, data.Test, 100, divisor)), 3e-4);
    }

    [Fact]
    public void The_folders_own_pickle_comes_first_then_the_fetched_one_then_what_was_trained_on_the_data()
    {
        using var folder = new TemporaryFolder();
        var (pickle, digits, clothes) = (In("sample_weight.pkl"), In("b.safetensors"), In("a.safetensors"));
        foreach (var (path, data) in new[] { (digits, "MNIST"), (clothes, "Fashion-MNIST") })
            Weights.SaveSafetensors(path, new MlpWeights([2, 1], new float[3]), new Dictionary<string, string> { ["data"] = data });
        string In(string name) => Path.Combine(folder.Path, name);
        string? NotFetched() => "no mirror answered";
        string? Fetched() { File.WriteAllText(pickle, ""); return null; }

        Assert.Equal(digits, PretrainedWeights.Automatic(folder.Path, "MNIST", NotFetched));
        Assert.Equal(clothes, PretrainedWeights.Automatic(folder.Path, "Fashion-MNIST", () => throw new InvalidOperationException("not for these data")));
        Assert.Equal(pickle, PretrainedWeights.Automatic(folder.Path, "MNIST", Fetched));
        Assert.Equal(pickle, PretrainedWeights.Automatic(folder.Path, "MNIST", () => throw new InvalidOperationException("it is there")));
        File.Delete(pickle);
        File.Delete(digits);
        Assert.Contains("no weights for MNIST in",
            Assert.Throws<TorchletException>(() => PretrainedWeights.Automatic(folder.Path, "MNIST", NotFetched)).Message);
        Assert.Contains("no mirror answered", Assert.Throws<TorchletException>(() => PretrainedWeights.Automatic(folder.Path, "MNIST", NotFetched)).Message);
    }

    [Fact]
    public void An_activation_is_known_in_any_case_and_an_unknown_one_is_printed_in_one_short_line()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "w.safetensors");
        Pretrained Load(string activation)
        {
            Weights.SaveSafetensors(path, new MlpWeights([50, 4, 10], new float[254]), new Dictionary<string, string> { ["activation"] = activation });
            return PretrainedWeights.Load(new() { Weights = path }, Tensors.SmallData(10, 10, 50));
        }

        Assert.Equal("Dense(4).As(\"fc1\") >> Relu >> Dense(10).As(\"fc2\")", Load("ReLU").Layer.Text);
        var message = Assert.Throws<TorchletException>(() => Load("\e]0;owned\a\n" + new string('x', 100_000))).Message;
        Assert.Contains("it says its activation is ?]0;owned??xxx", message);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.InRange(message.Length, 0, 500);
    }

    [Fact]
    public void Options_go_before_what_the_weights_say()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "w.safetensors");
        var data = Tensors.SmallData(10, 10, 50);
        Weights.SaveSafetensors(path, new MlpWeights([50, 4, 10], new float[254]),
            new Dictionary<string, string> { ["pixels"] = PretrainedWeights.UnitPixels, ["activation"] = "relu" });
        var asTrained = PretrainedWeights.Load(new() { Weights = path }, data);
        Assert.Equal((255, "Dense(4).As(\"fc1\") >> Relu >> Dense(10).As(\"fc2\")"), (asTrained.Divisor, asTrained.Layer.Text));
        var asTold = PretrainedWeights.Load(new() { Weights = path, Normalize = false, Activation = "sigmoid" }, data);
        Assert.Equal((1, "Dense(4).As(\"fc1\") >> Sigmoid >> Dense(10).As(\"fc2\")"), (asTold.Divisor, asTold.Layer.Text));
    }

    [Fact]
    public void Weights_of_other_classes_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "w.safetensors");
        var data = Tensors.SmallData(10, 10, 50);
        void Save(IEnumerable<string> classes) => Weights.SaveSafetensors(path, new MlpWeights([50, 4, 10], new float[254]),
            new Dictionary<string, string> { [SavedModel.ClassesKey] = SavedModel.ClassesText(classes) });
        Save(data.Classes);
        PretrainedWeights.Load(new() { Weights = path }, data);
        Save(data.Classes.Select(c => $"{c}!"));
        var message = Assert.Throws<TorchletException>(() => PretrainedWeights.Load(new() { Weights = path }, data)).Message;
        Assert.Contains("the network tells [\"0!\",\"1!\"", message);
    }
}
