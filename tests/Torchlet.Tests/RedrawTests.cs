using System.Globalization;

namespace Torchlet.Tests;

public sealed class RedrawTests : IDisposable
{
    const string Log = "epoch,train_loss,test_loss,test_accuracy,seconds\n1,2.27,2.22,0.25,0.1\n2,2.12,1.98,0.46,0.1\n";

    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Engines => ScriptEngine.All;

    public static TheoryData<string, string> DamagedLogs => new()
    {
        { "", "is empty: want the header epoch,train_loss,test_loss,test_accuracy" },
        { "epoch,train_loss,test_loss,test_accuracy,seconds\n", "has no row" },
        { Log.Replace("test_loss", "loss"), "log.csv, line 1: there is no column test_loss" },
        { Log.Replace("1.98", "nan?"), "log.csv, line 3, column test_loss: want a number, got 'nan?'" },
        { Log.Replace("1,2.27", "one,2.27"), "log.csv, line 2, column epoch: want a whole number, got 'one'" },
        { Log.TrimEnd('\n'), "log.csv, line 3, column seconds: the line is cut short" },
        { Log[..^12], "log.csv, line 3, column test_loss: the line is cut short" },
        { Log + "3,1,1,1,1,1\n", "log.csv, line 4, column seconds: there are 6 fields, 5 in the header" },
        { Log + "\0\x1b[31m,1,1,1,1\n", "log.csv, line 4, column epoch: want a whole number, got '??[31m'" },
    };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(DamagedLogs))]
    public void What_is_wrong_with_a_log_is_said_by_line_and_column(string log, string message)
    {
        var (bad, good) = (Run("bad", log), Run("good", Log));
        var drawn = Redraw.Each([bad, good]).ToList();
        Assert.Contains(message, drawn[0].Error!.Message);
        Assert.Contains(Path.Combine(bad, "log.csv"), drawn[0].Error!.Message);
        Assert.Equal(["loss.png", "accuracy.png"], drawn[1].Pictures);
        Assert.Empty(Directory.EnumerateFiles(bad, "*.png"));
        Assert.Equal("1 of 2 runs could not be drawn.", Assert.Throws<TorchletException>(() => Redraw.Check(drawn)).Message);
    }

    [Fact]
    public void A_log_or_a_config_that_is_missing_is_named()
    {
        var (noLog, noConfig, noJson) = (Run("a", Log), Run("b", Log), Run("c", Log));
        File.Delete(Path.Combine(noLog, "log.csv"));
        File.Delete(Path.Combine(noConfig, "config.json"));
        File.WriteAllText(Path.Combine(noJson, "config.json"), "{ \"script\": ");
        var errors = Redraw.Each([noLog, noConfig, noJson]).Select(r => r.Error!.Message).ToList();
        Assert.Equal($"{Path.Combine(noLog, "log.csv")} is not there, so its pictures cannot be drawn.", errors[0]);
        Assert.Contains(Path.Combine(noConfig, "config.json"), errors[1]);
        Assert.StartsWith($"{Path.Combine(noJson, "config.json")}: it is not what a run wrote", errors[2]);
    }

    [Fact]
    public void Epochs_that_are_not_finite_and_single_ones_and_thousands_are_drawn()
    {
        var nan = Run("nan", Log + "3,NaN,NaN,0.1,0.1\n4,Infinity,Infinity,0.1,0.1\n");
        var all = Run("all", "epoch,train_loss,test_loss,test_accuracy,seconds\n1,NaN,NaN,0.1,0.1\n");
        var one = Run("one", string.Concat(Log.Split('\n')[..2].Select(line => line + "\n")));
        var many = Run("many", Log + string.Concat(Enumerable.Range(3, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},{1.0 / i},{1e-6 / i},0.9,0.1\n"))));
        Assert.All(Redraw.Each([nan, all, one, many]), r => Assert.Null(r.Error));
    }

    [Theory]
    [InlineData("--lr 0.001|--lr 0.002", "lr 0.001|lr 0.002")]
    [InlineData("--lr 0.001|--lr 0.001", "first|second")]
    [InlineData("--seed 1 --hidden 7|--seed 2 --hidden 7", "seed 1|seed 2")]
    public void Runs_over_one_another_are_told_apart_by_their_options_or_else_their_folders(string options, string names)
    {
        var records = options.Split('|').Select(o => new RunRecord("02_train_cross_entropy", "a network", System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, [.. CommandLine.Options(CommandLine.Parse(o.Split(' '), new TrainConfig()))])).ToList();
        IReadOnlyList<RunFolder> runs = [new(Path.Combine(folder.Path, "first"), ""), new(Path.Combine(folder.Path, "second"), "")];
        Assert.Equal(names.Split('|'), Plots.Names(runs, records));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Script_04_draws_the_very_bytes_that_the_runs_drew(string engine)
    {
        var data = SmallMnist.Write(folder.Path);
        var weights = Path.Combine(ProjectFolders.SampleWeights, "mnist.safetensors");
        var (inferred, first, second, compared) = (Path.Combine(folder.Path, "inferred"), Path.Combine(folder.Path, "first"), Path.Combine(folder.Path, "second"), Path.Combine(folder.Path, "compared"));
        Assert.Equal(0, Script(engine, "01_infer_pretrained", $"--data {data} --weights {weights} --out {inferred}").ExitCode);
        Assert.Equal(0, Script(engine, "02_train_cross_entropy", $"--data {data} --epochs 2 --out {first}").ExitCode);
        Assert.Equal(0, Script(engine, "02_train_cross_entropy", $"--data {data} --epochs 3 --lr 0.01 --out {second}").ExitCode);
        Assert.Equal(0, Script(engine, "03_compare_losses", $"--data {data} --epochs 2 --seeds 0,1 --out {compared}").ExitCode);
        var pictures = new[] { inferred, first, second, compared }.SelectMany(run => Directory.EnumerateFiles(run, "*.png")).ToDictionary(file => file, File.ReadAllBytes);
        Assert.Equal(3 + 2 + 2 + 5, pictures.Count);
        foreach (var picture in pictures.Keys) File.WriteAllText(picture, "gone");

        var overlay = Path.Combine(folder.Path, "overlay");
        var outcome = Script(engine, "04_regenerate_plots", $"{inferred} {first} {second} {compared} --out {overlay}");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.All(pictures, picture => Assert.Equal(picture.Value, File.ReadAllBytes(picture.Key)));
        Assert.Equal(["accuracies.png", "losses.png"], Directory.EnumerateFiles(overlay, "*.png").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Script_04_ends_with_one_line_for_each_folder_that_it_cannot_draw()
    {
        var (bad, good) = (Run("bad", Log.Replace("1.98", "x")), Run("good", Log));
        var outcome = Script(ScriptEngine.Csx, "04_regenerate_plots", $"{bad} {good}");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal([$"error: {Path.Combine(bad, "log.csv")}, line 3, column test_loss: want a number, got 'x'; mend the line, or make the run again.", "error: 1 of 2 runs could not be drawn."], outcome.ErrorLines);
        Assert.True(File.Exists(Path.Combine(good, "loss.png")));
        Assert.Equal(2, Script(ScriptEngine.Csx, "04_regenerate_plots", "--wrong").ExitCode);
        Assert.Equal("error: nowhere is not there; name a run's folder.", Assert.Single(Script(ScriptEngine.Csx, "04_regenerate_plots", "nowhere").ErrorLines));
    }

    static Outcome Script(string engine, string script, string options) => ScriptEngine.Run(engine, Path.Combine("scripts", $"{script}.csx"), options);

    string Run(string name, string log)
    {
        var run = Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;
        File.WriteAllText(Path.Combine(run, "config.json"), """{ "script": "02_train_cross_entropy", "subject": "784-50-100-10 on MNIST", "options": { "lr": "0.0002", "seed": "0" } }""");
        File.WriteAllText(Path.Combine(run, "log.csv"), log);
        return run;
    }
}
