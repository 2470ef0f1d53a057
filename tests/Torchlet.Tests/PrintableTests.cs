namespace Torchlet.Tests;

public class PrintableTests
{
    [Theory]
    [InlineData("plain 손글씨 😀", "plain 손글씨 😀")]
    [InlineData("\e[2J\r\n\t\u202e\u2028", "?[2J?????")]
    public void Only_what_controls_a_terminal_is_hidden(string text, string shown)
    {
        Assert.Equal(shown, Printable.Of(text));
        Assert.Equal(shown, Printable.Whole(text));
    }

    [Fact]
    public void Text_is_cut_between_characters_and_a_path_is_not()
    {
        var emoji = string.Concat(Enumerable.Repeat("😀", 200));
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", Printable.Longest)) + "…", Printable.Of(emoji));
        Assert.Equal(emoji, Printable.Whole(emoji));
    }
}
