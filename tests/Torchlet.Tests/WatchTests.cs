namespace Torchlet.Tests;

/// <summary>The script host's own words: --watch, completion, and what it adds to the compiler's messages.</summary>
[Collection(Lane.Scripts)]
public sealed class WatchTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_watched_script_runs_again_when_it_or_what_it_loads_is_saved_also_after_an_error_until_it_is_stopped()
    {
        var (script, part) = (Path.Combine(folder.Path, "main.csx"), Path.Combine(folder.Path, "part.csx"));
        File.WriteAllText(part, "var part = \"one\";");
        File.WriteAllText(script, "#load \"part.csx\"\nWriteLine($\"ran {part} {Args[0]}\");");
        using var running = ScriptEngine.Begin(ScriptEngine.Csx, script, "--watch x", folder.Path);
        running.Until(() => running.HasPrinted("ran one x\n") && running.HasWarned("one of the 1 it loads is saved"));

        File.WriteAllText(part + "~", "var part = \"two\";"); // As many editors save: a file of another name takes its place.
        File.Move(part + "~", part, overwrite: true);
        running.Until(() => running.HasPrinted("ran two x\n"));

        File.WriteAllText(script, "#load \"part.csx\"\nWriteLine(part;");
        running.Until(() => running.HasWarned("error CS"));
        File.WriteAllText(script, "#load \"part.csx\"\nWriteLine($\"mended {part}\");\nSystem.Threading.Thread.Sleep(-1);");
        running.Until(() => running.HasPrinted("mended two\n"));
        File.WriteAllText(part, "var part = \"three\";"); // At work, it is ended first.
        running.Until(() => running.HasPrinted("mended three\n"));

        var outcome = running.Signal("TERM");
        Assert.Equal(143, outcome.ExitCode);
        Assert.Equal("ran one x\nran two x\nmended two\nmended three\n", outcome.Output);
    }

    [Fact]
    public void Two_runs_are_drawn_over_one_another_beside_them()
    {
        var data = Tensors.SmallData();
        string[] runs = [.. new[] { 0.01, 0.1 }.Select(rate =>
        {
            var config = new TrainConfig { Epochs = 2, Hidden = [5], LearningRate = rate, Out = Path.Combine(folder.Path, $"{rate}") };
            using var run = RunFolder.Create(config, data);
            _ = Training.Epochs(config.Recipe(data), data) | Clock.Time | CsvLog.To(run) | Enumerable.ToList;
            return run.Folder;
        })];
        var picture = Redraw.OverLast(runs[0], runs[1])!;
        Assert.Equal(Path.Combine(folder.Path, "watch", "losses.png"), picture);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(picture)[..4]);
        File.Delete(Path.Combine(runs[0], "log.csv"));
        Assert.Null(Redraw.OverLast(runs[0], runs[1]));
    }

    [Fact]
    public void Bash_completes_scripts_their_options_and_values()
    {
        const string ask = """
            eval "$(dotnet 'HOST' completion bash)"
            ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _torchlet; echo "${COMPREPLY[*]}"; }
            ask ./run.cs two_l
            ask dotnet run run.cs -- 02 --sched
            ask ./run.cs spiral --epochs 1 --se
            ask dotnet build run
            """;
        var script = Path.Combine(folder.Path, "ask.sh");
        File.WriteAllText(script, ask.Replace("HOST", Path.Combine(Natives.Folder, "Csx.dll")));
        var outcome = ScriptEngine.Start("bash", script, folder.Path, "", ("XDG_CACHE_HOME", ScriptEngine.CacheFolder));
        Assert.Equal(("two_layer_net\n--schedule\n--seed\n\n", ""), (outcome.Output, outcome.Error));
    }

    [Fact]
    public void A_question_mark_without_nullable_types_is_told_what_it_lacks()
    {
        var script = Path.Combine(folder.Path, "asks.csx");
        File.WriteAllText(script, "string? x = null;\nWriteLine(x ?? \"none\");");
        Assert.Contains("Make `#nullable enable` a line of this file", Assert.Single(ScriptEngine.Run(ScriptEngine.Csx, script).ErrorLines));
        File.WriteAllText(script, "#nullable enable\n" + File.ReadAllText(script));
        Assert.Equal("none\n", ScriptEngine.Run(ScriptEngine.Csx, script).Output);
    }
}
