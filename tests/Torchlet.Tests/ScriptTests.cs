using System.Globalization;

namespace Torchlet.Tests;

public class ScriptTests
{
    [Fact]
    public void A_scripts_numbers_read_the_same_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("", useUserOverride: false) { NumberFormat = { NumberDecimalSeparator = "," } };
            var printed = "";
            Assert.Equal(0, Script.Run([], new TrainConfig(), _ => printed = $"{0.5}"));
            Assert.Equal("0.5", printed);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Two_files_of_one_name_are_refused_before_either_is_written()
    {
        var (error, written) = (Console.Error, new StringWriter());
        Console.SetError(written);
        try
        {
            Assert.Equal(2, Script.Run(["--save-pt", "model", "--save-onnx", "./model"], new TrainConfig(), _ => Assert.Fail("it ran")));
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.Contains("--save-pt names the same file; name another one.", written.ToString());
    }

    [Fact]
    public void A_bug_is_not_taken_for_bad_input() =>
        Assert.Throws<InvalidOperationException>(() => Script.Run([], new TrainConfig(), _ => throw new InvalidOperationException("a bug")));
}
