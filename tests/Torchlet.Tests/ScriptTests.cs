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
    public void A_body_that_trains_nothing_and_an_option_without_effect_have_their_exit_codes()
    {
        using var folder = new TemporaryFolder();
        var (error, written) = (Console.Error, new StringWriter());
        var data = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName);
        string[] Options(string run) => ["--data", data, "--epochs", "1", "--out", Path.Combine(folder.Path, run), "--plain"];
        Console.SetError(written);
        try
        {
            Assert.Equal(1, Script.Run(Options("nothing"), new TrainConfig(), run => _ = Training.Epochs(run.Begin().Recipe!, run.Data) | Clock.Time));
            Assert.Equal(2, Script.Run([.. Options("own"), "--lr", "0.5"], new TrainConfig(), run =>
                run.Train(run.Recipe with { Optimizer = Optimizers.Adam(1e-3) })));
            Assert.Equal(0, Script.Run(Options("whole"), new TrainConfig(), run => run.Train()));
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.Contains("the run began to train and has no epoch", written.ToString());
        Assert.Contains("error: --lr 0.5 has no effect: the script replaces the optimizer with Adam(0.001); leave the option out.", written.ToString());
        Assert.Equal(["failed\n", "finished\n"], new[] { "nothing", "whole" }.Select(run => File.ReadAllText(Path.Combine(folder.Path, run, "status"))));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "own")));
    }

    [Fact]
    public void A_bug_is_not_taken_for_bad_input() =>
        Assert.Throws<InvalidOperationException>(() => Script.Run([], new TrainConfig(), _ => throw new InvalidOperationException("a bug")));
}
