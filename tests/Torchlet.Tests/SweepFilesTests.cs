using System.Collections.Immutable;

namespace Torchlet.Tests;

/// <summary>Files of a sweep to which anything has happened, and names that no file would like.</summary>
public sealed class SweepFilesTests : IDisposable
{
    const string Id = "0123456789abcdef", Good = """{"cell":"0123456789abcdef","seed":null,"values":[],"arguments":[]}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"cell":"0123456789abcdef","metrics":{"test_loss":"NaN","a,\"b\"":1.5,"c":"Infinity"},"best_epoch":2,"seconds":1,"more":[]}""", null)]
    [InlineData("""{"metrics":{},"best_epoch":null,"seconds":0.5}""", null)] // As older sweeps wrote it.
    [InlineData("""{"cell":"fedcba9876543210","metrics":{},"best_epoch":null,"seconds":1}""", "it is of the cell fedcba9876543210")]
    [InlineData("", "is empty or no regular file")]
    [InlineData("{", "Expected depth")]
    [InlineData("[]", "requires an element of type 'Object'")]
    [InlineData("null", "requires an element of type 'Object'")]
    [InlineData("""{"best_epoch":null,"seconds":1}""", "missing metrics")]
    [InlineData("""{"metrics":{},"seconds":1}""", "missing best_epoch")]
    [InlineData("""{"metrics":{},"best_epoch":null}""", "missing seconds")]
    [InlineData("""{"metrics":{},"best_epoch":null,"seconds":NaN}""", "'N' is an invalid start")]
    [InlineData("""{"metrics":{},"best_epoch":null,"seconds":-1}""", "no run has seconds -1")]
    [InlineData("""{"metrics":{},"best_epoch":null,"seconds":1e200}""", "no run has seconds 1E+200")]
    [InlineData("""{"metrics":{},"best_epoch":0,"seconds":1}""", "no run has best_epoch 0")]
    [InlineData("""{"metrics":{},"best_epoch":1.5,"seconds":1}""", "(")]
    [InlineData("""{"metrics":{},"best_epoch":"1","seconds":1}""", "requires an element of type 'Number'")]
    [InlineData("""{"metrics":[],"best_epoch":1,"seconds":1}""", "requires an element of type 'Object'")]
    [InlineData("""{"metrics":{"a":"x"},"best_epoch":1,"seconds":1}""", "a is not a number")]
    [InlineData("""{"metrics":{"a":1e200},"best_epoch":1,"seconds":1}""", "no run has a 1E+200")]
    [InlineData("""{"metrics":{"a":1,"a":2},"best_epoch":1,"seconds":1}""", "Duplicate")]
    public void A_result_is_read_or_refused_in_one_line(string text, string? because)
    {
        var file = Path.Combine(folder.Path, $"{Id}.json");
        File.WriteAllText(file, text);
        if (because is null)
        {
            CellResult.Read(file).Write(file);
            Assert.Contains(Id, File.ReadAllText(file));
            return;
        }
        var error = Assert.Throws<TorchletException>(() => CellResult.Read(file));
        Assert.StartsWith($"{file}: it is not the result of a cell (", error.Message);
        Assert.Contains(because, error.Message);
        Assert.EndsWith("; delete it, and run the sweep's command again.", error.Message);
        Assert.Equal(error.Message, Moved(new(folder.Path, Id), file));
    }

    [Theory]
    [InlineData("""{"cell":"../../../x","seed":null,"values":[],"arguments":[]}""", "'../../../x' is not the ID of a cell")]
    [InlineData("""{"cell":"0123456789ABCDEF","seed":null,"values":[],"arguments":[]}""", "is not the ID of a cell")]
    [InlineData("""{"cell":7,"seed":null,"values":[],"arguments":[]}""", "requires an element of type 'String'")]
    [InlineData("""{"cell":"0123456789abcdef","seed":null,"values":[]}""", "missing arguments")]
    [InlineData("""{"cell":"0123456789abcdef","seed":null,"values":[null],"arguments":[]}""", "a text is null")]
    [InlineData("""{"cell":"0123456789abcdef","cell":"x","seed":null,"values":[],"arguments":[]}""", "Duplicate")]
    [InlineData(Good + "\n" + Good, "line 2: the cell 0123456789abcdef is there twice")]
    [InlineData("\n", "it is not the plan of a sweep")]
    [InlineData("[]", "it is not the plan of a sweep")]
    [InlineData("", "is empty or no regular file")]
    public void A_damaged_plan_runs_nothing_and_says_why(string text, string because)
    {
        var plan = Path.Combine(folder.Path, "plan.jsonl");
        File.WriteAllText(plan, text);
        var script = new SweptScript("own.csx", _ => throw new InvalidOperationException("no cell is to run"), (_, _) => { }, TextWriter.Null);
        var error = Assert.Throws<TorchletException>(() => script.Run([plan, "0/1"], CancellationToken.None));
        Assert.StartsWith($"{plan}: it is not the plan of a sweep (", error.Message);
        Assert.Contains(because, error.Message);
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Throws<TorchletException>(() => SweepCell.Read(Path.Combine(folder.Path, "nowhere.jsonl")));
    }

    [Fact]
    public void Names_with_commas_and_quotes_and_those_of_other_columns_come_back_from_the_table()
    {
        ImmutableArray<string> options = ["lr", "seconds"], metrics = ["test_f1, \"macro\"", "test_a\nb", "lr"];
        var row = new SweepRow(Id, ["1", "long"], "0", metrics.ToImmutableDictionary(m => m, _ => 0.5)) { BestEpoch = 3, Seconds = 2 };
        CsvLog.Write(folder.Path, SweepResults.Table(options, metrics), [row]);
        var read = SweepResults.Read(folder.Path, options);
        Assert.Equal(metrics[..2], read.Metrics);
        var first = Assert.Single(read.Rows);
        Assert.Equal((Id, "long", 0.5, 3, 2), (first.Cell, first.Values[1], first.Metrics[metrics[0]], first.BestEpoch, first.Seconds));
        Assert.DoesNotContain("a\nb", SweepSummary.Markdown(read, "own", 1, ranges: []));
        File.WriteAllText(Path.Combine(folder.Path, SweepResults.FileName), "");
        Assert.Contains("results.csv is empty", Assert.Throws<TorchletException>(() => SweepResults.Read(folder.Path, options)).Message);
    }

    [Fact]
    public void A_log_with_such_a_name_is_taken_up()
    {
        var log = Path.Combine(folder.Path, "log.csv");
        File.WriteAllText(log, "epoch,train_loss,test_loss,seconds,\"test_f1, \"\"macro\"\"\"\r\n1,2,3,4,0.5\r\n2,2,3,4,0.5\r\n");
        Assert.Equal(0.5, TrainingLog.Cut(log, 1).Single().Test["f1, \"macro\""]);
        Assert.Equal(2, File.ReadAllLines(log).Length);
    }

    [Fact]
    public void A_cell_of_a_job_runs_from_the_folder_of_the_sweep_and_records_a_line_that_repeats_it()
    {
        var (cwd, place) = (Environment.CurrentDirectory, Path.Combine(folder.Path, "sweep"));
        var home = Directory.CreateDirectory(Path.Combine(folder.Path, "home")).FullName;
        SmallMnist.Write(Directory.CreateDirectory(Path.Combine(home, "digits")).FullName, train: 40, test: 20);
        ImmutableArray<string> arguments = ["--data=digits", "--epochs=1", "--hidden=7"];
        Environment.CurrentDirectory = home;
        string id;
        try
        {
            id = new CellIdentity("own.csx").Of(CommandLine.Parse(arguments, new TrainConfig()) with { Threads = 1 }, CancellationToken.None);
        }
        finally
        {
            Environment.CurrentDirectory = cwd;
        }
        Directory.CreateDirectory(place);
        var plan = Path.Combine(place, "plan.jsonl");
        File.WriteAllText(plan, (new SweepCell(id, "0", [], arguments) { Folder = home }).Line + "\n");
        new SweptScript("own.csx", line => CommandLine.Parse(line, new TrainConfig()), (options, runs) => runs.During(() =>
        {
            foreach (var training in new Run<TrainConfig>((TrainConfig)options, new(), runs).Trainings())
                _ = training.Epochs() | Clock.Time | training.Log | Plots.Curves(training.Folder);
            Environment.CurrentDirectory = "/"; // The next cell does not notice.
        }), TextWriter.Null).Run([plan, "0/1"], CancellationToken.None);
        Assert.Equal(home, Environment.CurrentDirectory);
        Environment.CurrentDirectory = cwd;
        var record = RunRecord.Read(Path.Combine(new CellFiles(place, id).Run, RunRecord.FileName));
        Assert.Equal("dotnet run run.cs -- own.csx --data=digits --epochs=1 --hidden=7 --threads=1", Report.Repeating(record.CommandLine));
        Assert.Equal("", Report.Repeating(["Csx.dll", "/x/own.csx", "--cells", "serve"]));
        Assert.Equal(id, Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(Path.Combine(place, CellFiles.Home), "*.json"))));
    }

    // The reason is what a sweep's display and its end show of the cell.
    static string Moved(CellFiles files, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(files.Run)!);
        File.Copy(file, files.Result);
        return files.Read().Damage!.Message.Replace(files.Result, file);
    }
}
