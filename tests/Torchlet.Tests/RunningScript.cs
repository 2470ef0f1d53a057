using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Torchlet.Tests;

/// <summary>A child process at work. Disposing it ends it.</summary>
sealed class RunningScript : IDisposable
{
    /// <summary>How long a script may take on a machine that is busy with other work; one that hangs is ended then.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    readonly Process process;
    readonly StringBuilder output = new(), error = new();
    readonly Task reading;

    public RunningScript(Process process, string input = "")
    {
        this.process = process;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        reading = Task.WhenAll(Read(process.StandardOutput, output), Read(process.StandardError, error));
    }

    /// <summary>Waits until <paramref name="condition"/> holds or the process has ended.</summary>
    public RunningScript Until(Func<bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!process.HasExited && !condition() && Stopwatch.GetElapsedTime(start) < Patience) Thread.Sleep(5);
        return this;
    }

    /// <summary>Whether it has printed this so far.</summary>
    public bool HasPrinted(string text) => Text(output).Contains(text, StringComparison.Ordinal);

    /// <summary>Whether it has printed this on standard error so far.</summary>
    public bool HasWarned(string text) => Text(error).Contains(text, StringComparison.Ordinal);

    /// <summary>The outcome of the process; it has <see cref="Patience"/>.</summary>
    public Outcome End()
    {
        if (!process.WaitForExit(Patience))
        {
            Kill();
            Assert.Fail($"the process did not end:\n{Text(output)}\n{Text(error)}");
        }
        Assert.True(reading.Wait(Patience), "a process that it left behind holds its output");
        return new(process.ExitCode, Text(output), Text(error));
    }

    /// <summary>SIGKILL: nothing in the process gets to run any more.</summary>
    public Outcome Kill()
    {
        process.Kill(entireProcessTree: true);
        return End();
    }

    /// <summary>Asks the process to end, as a shell or a service manager does, and waits for that.</summary>
    public Outcome Signal(string name)
    {
        Send(name);
        return End();
    }

    /// <summary>Whether a process that a test starts receives SIGTERM ("TERM") or SIGINT ("INT").</summary>
    /// <remarks>A shell starts its background jobs with SIGINT ignored, and every child of theirs inherits that.</remarks>
    public static bool Hears(string signal)
    {
        const int interrupt = 1 << 1; // SIGINT is 2, and the mask counts from 0.
        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)).Split('\t')[1];
        return signal != "INT" || (Convert.ToUInt64(ignored, 16) & interrupt) == 0;
    }

    /// <summary>Sends it a signal and returns. Skips the test with a message if the process ignores that.</summary>
    public RunningScript Send(string name)
    {
        Assert.SkipUnless(Hears(name), $"SIG{name} is ignored here");
        Assert.True(process.HasExited || Kill(process.Id, name switch { "INT" => 2, "TERM" => 15, _ => throw new ArgumentException(name) }) == 0);
        return this;
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
    }

    // The program of that name is missing on many a small machine.
    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int process, int signal);

    static async Task Read(StreamReader from, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await from.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            lock (into) into.Append(buffer, 0, count);
    }

    static string Text(StringBuilder printed)
    {
        lock (printed) return printed.ToString();
    }
}
