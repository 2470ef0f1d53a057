using System.Text.Json;
using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>The commands and code of the README and docs/ are run as they are written.</summary>
[Collection(Lane.MoreScripts)]
public sealed class ReadmeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static string Repl => Path.Combine(ProjectFolders.Root, "scripts", "repl.csx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_recipes_run_when_pasted_into_the_REPL()
    {
        Assert.SkipUnless(ScriptEngine.IsThere(ScriptEngine.DotnetScript), "dotnet-script is not on the PATH");
        AssertTrained(ScriptEngine.Start(ScriptEngine.DotnetScript, $"-i \"{Repl}\"", ProjectFolders.Root, $"{Recipes}\n#exit\n", Environment));
    }

    [Fact]
    public void The_recipes_run_below_the_REPLs_imports_as_a_script()
    {
        var script = ScriptEngine.Write(folder.Path, "recipes.csx", File.ReadAllText(Repl) + Recipes);
        AssertTrained(ScriptEngine.Run(ScriptEngine.Csx, script, "", null, Environment));
    }

    [Theory, MemberData(nameof(ScriptEngine.All), MemberType = typeof(ScriptEngine))]
    public void A_script_that_loads_the_REPLs_imports_needs_none_of_its_own(string engine)
    {
        var script = ScriptEngine.Write(folder.Path, "own.csx", $"#load \"{Repl}\"\n{Recipe(0)}");
        var outcome = ScriptEngine.Run(engine, script, "", null, Environment);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("Test Acc:", outcome.Output);
    }

    [Theory, MemberData(nameof(ScriptEngine.All), MemberType = typeof(ScriptEngine))]
    public void Its_script_trains(string engine)
    {
        var script = ScriptEngine.Write(folder.Path, "my_experiment.csx", Assert.Single(Readme.Code(Readme.English, "csharp", "A script")));
        var outcome = ScriptEngine.Run(engine, script, $"--epochs 2 --out {Path.Combine(folder.Path, "run")}", null, Environment);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("Epoch: 02", outcome.Output);
        Assert.Equal(3, File.ReadLines(Path.Combine(folder.Path, "run", "log.csv")).Count());
    }

    [Fact]
    public void Its_wishes_come_true_as_they_are_typed()
    {
        var mnist = SmallMnist.Write(folder.Path, train: 1200);
        OwnFiles.Picture(Path.Combine(folder.Path, "my_drawing.png"), 200, 200, (x, y) =>
            OwnFiles.Grey(Math.Abs(x - 100) < 12 && Math.Abs(y - 100) < 70 ? 0 : 255));
        OwnFiles.Pictures(Path.Combine(folder.Path, "my_pictures"), count: 20, "day", "night");
        File.WriteAllLines(Path.Combine(folder.Path, "my_table.csv"),
            ["length,width,label", .. Enumerable.Range(0, 90).Select(i => FormattableString.Invariant($"{i % 3 + i * 0.01},{i % 7},kind {i % 3}"))]);

        var wishes = Readme.Wishes(Readme.Options);
        Assert.Equal(11, wishes.Count);
        foreach (var wish in wishes)
        {
            var (script, options) = wish.Split(' ', 2) switch { var words => (words[0], words[1]) };
            // Fewer examples, if the line does not say how many.
            if (wish.Contains("02_") && !options.Contains("--limit") && !options.Contains("--data my")) options += " --limit 120";
            var outcome = ScriptEngine.Run(ScriptEngine.Csx, Path.Combine(ProjectFolders.Root, script), options, folder.Path,
                (Datasets.FolderVariable, mnist), (ProjectFolders.OutputsVariable, Path.Combine(folder.Path, "outputs")));
            Assert.True((outcome.ExitCode, outcome.Error) == (0, ""), $"{wish}\n{outcome.Output}{outcome.Error}");
        }
    }

    [Fact]
    public void Its_Korean_twin_has_the_same_code() =>
        Assert.Equal(Readme.Code(Readme.English), Readme.Code(Readme.Korean));

    [Fact]
    public void Its_tweaks_train()
    {
        var lines = Assert.Single(Readme.Code(Readme.English, "csharp", "Change one line")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var runs = lines.Select((line, i) =>
            $"Script.Run([.. Args, \"--out\", \"run{i}\"], new TrainConfig {{ Epochs = 1, LearningRate = 1e-3 }}, run => {{ {line} }});");
        var script = ScriptEngine.Write(folder.Path, "tweaks.csx", $"#load \"{Repl}\"\n{string.Join('\n', runs)}");
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, script, "", folder.Path, Environment);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(5, Regex.Count(outcome.Output, "Test Acc:"));
    }

    [Fact]
    public void The_debugger_starts_the_pinned_dotnet_script()
    {
        string Text(string file) => File.ReadAllText(Path.Combine(ProjectFolders.Root, file));
        var tools = JsonDocument.Parse(Text(".config/dotnet-tools.json")).RootElement.GetProperty("tools");
        var version = tools.GetProperty("dotnet-script").GetProperty("version").GetString();
        Assert.Equal([version, version], Regex.Matches(Text(".vscode/launch.json"), @"dotnet-script/([\d.]+)/").Select(m => m.Groups[1].Value));
    }

    (string, string)[] Environment => [(Datasets.FolderVariable, SmallMnist.Write(folder.Path))];

    static string Recipes => string.Concat(Enumerable.Range(0, 3).Select(Recipe));

    /// <summary>The first two train for three epochs each, and the third compares learning rates.</summary>
    static void AssertTrained(Outcome outcome)
    {
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(2, outcome.Output.Split("Epoch: 03").Length - 1);
        Assert.Contains("lr 0.003: test loss", outcome.Output);
    }

    static string Recipe(int index) => Readme.Code(Readme.Api, "csharp")[index];
}
