using System.Text.Json;
using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>What the README tells a reader to type is typed here, as it stands there.</summary>
[Collection(Lane.MoreScripts)]
public sealed class ReadmeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<int, string> Recipes => new((0, "Test Acc:"), (1, "Test Acc:"), (2, "lr 0.003: test loss"));

    static string Repl => Path.Combine(ProjectFolders.Root, "scripts", "repl.csx");

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Recipes))]
    public void A_recipe_runs_when_pasted_into_the_REPL(int recipe, string printed)
    {
        Assert.SkipUnless(ScriptEngine.IsThere(ScriptEngine.DotnetScript), "dotnet-script is not on the PATH");
        var outcome = ScriptEngine.Start(ScriptEngine.DotnetScript, $"-i \"{Repl}\"", ProjectFolders.Root, Recipe(recipe) + "\n#exit\n", Environment);
        Assert.Equal("", outcome.Error);
        Assert.Contains(printed, outcome.Output);
    }

    [Theory, MemberData(nameof(Recipes))]
    public void A_recipe_runs_below_the_REPLs_imports_as_a_script(int recipe, string printed)
    {
        var script = ScriptEngine.Write(folder.Path, "recipe.csx", File.ReadAllText(Repl) + Recipe(recipe));
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, script, "", null, Environment);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains(printed, outcome.Output);
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
    public void Its_Korean_twin_has_the_same_code() => Assert.Equal(Readme.Code(Readme.English), Readme.Code(Readme.Korean));

    [Fact]
    public void The_debugger_starts_the_pinned_dotnet_script()
    {
        string Text(string file) => File.ReadAllText(Path.Combine(ProjectFolders.Root, file));
        var tools = JsonDocument.Parse(Text(".config/dotnet-tools.json")).RootElement.GetProperty("tools");
        var version = tools.GetProperty("dotnet-script").GetProperty("version").GetString();
        Assert.Equal([version, version], Regex.Matches(Text(".vscode/launch.json"), @"dotnet-script/([\d.]+)/").Select(m => m.Groups[1].Value));
    }

    (string, string)[] Environment => [(Datasets.FolderVariable, SmallMnist.Write(folder.Path))];

    static string Recipe(int index) => Readme.Code(Readme.English, "csharp", "Ad hoc")[index];
}
