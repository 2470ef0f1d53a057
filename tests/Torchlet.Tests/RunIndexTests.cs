using System.Globalization;
using CsvHelper;

namespace Torchlet.Tests;

public sealed class RunIndexTests : IDisposable
{
    const string Header = "script,time,folder,status,options,best_test_loss,accuracy,seconds";

    static readonly Epoch[] Rows = [new(1, 3, 2, 0.5), new(2, 2, 1, 0.25), new(3, 1, 1.5, 0.75), new(4, 1, double.NaN, 0.1)];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Index => Path.Combine(folder.Path, "index.csv");

    RunFolder Run => new(Directory.CreateDirectory(Path.Combine(folder.Path, "script", "now")).FullName, "script");

    [Fact]
    public void A_run_that_ends_by_itself_is_finished_and_its_best_epoch_is_in_the_index()
    {
        var config = new TrainConfig { Epochs = 4, Hidden = [7, 8], Data = "my \"digits\", all" };
        Assert.Equal(Rows, Watched(Rows, config));
        Assert.Equal("finished\n", File.ReadAllText(Run.PathOf("status")));
        var line = Assert.Single(Lines());
        Assert.Equal(("script", Path.Combine("script", "now"), "finished", "--epochs 4 --hidden 7,8 --data 'my \"digits\", all'", "1", "0.25"),
            (line["script"], line["folder"], line["status"], line["options"], line["best_test_loss"], line["accuracy"]));
        Assert.True(double.Parse(line["seconds"], CultureInfo.InvariantCulture) >= 0);
        Assert.True(DateTimeOffset.TryParse(line["time"], CultureInfo.InvariantCulture, out _));
    }

    [Fact]
    public void A_run_ended_on_request_is_interrupted_and_says_where_its_rows_are()
    {
        using var stop = new CancellationTokenSource();
        var error = Assert.Throws<InterruptedException>(() => Watched(Rows.Select(r => { if (r.Index == 2) stop.Cancel(); return r; }), new TrainConfig(), stop.Token).Count());
        Assert.Equal($"interrupted; 2 finished rows are in {ConsoleReport.Shown(Run.Folder)}.", error.Message);
        Assert.Equal("interrupted\n", File.ReadAllText(Run.PathOf("status")));
        Assert.Equal(("interrupted", "1"), (Assert.Single(Lines())["status"], Lines()[0]["best_test_loss"]));
    }

    [Fact]
    public void A_run_ended_by_an_error_is_failed_and_the_error_passes_through()
    {
        Assert.Throws<InvalidOperationException>(() => Watched(Rows.Select(r => r.Index < 2 ? r : throw new InvalidOperationException()), new TrainConfig()).Count());
        Assert.Equal(("failed", "2"), (Assert.Single(Lines())["status"], Lines()[0]["best_test_loss"]));
        _ = Watched(Rows, new TrainConfig()).First();
        Assert.Equal("failed\n", File.ReadAllText(Run.PathOf("status")));
    }

    [Fact]
    public void A_run_without_rows_has_no_figures()
    {
        _ = Watched([], new TrainConfig()).Count();
        Assert.Equal(("finished", "", "", ""), (Lines()[0]["status"], Lines()[0]["best_test_loss"], Lines()[0]["accuracy"], Lines()[0]["options"]));
    }

    [Fact]
    public void A_line_that_was_cut_short_does_not_swallow_the_next_one()
    {
        File.WriteAllText(Index, $"{Header}\r\nscript,2026,x,fini");
        RunIndex.Add(Index, ["a", "b", "c", "d", "e", "f", "g", "h"]);
        Assert.Equal([Header, "script,2026,x,fini", "a,b,c,d,e,f,g,h"], File.ReadAllLines(Index));
    }

    [Theory, InlineData("name,score\nanna,3\n"), InlineData("x"), InlineData("script,time,folder,status,options\n")]
    public void A_file_that_is_something_else_stays_as_it_is(string text)
    {
        File.WriteAllText(Index, text);
        var (error, written) = (Console.Error, new StringWriter());
        Console.SetError(written);
        try
        {
            Assert.Equal(4, Watched(Rows, new TrainConfig()).Count());
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.Equal(text, File.ReadAllText(Index));
        Assert.Contains("is no index of runs", Assert.Single(written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("finished\n", File.ReadAllText(Run.PathOf("status")));
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
            foreach (var i in Enumerable.Range(0, 20))
            {
                var run = new RunFolder(Directory.CreateDirectory($"{Args[0]}-{i}").FullName, Args[0]);
                _ = (Enumerable.Empty<Epoch>() | RunIndex.Trained(run, new TrainConfig { Seed = i })).Count();
            }
            """);
        Parallel.For(0, 3, n => Assert.Equal((0, ""), ScriptEngine.Run(ScriptEngine.Csx, script, $"p{n}", folder.Path, (ProjectFolders.OutputsVariable, folder.Path)) is var o ? (o.ExitCode, o.Error) : default));
        Assert.Equal(from n in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 20) orderby $"p{n}-{i}" select $"p{n}-{i}", Lines().Select(l => l["folder"]).Order());
    }

    IEnumerable<Epoch> Watched(IEnumerable<Epoch> rows, TrainConfig config, CancellationToken stop = default) =>
        rows | RunIndex.Stage<Epoch, RunIndex.Figures>(Index, Run, config, stop, e => new(e.TestLoss, e.TestAccuracy), RunIndex.Best);

    List<IDictionary<string, string>> Lines()
    {
        using var csv = new CsvReader(new StringReader(File.ReadAllText(Index)), CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<dynamic>().Select(row => (IDictionary<string, object>)row).Select(row => row.ToDictionary(f => f.Key, f => (string)f.Value))];
    }
}
