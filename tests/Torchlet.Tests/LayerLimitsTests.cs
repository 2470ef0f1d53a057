using System.Collections.Immutable;
using System.Diagnostics;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Limits of layers, in code and in a file: ranges, names, nesting, memory and time.</summary>
public sealed class LayerLimitsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string> OutOfRange => new(
        ("Conv(8, 3, stride: 0)", "want stride from 1 to 4096, got 0"), ("Conv(8, 3, stride: -1)", "want stride from 1"),
        ("Conv(8, 3, padding: -3)", "want padding from 0"), ("Conv(8, 3, padding: 20000)", "want padding from 0 to 4096, got 20000"),
        ("Conv(8, 0)", "want kernel from 1"), ("Conv(0, 3)", "want channels from 1"), ("Conv(8, 9)", "want at least 9 rows and columns, got 8"),
        ("MaxPool(0)", "want size from 1"), ("MaxPool(2, stride: 0)", "want stride from 1"), ("AvgPool(-2)", "want size from 1"),
        ("Dropout(1.5)", "want probability from 0 to less than 1, got 1.5"), ("Dropout(NaN)", "want probability"), ("Dropout(1)", "want probability"),
        ("Dense(0)", "want units from 1"), ("Dense(1e9)", "want units from 1"), ("BatchNorm(momentum: 2)", "want momentum"),
        ("BatchNorm(epsilon: NaN)", "want epsilon"), ("LayerNorm(-1)", "want epsilon"), ("LayerNorm(Infinity)", "want epsilon"),
        ("Conv(1, 1, padding: 4096) >> Conv(9, 1, padding: 4096)", "want an output of at most 268435456 numbers, got [9, 16392, 16392]"));

    [Theory, MemberData(nameof(OutOfRange))]
    public void An_argument_out_of_its_range_is_refused_in_code_and_in_a_file(string text, string message)
    {
        Func<Layer> layer = text switch
        {
            "Conv(8, 3, stride: 0)" => () => Conv(8, 3, stride: 0),
            "Conv(8, 3, stride: -1)" => () => Conv(8, 3, stride: -1),
            "Conv(8, 3, padding: -3)" => () => Conv(8, 3, padding: -3),
            "Conv(8, 3, padding: 20000)" => () => Conv(8, 3, padding: 20000),
            "Conv(8, 0)" => () => Conv(8, 0),
            "Conv(0, 3)" => () => Conv(0, 3),
            "Conv(8, 9)" => () => Conv(8, 9),
            "MaxPool(0)" => () => MaxPool(0),
            "MaxPool(2, stride: 0)" => () => MaxPool(2, 0),
            "AvgPool(-2)" => () => AvgPool(-2),
            "Dropout(1.5)" => () => Dropout(1.5),
            "Dropout(NaN)" => () => Dropout(double.NaN),
            "Dropout(1)" => () => Dropout(1),
            "Dense(0)" => () => Dense(0),
            "Dense(1e9)" => () => Dense(1_000_000_000),
            "BatchNorm(momentum: 2)" => () => BatchNorm(momentum: 2),
            "BatchNorm(epsilon: NaN)" => () => BatchNorm(epsilon: double.NaN),
            "LayerNorm(-1)" => () => LayerNorm(-1),
            "LayerNorm(Infinity)" => () => LayerNorm(double.PositiveInfinity),
            _ => () => Conv(1, 1, padding: 4096) >> Conv(9, 1, padding: 4096),
        };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => layer().Fit(1, 8, 8)).Message);
        Assert.Contains("cannot be used here", Refused(text, "1,8,8"));
    }

    [Theory]
    [InlineData("Conv(1, 1000, padding: 4096)", "1,28,28", "more than 100,000,000,000 multiplications")]
    [InlineData("Conv(1, 1, padding: 4000) >> MaxPool(4000, stride: 1)", "1,28,28", "more than 100,000,000,000 multiplications")]
    [InlineData("Conv(300000, 1) >> ConvTranspose(1, 100)", "1,28,28", "more than 100,000,000,000 multiplications")]
    [InlineData("Flatten >> Dense(10)", "99999999999,99999999999", "cannot be used here")]
    [InlineData("Flatten >> Dense(10)", "0", "length of 1 or more")]
    [InlineData("Relu", "1,100000,100000", "want an output of at most")]
    public void A_file_that_asks_for_more_memory_or_time_than_there_is_is_refused_before_it_gets_any(string model, string input, string message)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        Assert.Contains(message, Refused(model, input));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
        Assert.NotEqual(0, start);
    }

    [Fact]
    public void A_batch_that_does_not_fit_into_memory_is_refused()
    {
        var layer = Conv(3, 1, padding: 4096);
        Save(layer.Text, "1,28,28", layer.Fit(1, 28, 28));
        var error = Assert.Throws<TorchletException>(() => PretrainedWeights.Load(new InferConfig { Weights = Path.Combine(folder.Path, "w.safetensors") }));
        Assert.Contains("100 examples at a time take 162 GB of memory in this network", error.Message);
    }

    [Fact]
    public void Nets_of_usual_sizes_are_within_the_limits()
    {
        foreach (var model in NamedModel.All.Skip(2))
        {
            ImmutableArray<long> input = model.Name == "gpt" ? [128] : [3, 128, 128];
            var layer = model.Layers(new(10, Relu) { Input = input, AreIds = input.Length == 1 });
            Save(layer.Text, string.Join(',', input), layer.Fit(input));
            Assert.Equal(layer.Text, Weights.Load(Path.Combine(folder.Path, "w.safetensors")).Layer.Text);
        }
    }

    [Fact]
    public void Layers_are_nested_as_deep_in_code_as_they_can_be_read_back_from_a_file()
    {
        var deepest = Dense(3);
        for (var depth = 2; depth <= 50; depth++) deepest = Residual(deepest);
        Assert.Equal(deepest.Text, LayerText.Parse(deepest.Text).Text);
        Assert.Equal("Residual: want layers nested at most 50 deep, got 51.", Assert.Throws<ArgumentException>(() => Residual(deepest >> Relu)).Message);
        Assert.Contains("nested more than 50 deep", Refused($"{string.Concat(Enumerable.Repeat("Residual(", 20_000))}Relu{new string(')', 20_000)}", "3"));
        Assert.Contains("cannot be used here", Refused(string.Concat(Enumerable.Repeat("Residual(", 20_000)), "3"));
    }

    [Fact]
    public void A_chain_of_twenty_thousand_layers_is_read()
    {
        var text = string.Join(" >> ", Enumerable.Repeat("Relu", 20_000));
        Save(text, "3", LayerText.Parse(text).Fit(3));
        using var scope = NewDisposeScope();
        var model = Weights.Load(Path.Combine(folder.Path, "w.safetensors")).ToModel();
        Assert.Equal([1, 0, 2], model.Apply(tensor(new[,] { { 1f, -1, 2 } })).data<float>().ToArray());
    }

    [Theory]
    [InlineData("fc1", true), InlineData("0", true), InlineData("a.b", true), InlineData("층-1_가", true), InlineData(".", true), InlineData("own", true)]
    [InlineData("", false), InlineData("my layer", false), InlineData("a\"b", false), InlineData("a'b", false), InlineData("a >> b", false)]
    [InlineData("a\n", false), InlineData("a(b)", false), InlineData("a,b", false), InlineData("a/b", false), InlineData("\0", false)]
    public void A_name_that_a_file_cannot_hold_is_refused_when_it_is_given(string name, bool isLegal)
    {
        Func<Layer>[] givers = [() => Dense(2).As(name), () => Custom("Sub", m => (m.Layer(name, Dense(3), m.Input).Output, (_, x) => x)),
            () => Custom("Own", m => { m.Weight(name, [3]); return (m.Input, (_, x) => x); })];
        foreach (var give in givers)
            if (!isLegal) Assert.Contains("name: want", Assert.Throws<ArgumentException>(() => give().Fit(3)).Message);
            else _ = give().Fit(3);
        if (!isLegal) return;
        var layer = Dense(2).As(name);
        Assert.Equal([$"{name}.weight", $"{name}.bias"], LayerText.Parse(layer.Text).Fit(3).Parameters.Select(slot => slot.Name));
    }

    [Fact]
    public void Two_layers_of_one_name_are_refused()
    {
        Layer[] clashes =
            [Dense(2).As("a") >> Dense(2).As("a"), Dense(2).As("1") >> Dense(2), Residual(Dense(3).As("b")).As("a") >> Dense(3).As("a.b")];
        foreach (var layer in clashes)
            Assert.Contains("two tensors have the name", Assert.Throws<ArgumentException>(() => layer.Fit(3)).Message);
        Assert.Throws<ArgumentException>(() => Dense(2).As(new string('a', 101)));
    }

    [Fact]
    public void A_custom_layer_is_never_read_as_the_layer_whose_name_it_has()
    {
        foreach (var name in new[] { "Tanh", "Dense(3)", "own", "", "a) >> Relu", "Tanh.As(\"x\")" })
        {
            var layer = Dense(3) >> Custom(name, m => (m.Input, (_, x) => x + 1));
            Assert.Equal($"Dense(3) >> own({name})", layer.Text);
            Assert.Contains("custom layer", Assert.Throws<ArgumentException>(() => LayerText.Parse(layer.Text)).Message);
            Save(layer.Text, "3", layer.Fit(3));
            Assert.NotNull(SavedModel.WhyUnusable(Weights.Read(Path.Combine(folder.Path, "w.safetensors"))));
        }
        Assert.Contains("printed in one line", Assert.Throws<ArgumentException>(() => Custom("a\nb", m => (m.Input, (_, x) => x))).Message);
    }

    [Fact]
    public void Random_nets_are_read_back_as_they_were_saved()
    {
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            using var scope = NewDisposeScope();
            var isImage = random.Next(2) == 0;
            ImmutableArray<long> input = isImage ? [random.Next(1, 4), random.Next(6, 9), random.Next(6, 9)] : [random.Next(1, 9)];
            var layer = Layer.Serial(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Any(random, isImage, 2)));
            Net net;
            try
            {
                net = layer.Fit(input);
            }
            catch (ArgumentException)
            {
                continue; // A pool of a window that is too large, or two layers of one name.
            }
            var (model, _) = net.Init(TorchRandom.Seeded(i));
            var path = Path.Combine(folder.Path, "random.safetensors");
            Weights.SaveSafetensors(path,
                [.. model.Named.Select(p => new NamedArray(p.Name, [.. p.Values.shape], p.Values.contiguous().data<float>().ToArray()))],
                new Dictionary<string, string> { ["model"] = layer.Text, ["input"] = string.Join(',', input) });
            var again = Weights.Load(path);
            Assert.Equal(layer.Text, again.Layer.Text);
            var x = Tensors.Normal(i, [3, .. input]);
            Tensors.AssertClose(model.Apply(x), again.ToModel().Apply(x), 0);
        }
    }

    static readonly string[] Names = ["a", "0", "3", "fc.1", "층", "x-y", "_", "own", "Dense", "init"];

    static Layer Any(Random random, bool isImage, int deepest)
    {
        string[] ofImages = ["Conv", "ConvTranspose", "MaxPool", "AvgPool", "GlobalAvgPool", "Upsample"];
        var kinds = Kinds.Values.OrderBy(kind => kind.Name, StringComparer.Ordinal)
            .Where(kind => isImage || !ofImages.Contains(kind.Name)).Where(kind => kind.Name != "Embedding") // It takes ids.
            .Where(kind => deepest > 0 || kind.InnerLayers == 0).ToList();
        var kind = kinds[random.Next(kinds.Count)];
        var numbers = kind.Arguments.Concat(Enumerable.Repeat(kind.List, kind.List is null ? 0 : random.Next(1, 4)))
            .Select(a => !a!.Words.IsEmpty ? random.Next(a.Words.Length) : a.IsWhole ? a.Least + random.Next(1, 4)
                : random.Next(2) == 0 ? 0.1 : random.NextDouble() * 0.99);
        string[] inits = ["he", "xavier", "lecun", "normal:0.02", "zeros"];
        var init = kind.TakesInitializer && random.Next(2) == 0 ? Initializer.Named(inits[random.Next(inits.Length)]) : null;
        var inner = Enumerable.Range(0, kind.InnerLayers + (kind.TakesMoreLayers ? random.Next(3) : 0))
            .Select(_ => kind.Name == "Recurrent" ? Lstm(3) : Any(random, isImage, deepest - 1));
        var layer = kind.Call([.. numbers], init, [.. inner]);
        return random.Next(3) == 0 ? layer.As(Names[random.Next(Names.Length)]) : layer;
    }

    string Refused(string model, string input)
    {
        var path = Path.Combine(folder.Path, "w.safetensors");
        Weights.SaveSafetensors(path, [new("0.weight", [1], new float[1])], new Dictionary<string, string> { ["model"] = model, ["input"] = input });
        var message = Assert.Throws<TorchletException>(() => Weights.Load(path)).Message;
        Assert.InRange(message.Length, 0, 1000);
        return message;
    }

    void Save(string model, string input, Net net) => Weights.SaveSafetensors(Path.Combine(folder.Path, "w.safetensors"),
        [.. net.Parameters.Concat(net.State).Select(slot => new NamedArray(slot.Name, slot.Shape, new float[slot.Count]))],
        new Dictionary<string, string> { ["model"] = model, ["input"] = input });
}
