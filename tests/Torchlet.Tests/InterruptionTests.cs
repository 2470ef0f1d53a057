namespace Torchlet.Tests;

/// <summary>Requests to end a script that ignores them, or takes its time.</summary>
[Collection(Lane.MoreScripts)]
public sealed class InterruptionTests(InterruptionTests.Deaf deaf) : IClassFixture<InterruptionTests.Deaf>
{
    // One script, so that it is compiled once.
    const string Script = """
        #load "../lib/bin/torchlet.csx"
        using System.Threading;
        using Torchlet;

        return Script.Run(Args, new Own(), run =>
        {
            var stop = run.Stop;
            WriteLine("at work");
            switch (run.Config.Mode)
            {
                case "computes": stop.Register(() => WriteLine("asked once")); while (true) TorchSharp.torch.rand(200, 200).inverse().Dispose();
                case "naps": while (true) { TorchSharp.torch.rand(200, 200).inverse().Dispose(); Thread.Sleep(10); }
                case "fills the pool":
                    ThreadPool.SetMaxThreads(Environment.ProcessorCount, 1);
                    stop.Register(() => { WriteLine("hangs"); Thread.Sleep(-1); });
                    stop.WaitHandle.WaitOne();
                    break;
                case "writes":
                    stop.Register(() => { Thread.Sleep(300); WriteLine("written"); });
                    stop.WaitHandle.WaitOne();
                    stop.ThrowIfCancellationRequested();
                    break;
            }
        });

        record Own : TrainConfig { public string Mode { get; init; } = ""; }
        """;

    [Theory, InlineData("TERM", 143), InlineData("INT", 130)]
    public async Task A_script_that_does_not_listen_is_ended_some_seconds_later(string signal, int exitCode)
    {
        var outcome = await deaf.Outcome("naps", signal);
        Assert.Equal((exitCode, "interrupted; the script had not ended 10 s later, so it was ended."), (outcome.ExitCode, Assert.Single(outcome.ErrorLines)));
    }

    [Theory, InlineData("INT", "TERM", 143), InlineData("TERM", "INT", 130)]
    public void A_second_request_ends_it_at_once(string first, string second, int exitCode)
    {
        using var running = deaf.Begin("computes");
        running.Until(() => running.HasPrinted("at work")).Send(first).Until(() => running.HasPrinted("asked once"));
        var outcome = running.Signal(second);
        Assert.Equal((exitCode, "interrupted again; ended at once."), (outcome.ExitCode, Assert.Single(outcome.ErrorLines)));
    }

    [Fact]
    public async Task A_script_that_holds_all_pool_threads_is_ended_too() =>
        Assert.Equal(143, (await deaf.Outcome("fills the pool", "TERM")).ExitCode);

    [Fact]
    public void What_is_registered_on_the_token_is_waited_for()
    {
        using var running = deaf.Begin("writes");
        var outcome = running.Until(() => running.HasPrinted("at work")).Signal("TERM");
        Assert.Equal((143, "interrupted."), (outcome.ExitCode, Assert.Single(outcome.ErrorLines)));
        Assert.EndsWith("written\n", outcome.Output);
    }

    /// <summary>The script, and its runs that last ten seconds after a request to end: all at the same time, during the other tests.</summary>
    public sealed class Deaf : IDisposable
    {
        readonly TemporaryFolder folder = new();
        readonly string script;
        readonly Dictionary<(string Mode, string Signal), Task<Outcome>> outcomes = [];

        public Deaf()
        {
            script = ScriptEngine.Write(folder.Path, "deaf.csx", Script);
            if (!OperatingSystem.IsLinux()) return;
            foreach (var (mode, signal) in new[] { ("naps", "TERM"), ("naps", "INT"), ("fills the pool", "TERM") })
                outcomes[(mode, signal)] = Task.Run(() =>
                {
                    using var running = Begin(mode);
                    return running.Until(() => running.HasPrinted("at work")).Signal(signal);
                });
        }

        internal RunningScript Begin(string mode)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' signals");
            return ScriptEngine.Begin(ScriptEngine.Csx, script, $"--mode \"{mode}\"");
        }

        public Task<Outcome> Outcome(string mode, string signal)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' signals");
            return outcomes[(mode, signal)];
        }

        public void Dispose()
        {
            // Also those of a test that was not run.
            Task.WhenAll(outcomes.Values).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
            folder.Dispose();
        }
    }
}
