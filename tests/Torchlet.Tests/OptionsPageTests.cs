namespace Torchlet.Tests;

/// <summary>The commands of docs/options.md are run as they are written, on a small part of the data.</summary>
public sealed class OptionsPageTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_command_of_the_table_runs()
    {
        var mnist = SmallMnist.Write(folder.Path, train: 1200);
        OwnFiles.Picture(Path.Combine(folder.Path, "my_drawing.png"), 200, 200, (x, y) =>
            OwnFiles.Grey(Math.Abs(x - 100) < 12 && Math.Abs(y - 100) < 70 ? 0 : 255));
        OwnFiles.Pictures(Path.Combine(folder.Path, "my_pictures"), count: 20, "day", "night");
        File.WriteAllLines(Path.Combine(folder.Path, "my_table.csv"),
            ["length,width,label", .. Enumerable.Range(0, 90).Select(i => FormattableString.Invariant($"{i % 3 + i * 0.01},{i % 7},kind {i % 3}"))]);
        File.WriteAllLines(Path.Combine(folder.Path, "my_prices.csv"),
            ["length,target", .. Enumerable.Range(0, 90).Select(i => FormattableString.Invariant($"{i * 0.01},{i * 250}"))]);

        var commands = Readme.Wishes(Readme.Options);
        Assert.Equal(13, commands.Count);
        foreach (var command in commands)
        {
            var (script, options) = command.Split(' ', 2) switch { var words => (words[0], words[1]) };
            // Fewer examples and epochs, if the line does not say how many.
            if (command.Contains("02_") && !options.Contains("--limit") && !options.Contains("--data my")) options += " --limit 120";
            if (command.Contains("02_") && !options.Contains("--epochs")) options += " --epochs 1";
            var outcome = options.Contains("my_table.csv") ? InItsOwnProcess(script, options) : InProcess.Run(script, Placed(options));
            Assert.True((outcome.ExitCode, outcome.Error) == (0, ""), $"{command}\n{outcome.Output}{outcome.Error}");
        }

        // The latest run is that of the line before, and not another test's.
        Outcome InItsOwnProcess(string script, string options) =>
            ScriptEngine.Run(ScriptEngine.Csx, Path.Combine(ProjectFolders.Root, script), options, folder.Path,
                (ProjectFolders.OutputsVariable, Path.Combine(folder.Path, "outputs")));

        // A script in this process has the tests' folder and environment.
        string Placed(string options) => options.Replace("my_", Path.Combine(folder.Path, "my_"))
            + (options.Contains("--data") || options.Contains("--image") ? "" : $" --data {mnist}");
    }
}
