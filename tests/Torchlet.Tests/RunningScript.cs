using System.Diagnostics;

namespace Torchlet.Tests;

/// <summary>A child process at work. Disposing it ends it.</summary>
sealed class RunningScript : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Process process;
    readonly Task<string> output, error;

    public RunningScript(Process process, string input = "")
    {
        this.process = process;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Waits until <paramref name="condition"/> holds or the process has ended.</summary>
    public RunningScript Until(Func<bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!process.HasExited && !condition() && Stopwatch.GetElapsedTime(start) < Patience) Thread.Sleep(1);
        return this;
    }

    /// <summary>What the process came to; it is given three minutes.</summary>
    public Outcome End()
    {
        if (!process.WaitForExit(Patience))
        {
            Kill();
            Assert.Fail($"the process did not end:\n{output.Result}\n{error.Result}");
        }
        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>SIGKILL: nothing in the process gets to run any more.</summary>
    public Outcome Kill()
    {
        process.Kill(entireProcessTree: true);
        return End();
    }

    /// <summary>Asks the process to end, as a shell or a service manager does.</summary>
    public Outcome Signal(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, $"{process.Id}"]);
        kill.WaitForExit();
        return End();
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
    }
}
