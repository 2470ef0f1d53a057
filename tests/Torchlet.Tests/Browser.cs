using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace Torchlet.Tests;

/// <summary>
/// A real browser without a window: Chromium, where the machine has one. What a page prints to its console, and each of its errors, fails the test.
/// </summary>
sealed class Browser : IAsyncDisposable
{
    static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    readonly IBrowser browser;
    readonly List<string> complaints = [];

    Browser(IBrowser browser, IPage page) => (this.browser, Page) = (browser, page);

    public IPage Page { get; }

    /// <summary>Opens a file; skips the test with a message if no browser is installed.</summary>
    public static async Task<Browser> Open(string file, int width = 1200, string theme = "light")
    {
        var program = Places.FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, "no Chromium here (Debian's package chromium)");
        var browser = await Puppeteer.LaunchAsync(new()
        {
            ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        });
        var opened = new Browser(browser, await browser.NewPageAsync());
        opened.Page.Console += (_, said) => opened.complaints.Add(said.Message.Text);
        opened.Page.PageError += (_, error) => opened.complaints.Add(error.Message);
        opened.Page.Dialog += async (_, asked) =>
        {
            opened.complaints.Add($"dialog: {asked.Dialog.Message}");
            await asked.Dialog.Dismiss();
        };
        await opened.Page.SetViewportAsync(new() { Width = width, Height = 900 });
        await opened.Page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = theme }]);
        await opened.Page.GoToAsync(new Uri(file).AbsoluteUri);
        return opened;
    }

    /// <summary>The value of a JavaScript expression in the page.</summary>
    public Task<T> Get<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        Assert.Empty(complaints);
    }
}
