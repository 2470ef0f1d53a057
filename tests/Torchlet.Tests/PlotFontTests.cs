namespace Torchlet.Tests;

public class PlotFontTests
{
    [Fact]
    public void The_font_that_comes_along_needs_none_of_the_systems()
    {
        Assert.Equal("Inter", PlotFont.Covering("Loss of 784-50-100-10 on MNIST · lr 2e-4 → ‖∂loss/∂z‖₂, ñ é ł ж σ\n", [], warning => Assert.Fail(warning)));
    }

    [Fact]
    public void A_text_that_it_cannot_write_takes_a_font_of_the_system_that_can()
    {
        const string runes = "/usr/share/fonts/truetype/dejavu";
        Assert.SkipUnless(Directory.Exists(runes), "no DejaVu fonts here");
        Assert.StartsWith(runes, PlotFont.Covering("Ⴀ on MNIST", [runes], warning => Assert.Fail(warning)));
    }

    [Fact]
    public void Of_the_faces_of_a_family_plots_take_the_plain_one()
    {
        const string runes = "/usr/share/fonts/truetype/dejavu";
        Assert.SkipUnless(File.Exists(Path.Combine(runes, "DejaVuSans-Bold.ttf")), "no bold DejaVu here");
        Assert.Equal(Path.Combine(runes, "DejaVuSans.ttf"), PlotFont.Covering("Ⴀ on MNIST", [runes], warning => Assert.Fail(warning)));
    }

    [Fact]
    public void A_text_that_no_font_can_write_is_warned_of_by_its_characters()
    {
        var warnings = new List<string>();
        Assert.Equal("Inter", PlotFont.Covering("ሰላም on MNIST", [], warnings.Add));
        Assert.Contains("'ሰላም'", Assert.Single(warnings));
    }

    [Theory]
    [InlineData("손글씨 뷁 ㅋㅋ on MNIST · lr 2e-4 → 1,180 × 2 – 3 %")]
    [InlineData("\u1109\u1169\u11ab\u1100\u1173\u11af on MNIST")] // As macOS writes names of files.
    public void Korean_needs_no_font_of_the_system(string text) =>
        Assert.Equal("Noto Sans CJK KR", PlotFont.Covering(text, [], warning => Assert.Fail(warning)));

    [Fact]
    public void Units_and_powers_keep_the_font_that_has_their_signs()
    {
        var plot = Plots.Titled("숫자");
        StudyPlots.LogTicks(plot.Axes.Bottom, [1e-9, 1]);
        Assert.Equal(("Noto Sans CJK KR", "Inter", "Inter"),
            (plot.Axes.Title.Label.FontName, plot.Axes.Left.Label.FontName, plot.Axes.Bottom.TickLabelStyle.FontName));
    }

    [Fact]
    public void Of_a_text_that_no_font_covers_most_is_written()
    {
        var warnings = new List<string>();
        Assert.Equal("Noto Sans CJK KR", PlotFont.Covering("손글씨 ሰ", [], warnings.Add));
        Assert.Contains("'ሰ'", Assert.Single(warnings));
    }

    [Fact]
    public void Parts_of_Korean_syllables_are_joined_as_Unicode_says()
    {
        var all = string.Concat(Enumerable.Range(0xAC00, 11172).Select(c => (char)c));
        var parts = string.Concat(all.Select(c => (c - 0xAC00) switch
        {
            var n => $"{(char)(0x1100 + n / 588)}{(char)(0x1161 + n % 588 / 28)}{(n % 28 == 0 ? "" : (char)(0x11A7 + n % 28))}",
        }));
        Assert.Equal(all, Printable.Composed(parts));
        Assert.Equal("a é \u1161 가나", Printable.Composed("a é \u1161 가나"));
        using var paint = ScottPlot.Paint.NewDisposablePaint();
        Assert.Equal("손", FittingText.Of("\u1109\u1169\u11ab", new(), 100));
    }
}
