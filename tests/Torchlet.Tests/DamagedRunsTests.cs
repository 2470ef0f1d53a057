using System.Text.Json;
using System.Text.Json.Nodes;

namespace Torchlet.Tests;

/// <summary>A run to which anything has happened: the report lists it with the reason, and the others are drawn and listed all the same.</summary>
public sealed class DamagedRunsTests : IDisposable
{
    const string Header = "epoch,train_loss,test_loss,test_accuracy,seconds\n", Log = Header + "1,2.27,2.22,0.25,0.1\n2,2.12,1.98,0.46,0.1\n";

    const string Config = """{"script":"02_train_cross_entropy","subject":"784-10 on MNIST","options":{"lr":"0.1"},"command_line":["x","scripts/02.csx"]}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>config.json (none if empty), log.csv, and a part of the reason; null for a run that is not damaged.</summary>
    public static TheoryData<string, string, string?> Runs => new()
    {
        { Config, Log, null },
        { Config, Header + "abc,2,2,0.2,0.1\n", "log.csv, line 2, column epoch: want a whole number, got 'abc'" },
        { Config, Header + "NaN,2,2,0.2,0.1\n", "want a whole number, got 'NaN'" },
        { Config, Header + "Infinity,2,2,0.2,0.1\n", "want a whole number, got 'Infinity'" },
        { Config, Header + "1,2,2,0.2,1e308\n2,2,2,0.2,1e308\n", "column seconds: no run writes a number as large as '1e308'" },
        { Config, Header + "1,2,2\n", "the line is cut short" },
        { Config, Header + "1,2,2,0.2,0.1,7\n", "there are 6 fields, 5 in the header" },
        { Config, "", "log.csv is empty" },
        { Config, "\0\u0001\u0002", "missing column epoch" },
        { Config, Header.TrimEnd('\n') + ",test_loss\n1,2,2,0.2,0.1,3\n", null }, // A metric called loss.
        { Config, Header.TrimEnd('\n') + ",test_\u0001,test_\u0002\n1,2,2,0.2,0.1,3,4\n", null },
        { Config.Replace("scripts/02.csx", @"scripts/\u0000.csx"), Log, null },
        { Config.Replace("\"lr\"", @"""a\u0001"":""1"",""a\u0002"":""2"",""__proto__"":""3"",""lr"""), Log, null },
        { Config.Replace("784-10", @"\ud800"), Log, "it is not what a run wrote" },
        { Config[..30], Log, "it is not what a run wrote (from line 1 on it is no JSON)" },
        { "\0", Log, "it is not what a run wrote" },
        { "[]", Log, "it is not what a run wrote" },
        { """{"script":3,"options":{}}""", Log, "it is not what a run wrote (a value is of another kind)" },
        { """{"script":"x"}""", Log, "it is not what a run wrote (a value is missing)" },
        { """{"script":"x","options":{"lr":[]},"command_line":"x"}""", Log, "it is not what a run wrote" },
        { new string('[', 100_000), Log, "it is not what a run wrote" },
        { Config.Replace("0.1", new string('1', 5_000_000)), Log, "it is larger than 4 MB" },
        { "", Log, "config.json is not there" },
    };

    [Fact]
    public void A_damaged_run_is_listed_with_its_reason_and_the_others_as_they_are()
    {
        var cases = Runs.Select(row => row.Data).ToList();
        foreach (var (i, (config, log, _)) in cases.Index()) Add($"02/{i:00}", config, log);
        foreach (var link in new[] { "02/loop/config.json", "02/loop/log.csv", "latest" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.Path, link))!);
            File.CreateSymbolicLink(Path.Combine(folder.Path, link), Path.GetFileName(link));
        }
        var listed = Listed();
        Assert.Equal(cases.Count, listed.Count);
        foreach (var (i, (_, _, reason)) in cases.Index())
        {
            var run = listed[$"02/{i:00}"];
            if (reason is null) Assert.Equal(("finished", null, 1), ($"{run["status"]}", (string?)run["trouble"], run["series"]!.AsArray().Count));
            else
            {
                Assert.Equal("damaged", $"{run["status"]}");
                Assert.Contains(reason, $"{run["trouble"]}");
                Assert.DoesNotContain(folder.Path, $"{run["trouble"]}");
            }
        }
        Assert.All(["11"], i => Assert.Equal("", $"{listed[$"02/{i}"]["command"]}")); // What cannot be typed is not shown as if it could.
    }

    [Fact]
    public void Each_run_is_drawn_or_has_a_reason()
    {
        var cases = Runs.Select(row => row.Data).ToList();
        var drawn = Redraw.Each([.. cases.Select((run, i) => Add($"02/{i:00}", run.Item1, run.Item2))]).ToList();
        Assert.All(cases.Zip(drawn), run => Assert.Equal(run.First.Item3 is null, run.Second.Error is null));
        Assert.All(drawn.Where(run => run.Error is null), run => Assert.Contains("loss.png", run.Pictures));
        foreach (var seconds in new[] { "1e50", "NaN", "Infinity", "-1" }) // None of these is a time.
            Assert.Contains("column seconds: want seconds from 0",
                Assert.Single(Redraw.Each([Add("02/time", Config, $"{Header}1,2,2,0.2,{seconds}\n")])).Error!.Message);
    }

    [Theory]
    [InlineData("", "is empty", false)]
    [InlineData("\0\u0001\u0002", "missing column folder", false)]
    [InlineData("folder,status\nELSE,finished\n/nowhere", "the line is cut short", true)]
    [InlineData("folder,status\nx\na,b,c\nELSE,finished\n", "line 2, column folder: the line is cut short", true)]
    [InlineData("folder,status\na\0b,finished\nELSE,finished\n", null, true)]
    [InlineData("folder,status\n\"ELSE,finished\n", "a quotation mark is not closed", false)]
    public void A_damaged_index_is_said_and_its_other_lines_are_read(string text, string? reason, bool isListed)
    {
        var (elsewhere, outputs) = (Add("elsewhere", Config, Log), Path.Combine(folder.Path, "outputs"));
        Add("outputs/02/a", Config, Log);
        File.WriteAllText(Path.Combine(outputs, RunIndex.FileName), text.Replace("ELSE", elsewhere));
        var (folders, damage) = RunIndex.Folders(Path.Combine(outputs, RunIndex.FileName));
        Assert.Equal(isListed, folders.Contains(elsewhere));
        if (reason is null) Assert.Null(damage);
        else Assert.Contains(reason, damage);
        Assert.Equal(isListed ? 2 : 1, Listed(outputs).Count);
    }

    string Add(string place, string config, string log)
    {
        var run = Directory.CreateDirectory(Path.Combine(folder.Path, place)).FullName;
        if (config.Length > 0) File.WriteAllText(Path.Combine(run, "config.json"), config);
        File.WriteAllText(Path.Combine(run, "log.csv"), log);
        File.WriteAllText(Path.Combine(run, "status"), "finished\n");
        return run;
    }

    /// <summary>The runs on the report's page, by their folders.</summary>
    Dictionary<string, JsonNode> Listed(string? outputs = null)
    {
        var (error, said) = (Console.Error, new StringWriter());
        Console.SetError(said);
        string page;
        try
        {
            page = File.ReadAllText(Report.Write(outputs ?? folder.Path));
        }
        finally
        {
            Console.SetError(error);
        }
        const string begin = "id=\"data\">";
        var start = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var data = JsonNode.Parse(page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)], null, new() { MaxDepth = 64 })!;
        Assert.Equal($"{data["trouble"]}".Length > 0, said.ToString().Length > 0);
        return data["runs"]!.AsArray().ToDictionary(run => $"{run!["folder"]}", run => run!);
    }
}
