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
        Assert.Equal("Inter", PlotFont.Covering("손글씨 on MNIST", [], warnings.Add));
        Assert.Contains("'손글씨'", Assert.Single(warnings));
    }
}
