using System.Text.Json.Nodes;

namespace Torchlet.Tests;

/// <summary>outputs/report.html, in a real browser.</summary>
public sealed class ReportTests : IDisposable
{
    const string Hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \u001b[31m한국어";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_lists_runs_overlays_those_selected_and_shows_their_pictures_and_command()
    {
        AddRun("02/a", 0, "1e-3", losses: [2, 1, 1.5]);
        AddRun("02/b", 1, "1e-3", losses: [3, 2, 4]);
        File.WriteAllBytes(Path.Combine(folder.Path, "02", "a", "loss.png"), SmallPng);
        await using var browser = await Browser.Open(Report.Write(folder.Path));
        Assert.Equal(["b", "a"], await Texts("tbody td:nth-child(4)")); // The newest first.
        Assert.Contains("seed", await Texts("th button"));
        Assert.DoesNotContain("lr", await Texts("th button")); // The same in both.

        await browser.Page.ClickAsync("tbody tr:nth-child(2) input");
        await browser.Page.ClickAsync("tbody tr:nth-child(1) td:nth-child(5)");
        Assert.Equal(4, await browser.Get<int>("document.querySelectorAll('polyline').length")); // Train and test of both.
        await browser.Page.FocusAsync("#chart");
        await browser.Page.Keyboard.PressAsync("ArrowRight");
        await browser.Page.Keyboard.PressAsync("ArrowRight");
        var values = await Texts("#values > *");
        Assert.Equal("epoch 2", values[0]);
        Assert.Contains("seed 0, test: 1", values); // They differ in their seeds.
        Assert.Contains("seed 1, test: 2", values);
        Assert.Equal(["dotnet run run.cs -- scripts/02.csx --lr 1e-3 --hidden 'a b'"], (await Texts("#details code")).Distinct());
        Assert.True(await browser.Get<bool>("[...document.querySelectorAll('#details img')].some(i => i.complete && i.naturalWidth > 0)"));
        await browser.Page.ClickAsync("#splits label:first-child input");
        Assert.Equal(2, await browser.Get<int>("document.querySelectorAll('polyline').length"));

        Task<string[]> Texts(string selector) => browser.Get<string[]>($"[...document.querySelectorAll('{selector}')].map(e => e.textContent)");
    }

    [Fact]
    public async Task Seeds_of_one_setting_are_a_row_with_mean_and_deviation_and_search_and_sort_choose_rows()
    {
        foreach (var seed in new[] { 0, 1, 2 }) AddRun($"02/s{seed}", seed, "1e-3", losses: [seed + 1]);
        AddRun("02/other", 0, "1e-2", losses: [9]);
        await using var browser = await Browser.Open(Report.Write(folder.Path), width: 390, theme: "dark");
        await browser.Page.ClickAsync("#grouped");
        Assert.Equal(2, await browser.Get<int>("document.querySelectorAll('tbody tr').length"));
        Assert.Contains("2 ± 1", await browser.Get<string>("document.querySelector('tbody').textContent"));
        await browser.Page.ClickAsync("#grouped");
        await browser.Page.TypeAsync("#query", "lr=1e-2");
        Assert.Equal("other", await browser.Get<string>("[...document.querySelectorAll('tbody a')].map(a => a.textContent).join()"));
        await browser.Get<object>("(() => { const q = document.getElementById('query'); q.value = ''; q.oninput(); })()");
        await browser.Get<object>("[...document.querySelectorAll('th button')].find(b => b.textContent === 'best loss').click()");
        Assert.Equal("s0,s1,s2,other", await browser.Get<string>("[...document.querySelectorAll('tbody a')].map(a => a.textContent).join()"));
        Assert.Equal("ascending", await browser.Get<string>("document.querySelector('th[aria-sort]').ariaSort"));
        // The page itself is never wider than a phone: the table scrolls in its place.
        Assert.True(await browser.Get<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [Theory, InlineData(1280), InlineData(500)]
    public async Task Figures_are_in_the_window_before_long_texts_and_a_run_of_one_epoch_is_a_mark(int width)
    {
        AddRun("02/a", 0, $"1e-3{new string('0', 300)}", losses: [2.5], subject: new string('x', 500));
        await using var browser = await Browser.Open(Report.Write(folder.Path), width);
        // A single run is selected: its curves and figures are there at once.
        var places = await browser.Get<double[]>(
            "[...document.querySelectorAll('th button')].filter(b => b.textContent === 'best loss').map(b => b.parentElement.getBoundingClientRect().right)");
        Assert.InRange(Assert.Single(places), 0, width);
        Assert.Equal(2, await browser.Get<int>("document.querySelectorAll('#chart path').length")); // Train and test.
        Assert.True(await browser.Get<bool>("[...document.querySelectorAll('#chart path')].every(p => p.getBoundingClientRect().width >= 12)"));
        Assert.True(await browser.Get<bool>("document.getElementById('chart').getBoundingClientRect().bottom <= innerHeight"));
        AddRun("02/b", 1, "1e-3", losses: [2]);
        await using var both = await Browser.Open(Report.Write(folder.Path), width);
        await both.Get<object>("document.querySelectorAll('tbody input').forEach(box => box.click())");
        Assert.Equal(2, await both.Get<int>("new Set([...document.querySelectorAll('#chart path')].map(p => p.getAttribute('d'))).size")); // One for each run.
    }

    [Fact]
    public async Task Hostile_text_is_shown_as_text_and_a_damaged_run_is_listed_with_its_trouble()
    {
        AddRun("02/evil", 0, Hostile, losses: [1], subject: Hostile);
        Directory.CreateDirectory(Path.Combine(folder.Path, "02", "broken"));
        File.WriteAllText(Path.Combine(folder.Path, "02", "broken", "config.json"), "{");
        await using var browser = await Browser.Open(Report.Write(folder.Path));
        await browser.Get<object>("document.querySelectorAll('tbody input').forEach(box => box.click())");
        var text = await browser.Get<string>("document.body.innerText");
        Assert.Contains("</script><script>alert(1)</script><img src=x onerror=alert(2)> ?[31m한국어", text);
        Assert.Contains("broken", text);
        Assert.Contains("it is not what a run wrote", text);
        Assert.Equal(0, await browser.Get<int>("document.querySelectorAll('img').length"));
    }

    [Theory]
    [InlineData("/x/Csx.dll|scripts/02.csx|--lr|1e-3", "dotnet run run.cs -- scripts/02.csx --lr 1e-3")]
    [InlineData("/x/dotnet-script.dll|scripts/02.csx|--|--out|x y|--seed|2", "dotnet run run.cs -- scripts/02.csx --seed 2")]
    [InlineData("/x/Csx.dll|scripts/02.csx|--out=x|--data|it's $HOME", "dotnet run run.cs -- scripts/02.csx --data 'it'\\''s $HOME'")]
    [InlineData("/x/my_app", "")]
    public void A_run_is_repeated_by_the_line_that_began_it_but_for_its_folder(string words, string line) =>
        Assert.Equal(line, Report.Repeating(words.Split('|')));

    void AddRun(string place, int seed, string rate, double[] losses, string subject = "784-10 on MNIST")
    {
        var run = Directory.CreateDirectory(Path.Combine(folder.Path, place)).FullName;
        var config = new JsonObject
        {
            ["script"] = "02", ["subject"] = subject, ["time"] = $"2026-11-0{seed + 1}T00:00:00+00:00",
            ["options"] = new JsonObject { ["lr"] = rate, ["seed"] = $"{seed}", ["out"] = null }, ["data"] = null,
            ["command_line"] = new JsonArray("Csx.dll", "scripts/02.csx", "--lr", "1e-3", "--out", "x", "--hidden", "a b"),
        };
        File.WriteAllText(Path.Combine(run, "config.json"), config.ToJsonString());
        File.WriteAllText(Path.Combine(run, "status"), "finished\n");
        File.WriteAllText(Path.Combine(run, "log.csv"), "epoch,train_loss,test_loss\r\n"
            + string.Concat(losses.Select((loss, i) => FormattableString.Invariant($"{i + 1},{loss + 1},{loss}\r\n"))));
    }

    static byte[] SmallPng
    {
        get
        {
            using var images = TorchSharp.torch.zeros([1, 1, 8, 8], TorchSharp.torch.uint8);
            return ContactSheet.Png(new Split(images, images));
        }
    }
}
