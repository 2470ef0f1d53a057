using System.Globalization;
using CsvHelper;

namespace Torchlet.Tests;

public sealed class RunIndexTests : IDisposable
{
    const string Header = "script,time,folder,status,options,best_test_loss,accuracy,seconds";

    static readonly Epoch[] Rows =
    [
        .. Tensors.Timed([Tensors.Row(1, 3, 2, 0.5), Tensors.Row(2, 2, 1, 0.25), Tensors.Row(3, 1, 1.5, 0.75), Tensors.Row(4, 1, double.NaN, 0.1)]),
    ];

    static readonly IndexLine Line = new("a", "b", "c", "d", "e", null, 0.5, 2);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Index => Path.Combine(folder.Path, "index.csv");

    string Folder => Path.Combine(folder.Path, "now");

    string Status => File.ReadAllText(Path.Combine(Folder, "status"));

    [Fact]
    public void A_run_is_finished_when_its_script_is_and_its_best_epoch_is_in_the_index()
    {
        var config = new TrainConfig { Epochs = 4, Hidden = [7, 8], Data = "my \"digits\", all" };
        Within(runs =>
        {
            var run = Begin(runs, config);
            Assert.Equal(Rows, (Rows | CsvLog.To(run)).Select(epoch => epoch.Figures()));
            Assert.Equal("running\n", File.ReadAllText(run.PathOf("status")));
            Assert.False(File.Exists(Index));
        });
        Assert.Equal("finished\n", Status);
        var line = Assert.Single(Lines());
        Assert.Equal(("script", "now", "finished", "--epochs 4 --hidden 7,8 --data 'my \"digits\", all'", "1", "0.25"),
            (line["script"], line["folder"], line["status"], line["options"], line["best_test_loss"], line["accuracy"]));
        Assert.True(double.Parse(line["seconds"], CultureInfo.InvariantCulture) >= 0);
        Assert.True(DateTimeOffset.TryParse(line["time"], CultureInfo.InvariantCulture, out _));
    }

    [Fact]
    public void A_run_ended_on_request_is_interrupted_and_says_where_its_rows_are()
    {
        using var stop = new CancellationTokenSource();
        var error = Assert.Throws<InterruptedException>(() => Within(runs =>
        {
            _ = (Rows | CsvLog.To(Begin(runs))).Take(2).Count();
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
        }, stop.Token));
        Assert.Equal($"interrupted; 2 finished rows are in {Notice.Shown(Folder)}.", error.Message);
        Assert.Equal("interrupted\n", Status);
        Assert.Equal(("interrupted", "1"), (Assert.Single(Lines())["status"], Lines()[0]["best_test_loss"]));
    }

    [Fact]
    public void Asked_to_end_when_its_rows_were_done_it_is_what_the_script_makes_of_it()
    {
        using var stop = new CancellationTokenSource();
        Within(runs => { _ = (Rows | CsvLog.To(Begin(runs))).Count(); stop.Cancel(); }, stop.Token);
        Assert.Equal("finished\n", Status);
    }

    [Fact]
    public void A_run_whose_folder_has_gone_is_interrupted_in_one_line_all_the_same()
    {
        using var stop = new CancellationTokenSource();
        var error = Assert.Throws<InterruptedException>(() => Within(runs =>
        {
            Directory.Delete(Begin(runs).Folder, recursive: true);
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
        }, stop.Token));
        Assert.Equal($"interrupted; {Folder} does not say that the run is interrupted (no such folder).", error.Message);
    }

    [Fact]
    public void A_run_whose_rows_are_done_has_failed_if_its_script_fails_afterwards()
    {
        Assert.Throws<InvalidOperationException>(() => Within(runs =>
        {
            _ = (Rows | CsvLog.To(Begin(runs))).Count();
            throw new InvalidOperationException("no picture");
        }));
        Assert.Equal(("failed\n", "failed", "1"), (Status, Assert.Single(Lines())["status"], Lines()[0]["best_test_loss"]));
    }

    [Fact]
    public void Whoever_stops_early_has_a_finished_run()
    {
        Within(runs => _ = (Rows | CsvLog.To(Begin(runs))).First());
        Assert.Equal(("finished\n", "2"), (Status, Assert.Single(Lines())["best_test_loss"]));
    }

    [Fact]
    public void Where_validation_chooses_the_figures_are_the_test_of_the_epoch_that_it_chose()
    {
        double[] validation = [3, 4, 2, 5];
        var rows = Rows.Zip(validation, (row, loss) => row with { Validation = new(loss) });
        Within(runs => _ = (rows | CsvLog.To(Begin(runs))).Count());
        Assert.Equal(("1.5", "0.75"), (Lines()[0]["best_test_loss"], Lines()[0]["accuracy"]));
    }

    [Fact]
    public void A_run_without_rows_has_no_figures()
    {
        Within(runs => Begin(runs));
        Assert.Equal(("finished", "", "", ""), (Lines()[0]["status"], Lines()[0]["best_test_loss"], Lines()[0]["accuracy"], Lines()[0]["options"]));
    }

    [Fact]
    public void Predictions_have_an_accuracy_and_no_loss()
    {
        Prediction[] predictions = [new(0, 1, 1, 0.5f), new(1, 2, 3, 0.5f), new(2, 4, 4, 0.5f), new(3, 5, 5, 0.5f)];
        Within(runs => _ = (predictions | CsvLog.Predictions(Begin(runs))).Count());
        Assert.Equal(("", "0.75"), (Lines()[0]["best_test_loss"], Lines()[0]["accuracy"]));
    }

    [Fact]
    public void An_index_that_another_process_holds_is_waited_for_only_for_a_while()
    {
        using var turn = FolderLock.TryTake(folder.Path);
        Assert.Contains("another process has held", Assert.Throws<TorchletException>(() => RunIndex.Add(Index, Line)).Message);
    }

    [Fact]
    public void A_line_that_was_cut_short_does_not_swallow_the_next_one()
    {
        File.WriteAllText(Index, $"{Header}\r\nscript,2026,x,fini");
        RunIndex.Add(Index, Line);
        Assert.Equal([Header, "script,2026,x,fini", "a,b,c,d,e,,0.5,2"], File.ReadAllLines(Index));
    }

    [Theory, InlineData("name,score\nanna,3\n"), InlineData("x"), InlineData("script,time,folder,status,options\n")]
    public void A_file_that_is_something_else_stays_as_it_is(string text)
    {
        File.WriteAllText(Index, text);
        var (error, written) = (Console.Error, new StringWriter());
        Console.SetError(written);
        try
        {
            Within(runs => Begin(runs));
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.Equal(text, File.ReadAllText(Index));
        Assert.Contains("is not an index of runs", Assert.Single(written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("finished\n", Status);
    }

    [Fact]
    public void Several_processes_at_once_each_add_their_line_whole()
    {
        var script = ScriptEngine.Write(folder.Path, "many.csx", """
            #load "../lib/bin/torchlet.csx"
            using System.Threading;
            using Torchlet;
            File.WriteAllText($"{Args[0]}.ready", "");
            SpinWait.SpinUntil(() => Directory.GetFiles(".", "*.ready").Length == 3); // So that all three write at once.
            return Enumerable.Range(0, 20).Sum(i => Script.Run([], new RedrawConfig { Out = $"{Args[0]}-{i}" }, run => run.Begin()));
            """);
        Parallel.For(0, 3, n =>
        {
            var outcome = ScriptEngine.Run(ScriptEngine.Csx, script, $"p{n}", folder.Path, (ProjectFolders.OutputsVariable, folder.Path));
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        });
        Assert.Equal(
            from n in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 20) orderby $"p{n}-{i}" select $"p{n}-{i}",
            Lines().Select(l => l["folder"]).Order());
    }

    /// <summary>A run of the script at work, in the one folder.</summary>
    RunFolder Begin(ScriptRuns runs, TrainConfig? config = null)
    {
        var run = new RunFolder(Directory.CreateDirectory(Folder).FullName, runs.Script) { Runs = runs };
        RunStatus.Write(run, RunStatus.Running);
        runs.Add(run, CommandLine.Differing(config ?? new()));
        return run;
    }

    /// <summary>A script's steps with its runs.</summary>
    void Within(Action<ScriptRuns> body, CancellationToken stop = default)
    {
        var runs = new ScriptRuns("script", stop, Index);
        runs.During(() => body(runs));
    }

    List<IDictionary<string, string>> Lines()
    {
        using var csv = new CsvReader(new StringReader(File.ReadAllText(Index)), CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<dynamic>().Select(row => (IDictionary<string, object>)row).Select(row => row.ToDictionary(f => f.Key, f => (string)f.Value))];
    }
}
