using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The place that a run writes to.</summary>
public sealed class NewRunTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Theory, InlineData("loss.png"), InlineData("best.safetensors"), InlineData("notes.txt")]
    public void A_folder_with_files_of_somebodys_own_is_not_taken(string file)
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Out).FullName, file), "mine");
        Assert.Equal($"--out {Out}: the folder already holds {file}, which no run wrote; name a new or an empty one.",
            Assert.Throws<TorchletException>(() => Create()).Message);
        Assert.Equal(["mine"], Directory.EnumerateFiles(Out).Select(File.ReadAllText));
    }

    [Fact]
    public void What_a_run_left_that_was_killed_before_its_first_file_keeps_nobody_out()
    {
        Directory.CreateDirectory(Out);
        foreach (var left in new[] { ".lock", "status", ".0123456789abcdef0123456789abcdef.json" }) File.WriteAllText(Path.Combine(Out, left), "");
        using var run = Create();
        Assert.Equal([".lock", "config.json", "status"], Directory.EnumerateFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Outputs_that_cannot_be_written_are_a_warning_for_a_run_that_goes_elsewhere()
    {
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        var (error, written) = (Console.Error, new StringWriter());
        Console.SetError(written);
        try
        {
            using var run = Create(home: Path.Combine(file, "script"));
            Assert.True(File.Exists(run.PathOf("config.json")));
        }
        finally
        {
            Console.SetError(error);
        }
        Assert.StartsWith($"warning: {Path.Combine(file, "script", "latest")} does not lead to this run",
            Assert.Single(written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_status_that_cannot_be_written_claims_no_folder()
    {
        Directory.CreateDirectory(Path.Combine(Out, "status"));
        Assert.ThrowsAny<Exception>(() => Create());
        Assert.False(File.Exists(Path.Combine(Out, "config.json")));
    }

    RunFolder Create(string? home = null) =>
        NewRun.Create("script", new TrainConfig { Out = Out }, Tensors.SmallData(10, 10),
            CPU, home ?? Path.Combine(folder.Path, "home"), new DateTime(2026, 11, 23));
}
