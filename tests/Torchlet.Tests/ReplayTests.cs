namespace Torchlet.Tests;

/// <summary>Script 02 again with the options of a run, or into its folder.</summary>
public sealed class ReplayTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_replayed_run_gives_the_same_numbers_unless_options_differ()
    {
        var first = Run($"--epochs 2 --lr 1e-2 --batch-size 100 --hidden 7 --seed 4 --activation relu --data {SmallMnist.Write(folder.Path)} --out {Out}");
        var replay = Run($"--config {Out} --out {Out}-2");
        var longer = Run($"--config {Path.Combine(Out, "config.json")} --epochs=3 --out {Out}-3");

        Assert.All(new[] { first, replay, longer }, o => Assert.Equal((0, ""), (o.ExitCode, o.Error)));
        Assert.Equal(Metrics(Out), Metrics(Out + "-2"));
        Assert.Equal(Metrics(Out), Metrics(Out + "-3")[..^1]);

        static string[] Metrics(string run) => [.. File.ReadAllLines(Path.Combine(run, "log.csv")).Select(line => line[..line.LastIndexOf(',')])];
    }

    [Fact]
    public void An_older_run_is_never_overwritten()
    {
        var options = $"--epochs 1 --hidden 7 --data {SmallMnist.Write(folder.Path)} --out {Out}";
        Assert.Equal(0, Run(options).ExitCode);
        var log = File.ReadAllText(Path.Combine(Out, "log.csv"));
        var second = Run(options);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("already holds a run", Assert.Single(second.ErrorLines));
        Assert.Equal(log, File.ReadAllText(Path.Combine(Out, "log.csv")));
    }

    static Outcome Run(string options) => InProcess.Run("scripts/02_train_cross_entropy.csx", options);
}
