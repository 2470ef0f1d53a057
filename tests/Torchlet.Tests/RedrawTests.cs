using System.Globalization;

namespace Torchlet.Tests;

public sealed class RedrawTests(RedrawTests.Drawn made) : IDisposable, IClassFixture<RedrawTests.Drawn>
{
    const string Script04 = "scripts/04_regenerate_plots.csx";

    const string Log = "epoch,train_loss,test_loss,test_accuracy,seconds\n1,2.27,2.22,0.25,0.1\n2,2.12,1.98,0.46,0.1\n";

    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Engines => ScriptEngine.All;

    public static TheoryData<string, string> DamagedLogs => new()
    {
        { "", "is empty: want the header epoch,train_loss,test_loss" },
        { "epoch,train_loss,test_loss,test_accuracy,seconds\n", "has no row" },
        { Log.Replace("test_loss", "loss"), "log.csv, line 1: missing column test_loss" },
        { Log.Replace("1.98", "nan?"), "log.csv, line 3, column test_loss: want a number, got 'nan?'" },
        { Log.Replace("1,2.27", "one,2.27"), "log.csv, line 2, column epoch: want a whole number, got 'one'" },
        { Log.TrimEnd('\n'), "log.csv, line 3, column seconds: the line is cut short" },
        { Log[..^12], "log.csv, line 3, column test_loss: the line is cut short" },
        { Log + "3,1,1,1,1,1\n", "log.csv, line 4, column seconds: there are 6 fields, 5 in the header" },
        { Log.Replace("2.12,1.98", "1e308,-1e308"), "log.csv, line 3, column train_loss: no run writes a number as large as '1e308'" },
        { Log.Replace("2.12", new string('9', 400)), $"log.csv, line 3, column train_loss: no run writes a number as large as '{new string('9', 100)}…'" },
        { Log.Replace("0.46", "-7"), "log.csv, line 3, column test_accuracy: want a number from 0 to 1, got '-7'" },
        { Log.Replace("2,2.12", "\"2,2.12") + "3,1,1,1,1\n", "log.csv, line 3, column epoch: a quotation mark is not closed" },
        { Log.Replace("2,2.12", "\"2,2.12"), "log.csv, line 3, column epoch: a quotation mark is not closed" },
        { Log.Replace("1.98", "1\"98"), "log.csv, line 3, column test_loss: want a number, got '1\"98'" },
        { Log.Replace("\n2,", "\n\n\ntwo,"), "log.csv, line 5, column epoch: want a whole number, got 'two'" },
        { Log.Replace("2.12,1.98", new string('9', 400) + ",1.98"), "log.csv, line 3, column train_loss: no run writes a number as large as '999" },
        { Log.Replace("0.46", "1.01"), "log.csv, line 3, column test_accuracy: want a number from 0 to 1, got '1.01'" },
        { Log.Replace("0.46", "NaN"), "log.csv, line 3, column test_accuracy: want a number from 0 to 1, got 'NaN'" },
        { Log.Replace("\n1,", "\n0,"), "log.csv, line 2, column epoch: want 1 to 2147483647, got 0" },
        { Log.Replace("\n2,", $"\n2{new string(' ', 5_000_000)},"), "log.csv, line 3: a field is longer than any that a run writes" },
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
        Assert.Equal($"{Path.Combine(noConfig, "config.json")} is not there; name the folder of a run, or put a copy of the file back.", errors[1]);
        Assert.StartsWith($"{Path.Combine(noJson, "config.json")}: it is not what a run wrote", errors[2]);
    }

    [Fact]
    public void Epochs_that_are_not_finite_and_single_ones_and_thousands_are_drawn()
    {
        var nan = Run("nan", Log + "3,NaN,NaN,0.1,0.1\n4,Infinity,Infinity,0.1,0.1\n");
        var all = Run("all", "epoch,train_loss,test_loss,test_accuracy,seconds\n1,NaN,NaN,0.1,0.1\n");
        var one = Run("one", string.Concat(Log.Split('\n')[..2].Select(line => line + "\n")));
        var many = Run("many", Log + string.Concat(Enumerable.Range(3, 1000)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},{1.0 / i},{1e-6 / i},0.9,0.1\n"))));
        Assert.All(Redraw.Each([nan, all, one, many]), r => Assert.Null(r.Error));
    }

    [Theory]
    [InlineData("worst_mistakes.csv", "0 0 255 9", "0 300 255 9",
        "line 2, column pixels: want whole numbers from 0 to 255 with spaces between them, got '300'")]
    [InlineData("worst_mistakes.csv", "0 0 255 9", "0 -1 255 9", "line 2, column pixels: want whole numbers from 0 to 255 with spaces between them, got '-1'")]
    [InlineData("first_layer.csv", "0.5 -2 1 0", "0.5 NaN 1 0", "line 2, column weights: want finite numbers with spaces between them, got 'NaN'")]
    [InlineData("first_layer.csv", "0.5 -2 1 0", "0.5 -1e39 1 0", "line 2, column weights: want finite numbers with spaces between them, got '-1e39'")]
    [InlineData("predictions.csv", "0,1,0,0.9", "0,2,0,0.9", "line 2, column label: want 0 to 1, got 2")]
    public void What_is_wrong_with_the_files_of_script_01_is_said_by_line_and_column(string file, string was, string now, string message)
    {
        var run = Inferred();
        Assert.Equal(["confusion.png", "reliability.png", "worst_mistakes.png", "first_layer.png"], Assert.Single(Redraw.Each([run])).Pictures);
        File.WriteAllText(Path.Combine(run, file), File.ReadAllText(Path.Combine(run, file)).Replace(was, now));
        Assert.Equal($"{Path.Combine(run, file)}, {message}; mend the line, or make the run again.", Assert.Single(Redraw.Each([run])).Error!.Message);
    }

    [Fact]
    public void Files_with_more_than_a_picture_has_room_for_are_refused_or_drawn_in_part()
    {
        var run = Inferred();
        File.WriteAllText(Path.Combine(run, "first_layer.csv"),
            "unit,weights\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i},0.5 -2 1 0\n")));
        Assert.Null(Assert.Single(Redraw.Each([run])).Error);
        File.WriteAllText(Path.Combine(run, "classes.csv"),
            "class,examples,correct,accuracy\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"k{i},1,1,1\n")));
        Assert.Equal($"{Path.Combine(run, "classes.csv")} has more than 1,000 rows, too many to draw.", Assert.Single(Redraw.Each([run])).Error!.Message);
    }

    [Theory]
    [InlineData("log.csv", "no epoch of the run has ended")]
    [InlineData("gradients.csv", "no gradient was measured")]
    [InlineData("stability.csv", "no loss was measured")]
    public void A_comparison_without_rows_is_refused(string file, string none)
    {
        var run = Compared();
        Assert.Equal(5, Assert.Single(Redraw.Each([run])).Pictures.Count);
        var path = Path.Combine(run, file);
        File.WriteAllText(path, File.ReadLines(path).First() + "\n");
        Assert.Equal($"{path} has no row: {none}.", Assert.Single(Redraw.Each([run])).Error!.Message);
    }

    [Theory]
    [InlineData("stability.csv", "nll,1,", "nll,0,", "line 2, column scale: want a number above 0, got '0'")]
    [InlineData("stability.csv", "nll,1,1024", "nll,1,-1", "line 2, column examples: want 0 to 2147483647, got -1")]
    [InlineData("gradients.csv", "4294967296", "99999999999999999999", "line 2, column seed: want a whole number, got '99999999999999999999'")]
    public void What_is_wrong_with_the_files_of_script_03_is_said_by_line_and_column(string file, string was, string now, string message)
    {
        var path = Path.Combine(Compared(), file);
        File.WriteAllText(path, File.ReadAllText(path).Replace(was, now));
        var drawn = Assert.Single(Redraw.Each([Path.GetDirectoryName(path)!]));
        Assert.Equal($"{path}, {message}; mend the line, or make the run again.", drawn.Error!.Message);
    }

    [Theory, InlineData("subject"), InlineData("loss")]
    public async Task Texts_of_any_length_take_no_time_to_fit(string where)
    {
        var run = Run("run", Log);
        var (config, text) = (Path.Combine(run, "config.json"), string.Concat(Enumerable.Repeat("words ", 100_000)));
        var (was, now) = where == "subject" ? ("MNIST", text) : ("\"lr\"", $"\"loss\": \"{text}\", \"lr\"");
        File.WriteAllText(config, File.ReadAllText(config).Replace(was, now));
        var drawn = await Task.Run(() => Redraw.Each([run]).ToList(), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Null(Assert.Single(drawn).Error);
    }

    [Fact]
    public void More_runs_than_a_legend_has_names_for_are_refused_before_there_is_a_folder()
    {
        var into = Path.Combine(folder.Path, "into");
        var drawn = Enumerable.Repeat(new Redrawn(new(Run("run", Log), "02_train_cross_entropy"), [], null), 201);
        Assert.Equal("201 training runs are too many to draw over one another; name at most 200.",
            Assert.Throws<TorchletException>(() => Redraw.Overlay(Tensors.Run(new RedrawConfig { Out = into }), drawn)).Message);
        Assert.False(Directory.Exists(into));
    }

    [Fact]
    public void Paths_cannot_control_the_terminal()
    {
        var unpacked = Directory.CreateDirectory(Path.Combine(folder.Path, "\e[31mbad")).FullName;
        var good = Run("\e[31mgood", Log);
        var outcome = InProcess.Run(Script04, $"\"{unpacked}\" \"{good}\"");
        Assert.StartsWith($"{good.Replace('\e', '?')}: loss.png, accuracy.png\n", outcome.Output);
        Assert.StartsWith($"error: {unpacked.Replace('\e', '?')}{Path.DirectorySeparatorChar}config.json is not there; ", outcome.ErrorLines[0]);
        Assert.Equal("?[31m is not there; name a run's folder, or latest.", Assert.Throws<TorchletException>(() => Redraw.Folders(["\e[31m"])).Message);
    }

    [Fact]
    public async Task The_end_of_a_long_file_that_is_cut_short_is_found_by_reading_it_once()
    {
        const int rows = 60_000; // Counting the file's lines again for each of them takes minutes.
        var run = Inferred();
        File.WriteAllText(Path.Combine(run, "predictions.csv"),
            "index,label,prediction,confidence\n" + string.Concat(Enumerable.Range(0, rows).Select(i => $"{i},1,1,0.9\n"))[..^3]);
        var drawn = await Task.Run(() => Redraw.Each([run]).ToList(), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Contains($"predictions.csv, line {rows + 1}, column confidence: the line is cut short", Assert.Single(drawn).Error!.Message);
    }

    [Fact]
    public void A_run_that_is_named_twice_is_drawn_once()
    {
        var run = Run("run", Log);
        var link = Path.Combine(folder.Path, "latest");
        Directory.CreateSymbolicLink(link, "run");
        Assert.Equal([run], Redraw.Folders([run, run + Path.DirectorySeparatorChar, link]));
    }

    [Fact]
    public void The_newest_run_is_latest_and_one_below_outputs_goes_by_its_name_there()
    {
        foreach (var script in new[] { "one", "two" })
            NewRun.Create(script, new TrainConfig(), null, null, Path.Combine(ProjectFolders.Outputs, script), DateTime.Now).Dispose();
        var two = RunPlaces.Behind(Path.Combine(ProjectFolders.Outputs, "two", "latest"));
        File.SetLastWriteTimeUtc(Path.Combine(two, "config.json"), DateTime.UtcNow.AddHours(1));
        Assert.Equal([two], Redraw.Folders(["latest"]));
        Assert.Equal([RunPlaces.Behind(Path.Combine(ProjectFolders.Outputs, "one", "latest"))], Redraw.Folders(["one/latest"]));
        Directory.Delete(Path.Combine(ProjectFolders.Outputs, "two"), recursive: true);
    }

    [Fact]
    public void Names_that_are_longer_than_a_picture_is_wide_lose_their_middle()
    {
        var style = Plots.Titled("").Axes.Title.Label;
        var name = string.Concat(Enumerable.Repeat("손글씨 abc 😀 ", 30));
        using var paint = ScottPlot.Paint.NewDisposablePaint();
        var (whole, cut) = (FittingText.Of("short", style, 400), FittingText.Of(name, style, 400));
        Assert.Equal("short", whole);
        Assert.InRange(style.Measure(cut, paint).Width, 300, 400);
        Assert.StartsWith("손글씨 abc", cut);
        Assert.EndsWith("abc 😀 ", cut);
        Assert.Single(cut, '…');
        Assert.DoesNotContain('\ufffd', string.Concat(cut.EnumerateRunes()));
    }

    [Theory]
    [InlineData("--lr 0.001|--lr 0.002", "lr 0.001|lr 0.002")]
    [InlineData("--lr 0.001|--lr 0.001", "first|second")]
    [InlineData("--seed 1 --hidden 7|--seed 2 --hidden 7", "seed 1|seed 2")]
    [InlineData("--data a|--data b", "data a|data b")]
    [InlineData("--lr 0.001|--lr 0.002", "784-10 on MNIST · lr 0.001|784-10 on synthetic digits · lr 0.002", "784-10 on MNIST|784-10 on synthetic digits")]
    [InlineData("--hidden 7 --epochs 3|--hidden 8 --epochs 3", "784-7-10 on MNIST|784-8-10 on MNIST", "784-7-10 on MNIST|784-8-10 on MNIST")]
    [InlineData("--hidden 7 --data a|--hidden 7 --data b", "x on MNIST|x on mine", "x on MNIST|x on mine")]
    public void Runs_over_one_another_are_told_apart_by_subject_and_options_or_else_their_folders(
        string options, string names, string subjects = "a network|a network")
    {
        var records = options.Split('|')
            .Zip(subjects.Split('|'), (o, subject) => new RunRecord(
                "02_train_cross_entropy", subject, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
                [.. CommandLine.Options(CommandLine.Parse(o.Split(' '), new TrainConfig()))]))
            .ToList();
        IReadOnlyList<RunFolder> runs = [new(Path.Combine(folder.Path, "first"), ""), new(Path.Combine(folder.Path, "second"), "")];
        Assert.Equal(names.Split('|'), Plots.Names(runs, records));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Script_04_draws_the_very_bytes_that_the_runs_drew(string engine)
    {
        foreach (var picture in made.Pictures.Keys) File.WriteAllText(picture, "gone");

        var overlay = Path.Combine(folder.Path, "overlay");
        var outcome = InProcess.Run(engine, Script04, $"{string.Join(' ', made.Runs)} --out {overlay}");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.All(made.Pictures, picture => Assert.Equal(picture.Value, File.ReadAllBytes(picture.Key)));
        Assert.Equal(["accuracies.png", "losses.png"], Directory.EnumerateFiles(overlay, "*.png").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Script_04_ends_with_one_line_for_each_folder_that_it_cannot_draw()
    {
        var (bad, good) = (Run("bad", Log.Replace("1.98", "x")), Run("good", Log));
        var outcome = InProcess.Run(Script04, $"{bad} {good}");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            [
                $"error: {Path.Combine(bad, "log.csv")}, line 3, column test_loss: want a number, got 'x'; mend the line, or make the run again.",
                "error: 1 of 2 runs could not be drawn.",
            ],
            outcome.ErrorLines);
        Assert.True(File.Exists(Path.Combine(good, "loss.png")));
        Assert.Equal(2, InProcess.Run(Script04, "--wrong").ExitCode);
        Assert.Equal("error: nowhere is not there; name a run's folder, or latest.",
            Assert.Single(InProcess.Run(Script04, "nowhere").ErrorLines));
    }

    string Inferred()
    {
        var run = Directory.CreateDirectory(Path.Combine(folder.Path, "inferred")).FullName;
        File.WriteAllText(Path.Combine(run, "config.json"), """{ "script": "01_infer_pretrained", "subject": "weights on digits", "options": {} }""");
        File.WriteAllText(Path.Combine(run, "classes.csv"), "class,examples,correct,accuracy\nzero,1,1,1\none,1,0,0\n");
        File.WriteAllText(Path.Combine(run, "predictions.csv"), "index,label,prediction,confidence\n0,1,0,0.9\n1,0,0,0.8\n");
        File.WriteAllText(Path.Combine(run, "worst_mistakes.csv"), "index,label,prediction,confidence,pixels\n0,1,0,0.9,0 0 255 9\n");
        File.WriteAllText(Path.Combine(run, "first_layer.csv"), "unit,weights\n0,0.5 -2 1 0\n");
        return run;
    }

    string Compared()
    {
        var run = Directory.CreateDirectory(Path.Combine(folder.Path, "compared")).FullName;
        File.WriteAllText(Path.Combine(run, "config.json"),
            """{ "script": "03_compare_losses", "subject": "784-50-100-10 on MNIST", "options": { "seeds": "4294967296" } }""");
        File.WriteAllText(Path.Combine(run, "log.csv"),
            "loss,seed,epoch,train_loss,test_loss,test_accuracy,seconds\nnll,4294967296,1,2.27,2.22,0.25,0.1\n");
        File.WriteAllText(Path.Combine(run, "gradients.csv"), "loss,seed,epoch,gradient_norm,of_right,of_wrong\nnll,4294967296,0,0.5,0.25,0.75\n");
        File.WriteAllText(Path.Combine(run, "stability.csv"), "loss,scale,examples,infinite,nan,nonfinite_gradients,error\nnll,1,1024,0,0,0,1e-07\n");
        return run;
    }

    string Run(string name, string log)
    {
        var run = Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;
        File.WriteAllText(Path.Combine(run, "config.json"),
            """{ "script": "02_train_cross_entropy", "subject": "784-50-100-10 on MNIST", "options": { "lr": "0.0002", "seed": "0" } }""");
        File.WriteAllText(Path.Combine(run, "log.csv"), log);
        return run;
    }

    /// <summary>A run of each kind, and the pictures that it drew.</summary>
    public sealed class Drawn : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public Drawn()
        {
            var data = SmallMnist.Write(folder.Path);
            var weights = Path.Combine(ProjectFolders.SampleWeights, "mnist.safetensors");
            Make("01_infer_pretrained", $"--data {data} --weights {weights}", "inferred");
            Make("02_train_cross_entropy", $"--data {data} --epochs 2", "first");
            Make("02_train_cross_entropy", $"--data {data} --epochs 3 --lr 0.01", "second");
            Make("03_compare_losses", $"--data {data} --epochs 2 --seeds 0,1", "compared");
            Pictures = Runs.SelectMany(run => Directory.EnumerateFiles(run, "*.png")).ToDictionary(file => file, File.ReadAllBytes);
            Assert.Equal(4 + 2 + 2 + 5, Pictures.Count);
        }

        public List<string> Runs { get; } = [];

        public IReadOnlyDictionary<string, byte[]> Pictures { get; }

        public void Dispose() => folder.Dispose();

        void Make(string script, string options, string name)
        {
            Runs.Add(Path.Combine(folder.Path, name));
            Assert.Equal(0, InProcess.Run($"scripts/{script}.csx", $"{options} --out {Runs[^1]}").ExitCode);
        }
    }
}
