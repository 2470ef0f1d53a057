namespace Torchlet.Tests;

[Collection(Lane.MoreScripts)]
public sealed class InterruptionTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public InterruptionTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' signals");

    public void Dispose() => folder.Dispose();

    [Theory, InlineData("TERM", 143), InlineData("INT", 130)]
    public void A_script_that_does_not_listen_is_ended_some_seconds_later(string signal, int exitCode)
    {
        using var running = Begin("while (true) TorchSharp.torch.rand(200, 200).inverse().Dispose();");
        var outcome = running.Until(() => running.HasPrinted("at work")).Signal(signal);
        Assert.Equal((exitCode, "interrupted; the script had not ended 10 s later, so it was ended."), (outcome.ExitCode, Assert.Single(outcome.ErrorLines)));
    }

    [Theory, InlineData("INT", "TERM", 143), InlineData("TERM", "INT", 130)]
    public void A_second_request_ends_it_at_once(string first, string second, int exitCode)
    {
        using var running = Begin("""stop.Register(() => WriteLine("asked once")); while (true) TorchSharp.torch.rand(200, 200).inverse().Dispose();""");
        running.Until(() => running.HasPrinted("at work")).Send(first).Until(() => running.HasPrinted("asked once"));
        var outcome = running.Signal(second);
        Assert.Equal((exitCode, "interrupted again; ended at once."), (outcome.ExitCode, Assert.Single(outcome.ErrorLines)));
    }

    [Fact]
    public void Who_holds_every_thread_of_the_pool_is_ended_too()
    {
        using var running = Begin("""
            System.Threading.ThreadPool.SetMaxThreads(System.Environment.ProcessorCount, 1);
            stop.Register(() => { WriteLine("hangs"); System.Threading.Thread.Sleep(-1); });
            stop.WaitHandle.WaitOne();
            """);
        Assert.Equal(143, running.Until(() => running.HasPrinted("at work")).Signal("TERM").ExitCode);
    }

    [Fact]
    public void What_is_registered_on_the_token_is_waited_for()
    {
        using var running = Begin("""
            stop.Register(() => { System.Threading.Thread.Sleep(300); WriteLine("written"); });
            stop.WaitHandle.WaitOne();
            stop.ThrowIfCancellationRequested();
            """);
        var outcome = running.Until(() => running.HasPrinted("at work")).Signal("TERM");
        Assert.Equal((143, "interrupted."), (outcome.ExitCode, Assert.Single(outcome.ErrorLines)));
        Assert.EndsWith("written\n", outcome.Output);
    }

    RunningScript Begin(string body) => ScriptEngine.Begin(ScriptEngine.Csx, ScriptEngine.Write(folder.Path, "deaf.csx", $$"""
        #load "../lib/bin/torchlet.csx"
        using Torchlet;
        return Script.Run(Args, new TrainConfig(), run =>
        {
            var stop = run.Stop;
            WriteLine("at work");
            {{body}}
        });
        """), "");
}
