using System.Collections.Immutable;
using System.Reflection;
using PuppeteerSharp;
using static Torchlet.Activations;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>draw.html, in a real browser: it computes what the library computes, and a person can draw on it.</summary>
[Collection(Lane.MoreScripts)]
public sealed class DrawPageTests : IDisposable
{
    const int Pixels = 784;
    const string Hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)> 한국어";

    static string Shipped => Path.Combine(ProjectFolders.SampleWeights, "mnist.safetensors");

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_digit_that_is_drawn_is_recognised_and_the_paper_cleared_and_examples_are_shown()
    {
        var (file, test) = (Weights.Read(Shipped), Datasets.Load(SmallMnist.Write(folder.Path)).Test);
        await using var browser = await Open(file, test);
        Assert.Equal("", await Text("best"));
        await Draw(browser.Page, (0.25, 0.2), (0.75, 0.2), (0.45, 0.85));
        Assert.Equal("7", await Text("best"));
        Assert.StartsWith("7, ", await Text("said"));
        Assert.Equal("7", await browser.Get<string>("document.querySelector('#bars .first .name').textContent"));

        await browser.Page.ClickAsync("#clear");
        await Shown(browser.Page);
        Assert.Equal("", await Text("best"));
        Assert.True(await browser.Get<bool>("context.getImageData(0, 0, paper.width, paper.height).data.every(v => v === 0)"));

        await browser.Page.ClickAsync("#given button:nth-child(4)");
        await Shown(browser.Page);
        Assert.Equal("3", await browser.Get<string>("document.querySelector('#given [aria-pressed=true]').title"));
        var three = test.Targets.to_type(ScalarType.Int64).data<long>().ToList().IndexOf(3);
        Assert.Equal(string.Join(' ', test.Inputs[three].bytes.ToArray()), await browser.Get<string>("state.example.pixels.join(' ')"));

        await browser.Page.FocusAsync("#paper");
        foreach (var key in new[] { " ", "ArrowDown", "ArrowDown", "ArrowDown", " " }) await browser.Page.Keyboard.PressAsync(key);
        await Shown(browser.Page);
        Assert.Equal(0, await browser.Get<int>("document.querySelectorAll('#given [aria-pressed=true]').length"));
        Assert.NotEqual("", await Text("best"));

        AssertSame(file, Images, await Predicted(browser, Images));
        await AssertFrames(browser);

        Task<string> Text(string id) => browser.Get<string>($"document.getElementById('{id}').textContent");
    }

    [Fact]
    public async Task Every_layer_computes_what_it_computes_in_the_library_and_names_of_classes_are_text()
    {
        var file = Random(Conv(4, 5, stride: 2, padding: 1) >> BatchNorm() >> Gelu >> Residual(Conv(4, 3, padding: 1) >> Silu) >> MaxPool(3, stride: 2)
            >> Elu >> AvgPool(2) >> LeakyRelu >> Dropout(0.5) >> Flatten >> LayerNorm() >> Dense(20) >> Tanh
            >> Activation.Named("identity")!.Layer >> BatchNorm(epsilon: 0.1) >> Sigmoid >> Residual(Dense(20) >> Relu) >> Dense(10).As("fc"), 1, 28, 28);
        var further = Random(Conv(6, 5, stride: 3, padding: 1) >> Conv(6, 3, padding: 1, groups: 2) >> GroupNorm(3) >> Selu >> Residual(Hardsigmoid)
            >> ConvTranspose(4, 3, stride: 2, padding: 1) >> Mish >> Residual(Hardswish) >> RmsNorm(0.1) >> Hardtanh >> Upsample(2)
            >> Residual(Conv(4, 3, padding: 1) >> Softplus) >> Conv(16, 34) >> GlobalAvgPool >> GroupNorm(4, epsilon: 0.1) >> Residual(Relu6)
            >> LeakyRelu(0.3) >> Dense(10), 1, 28, 28);
        Assert.All(Activation.All, a => Assert.Contains(a.Layer.Text, file.Metadata["model"] + further.Metadata["model"]));
        await using (var other = await Open(further)) AssertSame(further, Images, await Predicted(other, Images));

        await using var browser = await Open(file, width: 390, theme: "dark");
        AssertSame(file, Images, await Predicted(browser, Images));

        await Draw(browser.Page, (0.5, 0.2), (0.5, 0.8));
        Assert.Contains(Hostile, await browser.Get<string>("document.getElementById('bars').textContent"));
        Assert.Equal(0, await browser.Get<int>("document.querySelectorAll('img').length"));
        Assert.True(await browser.Get<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [Fact]
    public async Task It_says_of_a_thousand_test_images_what_the_library_says()
    {
        var (file, test) = (Weights.Read(Shipped), Datasets.Load(Shared.Mnist).Test);
        await using var browser = await Open(file, test);
        var images = test.Inputs[..1000].contiguous().bytes.ToArray();
        AssertSame(file, images, await Predicted(browser, images));
    }

    [Fact]
    public async Task It_knows_every_layer_and_every_function_of_the_library()
    {
        await using var browser = await Open(Weights.Read(Shipped));
        Assert.Equal(Layers.Kinds.Keys.Except(DrawPage.Absent).Order(StringComparer.Ordinal),
            (await browser.Get<string[]>("Object.keys(kinds)")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Networks_that_no_drawing_is_for_get_no_page_and_one_word_why()
    {
        Assert.Contains("the network takes (3, 28, 28)", Refusal(Random(Dense(2), 3, 28, 28)));
        Assert.Contains("takes (1, 28, 30)", Refusal(Random(Dense(2), 1, 28, 30)));
        Assert.Contains("tells no classes apart", Refusal(Without("classes")));
        Assert.Contains("was not trained on pictures", Refusal(Without("pixels")));
        Assert.Contains("a custom layer", Refusal(Random(Dense(2) >> (x => x * 2), Pixels)));
        Assert.Contains("the page does not compute Reshape(28, 28)", Refusal(Random(Reshape(28, 28) >> Dense(2), Pixels)));
        Assert.Contains("the network's 22 MB are too many for a page", Refusal(Random(Dense(7000) >> Dense(2), Pixels)));

        static WeightsFile Without(string key) => Random(Dense(2), Pixels) is var file ? file with { Metadata = file.Metadata.Remove(key) } : file;
        static string Refusal(WeightsFile file) => Assert.Throws<TorchletException>(() => DrawPage.Of(file, "a run")).Message;
    }

    [Fact]
    public void A_run_without_a_page_goes_on()
    {
        var run = new RunFolder(folder.Path, "own");
        DrawPage.Write(run);
        Assert.False(File.Exists(run.PathOf(DrawPage.FileName)));
    }

    async Task<Browser> Open(WeightsFile file, Split? examples = null, int width = 1200, string theme = "light")
    {
        var path = Path.Combine(folder.Path, "draw.html");
        var classes = file.Metadata.GetValueOrDefault("classes", SavedModel.ClassesText(Enumerable.Range(0, 10).Select(d => $"{d}")));
        await File.WriteAllTextAsync(path, DrawPage.Of(file with { Metadata = file.Metadata.SetItem("classes", classes) }, "a network on MNIST", examples));
        return await Browser.Open(path, width, theme);
    }

    /// <summary>A network with random numbers in all its places, those that it remembers too.</summary>
    static WeightsFile Random(Layer layer, params ImmutableArray<long> input)
    {
        var (net, random) = (layer.Fit(input), new Random(1));
        return new([.. net.Parameters.Concat(net.State).Select(slot => new NamedArray(slot.Name, slot.Shape, Numbers(slot)))],
            ImmutableDictionary<string, string>.Empty.Add("model", layer.Text).Add("input", string.Join(',', input)).Add("pixels", "0..1")
                .Add("classes", SavedModel.ClassesText([Hostile, .. Enumerable.Range(1, (int)net.Output[0] - 1).Select(d => $"{d}")])));

        float[] Numbers(Slot slot) => [.. Enumerable.Range(0, (int)slot.Count).Select(_ =>
            (float)(slot.Name.EndsWith("running_var") ? random.NextDouble() + 0.1 : 3 * random.NextDouble() - 1.5))];
    }

    static byte[] Images
    {
        get
        {
            var (images, random) = (new byte[1000 * Pixels], new Random(2));
            random.NextBytes(images);
            for (var i = 0; i < images.Length; i++) if (i / 28 * 7 % 5 != i / Pixels % 5) images[i] = 0;
            return images;
        }
    }

    static Task<float[][]> Predicted(Browser browser, byte[] images) => browser.Page.EvaluateFunctionAsync<float[][]>(
        "text => { const all = bytes(text); return Array.from({ length: all.length / 784 }, (_, i) => predict(all.subarray(784 * i, 784 * (i + 1)))); }",
        Convert.ToBase64String(images));

    static void AssertSame(WeightsFile file, byte[] bytes, float[][] got)
    {
        using var scope = NewDisposeScope();
        var saved = SavedModel.Of(file);
        var images = tensor(bytes, [1000, .. saved.Net.Input]);
        var want = Softmax(saved.ToModel().Apply(Batches.Floats(images, Batches.Unit)));
        Assert.True(want.argmax(1).unique().output.numel() > 1);
        Assert.Equal(want.argmax(1).data<long>().ToArray(), got.Select(p => (long)Array.IndexOf(p, p.Max())));
        Tensors.AssertClose(want, tensor(got.SelectMany(p => p).ToArray(), [1000, 10]), 1e-4);
    }

    /// <summary>Strokes of every sort, specks, shadows, noise, nothing, and pictures of every size.</summary>
    static IEnumerable<Pixels> Pictures
    {
        get
        {
            var random = new Random(3);
            bool IsHook(int x, int y, int size) => x > size / 4 && x < size * 3 / 4 && y > size / 5 && y < size * 4 / 5 && (x < size / 3 || y > size * 2 / 3);
            foreach (var (width, height, colour) in new (int, int, Func<int, int, (double Grey, int Alpha)>)[]
            {
                (120, 100, (x, y) => (IsHook(x, y, 100) ? 40 : 230, 255)),
                (512, 512, (x, y) => (0, (int)(255 - 12 * Math.Min(20, Math.Abs(Math.Sqrt(Math.Pow(x - 250, 2) + Math.Pow(y - 230, 2)) - 130))))),
                (400, 300, (x, y) => (IsHook(x, y, 300) ? 250 : 30 + random.Next(20), 255)),
                (300, 200, (x, y) => ((IsHook(x, y, 200) ? 60 : 240) * (1 - x / 500.0 - y / 700.0) + random.Next(5), 255)),
                (200, 200, (x, y) => (IsHook(x, y, 160) || (x / 3 * 7 + y / 3 * 11) % 97 == 0 ? 40 : 230, 255)),
                (200, 120, (x, y) => (IsHook(x, y, 90) || IsHook(x - 100, y, 90) ? 40 : 230, 200)),
                (300, 300, (x, y) => (x is > 148 and < 152 && y is > 20 and < 280 ? 20 : 255, 255)),
                (120, 120, (x, y) => (x is >= 20 and <= 100 && y is >= 20 and <= 100 && (x % 40 is > 16 and < 24 || y % 40 is > 16 and < 24) ? 40 : 230, 255)),
                (64, 64, (_, _) => (random.Next(256), 255)), (50, 30, (_, _) => (90, 255)), (1, 1, (_, _) => (90, 255)), (1, 300, (_, y) => (y % 9 * 20, 255)),
            })
                yield return new(width, height, [.. Enumerable.Range(0, width * height).SelectMany(i => colour(i % width, i / width) is var (grey, alpha)
                    ? new[] { (byte)grey, (byte)(grey * 0.9), (byte)(grey * 0.8), (byte)alpha } : [])]);
        }
    }

    static async Task AssertFrames(Browser browser)
    {
        foreach (var (i, picture) in Pictures.Index())
        {
            var (frame, oddity) = Drawing.Framed(picture);
            var got = await browser.Page.EvaluateFunctionAsync<string[]>(
                "(text, width, height) => { const { pixels, oddity } = frame(bytes(text), width, height); return [pixels.join(' '), oddity]; }",
                Convert.ToBase64String(picture.Rgba), picture.Width, picture.Height);
            Assert.Equal($"{i}: {oddity}, {string.Join(' ', frame.Bytes)}", $"{i}: {got[1]}, {got[0]}");
        }
    }

    /// <summary>Moves the mouse over the paper as a hand would; places are shares of its side.</summary>
    static async Task Draw(IPage page, params (double X, double Y)[] corners)
    {
        var box = await (await page.QuerySelectorAsync("#paper")).BoundingBoxAsync();
        decimal X(double share) => box.X + box.Width * (decimal)share;
        decimal Y(double share) => box.Y + box.Height * (decimal)share;
        await page.Mouse.MoveAsync(X(corners[0].X), Y(corners[0].Y));
        await page.Mouse.DownAsync();
        foreach (var (x, y) in corners[1..]) await page.Mouse.MoveAsync(X(x), Y(y), new() { Steps = 10 });
        await page.Mouse.UpAsync();
        await Shown(page);
    }

    static Task Shown(IPage page) => page.EvaluateFunctionAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
}
