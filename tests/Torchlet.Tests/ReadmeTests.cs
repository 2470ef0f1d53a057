using System.Text.Json;
using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>The code of the README and docs/ is run as it is written; for the commands see <see cref="OptionsPageTests"/>.</summary>
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
    public void A_script_that_loads_the_REPLs_imports_needs_no_others(string engine)
    {
        // A recipe for any engine; the tweaks, which are about the library, for one.
        IReadOnlyList<string> tweaks = engine == ScriptEngine.Csx ? [.. Tweaks()] : [];
        var script = ScriptEngine.Write(folder.Path, "own.csx", $"#load \"{Repl}\"\n{Recipe(0)}{string.Join('\n', tweaks)}");
        var outcome = ScriptEngine.Run(engine, script, "", folder.Path, Environment);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(RecipesEpochs + tweaks.Count, Regex.Count(outcome.Output, "Test Acc:"));
    }

    /// <summary>The README's tweaks, each in a run of one epoch.</summary>
    static IEnumerable<string> Tweaks()
    {
        var lines = Assert.Single(Readme.Code(Readme.English, "csharp", "Change one line")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        return lines.Select((line, i) =>
            $"Script.Run([.. Args, \"--out\", \"run{i}\"], new TrainConfig {{ Epochs = 1, LearningRate = 1e-3 }}, run => {{ {line} }});");
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
    public void Its_Korean_twin_has_the_same_code() =>
        Assert.Equal(Readme.Code(Readme.English), Readme.Code(Readme.Korean));

    [Fact]
    public void The_debugger_starts_the_pinned_dotnet_script()
    {
        string Text(string file) => File.ReadAllText(Path.Combine(ProjectFolders.Root, file));
        var tools = JsonDocument.Parse(Text(".config/dotnet-tools.json")).RootElement.GetProperty("tools");
        var version = tools.GetProperty("dotnet-script").GetProperty("version").GetString();
        Assert.Equal([version, version], Regex.Matches(Text(".vscode/launch.json"), @"dotnet-script/([\d.]+)/").Select(m => m.Groups[1].Value));
    }

    (string, string)[] Environment => [(Datasets.FolderVariable, SmallMnist.Write(folder.Path))];

    static string Recipes => string.Concat(Readme.Code(Readme.Api, "csharp"));

    /// <summary>Two train for three epochs each, one looks inside a model, and the last compares learning rates.</summary>
    static void AssertTrained(Outcome outcome)
    {
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(2, outcome.Output.Split("Epoch: 03").Length - 1);
        Assert.Contains("0: 64 numbers", outcome.Output);
        Assert.Contains("lr 0.003: test loss", outcome.Output);
    }

    const int RecipesEpochs = 3;

    static string Recipe(int index) => Readme.Code(Readme.Api, "csharp")[index];
}
