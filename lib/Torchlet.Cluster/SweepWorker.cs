using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Torchlet;

/// <summary>
/// A process that does what a sweep asks of its script. Requests and answers have a pipe each, apart from the script's standard input, which is empty, and its
/// standard output, which is not read. It ends when the pipe of requests does, so also when the sweep is killed, and every process that it has started with it.
/// </summary>
sealed class SweepWorker : IDisposable
{
    /// <summary>How long a worker that is to stop may take to save its work. Less than a script that was interrupted may take to end.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(7);

    // A process inherits all handles that are open for that while it starts, also those of another worker.
    static readonly Lock Starting = new();

    readonly Process process;
    readonly StreamWriter requests;
    readonly StreamReader answers;
    Timer? deadline;

    SweepWorker(Process process, Stream requests, Stream answers) => (this.process, this.requests, this.answers) = (process, new(requests), new(answers));

    /// <summary>Starts one.</summary>
    public static SweepWorker Start(string script)
    {
        lock (Starting)
        {
            var requests = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
            var answers = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
            var process = ScriptProcess.Start(
                script, Cluster.CellsOption, SweptScript.Serving, requests.GetClientHandleAsString(), answers.GetClientHandleAsString());
            requests.DisposeLocalCopyOfClientHandle();
            answers.DisposeLocalCopyOfClientHandle();
            process.StandardInput.Close();
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null); // A full pipe would hold up the script.
            return new(process, requests, answers);
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Sends requests, a line each.</summary>
    /// <returns>Whether it still takes any.</returns>
    public bool Ask(params IEnumerable<string> lines)
    {
        try
        {
            foreach (var line in lines) requests.WriteLine(line);
            requests.Flush();
            return true;
        }
        // Its end of the pipe is closed, or ours is, since the sweep is to stop.
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The next line of its answers; null if it has ended.</summary>
    public string? Answer() => answers.ReadLine();

    /// <summary>Asks it to stop, save and end. It is killed if it has not ended after <see cref="Patience"/>.</summary>
    public void Stop()
    {
        deadline ??= new(_ => Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            requests.Close();
        }
        catch (IOException)
        {
            // It has ended already, with a request that it has not read.
        }
    }

    /// <summary>Waits for its end, which is forced if it takes long, and ends the processes that it has started.</summary>
    /// <returns>Its exit code.</returns>
    public int End()
    {
        Stop();
        process.WaitForExit();
        Kill(); // What it has left behind.
        return process.ExitCode;
    }

    /// <summary>Ends it at once, and the processes that it has started.</summary>
    public void Kill()
    {
        WorkerSession.Kill(process.Id);
        process.Kill();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        Stop();
        deadline!.DisposeAsync().AsTask().GetAwaiter().GetResult(); // It may be killing just now.
        answers.Dispose();
        process.Dispose();
    }
}

/// <summary>A sweep's worker as it sees itself: its pipes, and a session of its own.</summary>
/// <param name="Requests">What the sweep asks for, a line each.</param>
/// <param name="Answers">What the worker says to that.</param>
sealed partial record WorkerSession(TextReader Requests, TextWriter Answers)
{
    const int Killed = 9; // The number of SIGKILL.

    /// <summary>The session of the process that was started with these handles of pipes.</summary>
    /// <exception cref="CommandLineException">They are not pipes, so a person has typed them.</exception>
    public static WorkerSession Open(string requests, string answers)
    {
        try
        {
            var (reading, writing) = (new AnonymousPipeClientStream(PipeDirection.In, requests), new AnonymousPipeClientStream(PipeDirection.Out, answers));
            if (!OperatingSystem.IsWindows()) _ = setsid(); // A terminal's Ctrl-C is for the sweep, which then asks its workers to stop.
            CloseInChildren(reading.SafePipeHandle);
            CloseInChildren(writing.SafePipeHandle);
            return new(new StreamReader(reading), new StreamWriter(writing) { AutoFlush = true });
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            throw new CommandLineException($"{Cluster.CellsOption} {SweptScript.Serving}: a sweep starts its workers so; run the sweep instead.");
        }
    }

    /// <summary>Ends this process and all that it has started, whatever their threads are doing.</summary>
    public static void End()
    {
        Kill(Environment.ProcessId);
        Environment.Exit(1); // It leads no session, or has no such thing.
    }

    /// <summary>Ends the processes of a worker's session; nothing happens if there is none.</summary>
    public static void Kill(int worker)
    {
        if (!OperatingSystem.IsWindows()) _ = kill(-worker, Killed);
    }

    /// <summary>
    /// Keeps a pipe from the processes that the script starts: as long as one of them had it, the sweep would not see that the worker has ended.
    /// </summary>
    static void CloseInChildren(SafePipeHandle pipe)
    {
        if (OperatingSystem.IsWindows()) return;
        _ = ioctl(pipe.DangerousGetHandle().ToInt32(), OperatingSystem.IsMacOS() ? 0x20006601u : 0x5451u); // FIOCLEX of ioctl.h.
    }

    [LibraryImport("libc")]
    private static partial int setsid();

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int ioctl(int file, nuint request);
}
