using System.Runtime.InteropServices;

namespace Torchlet;

/// <summary>
/// Ctrl-C, SIGTERM and, on Unix, SIGUSR1 and SIGUSR2 as a request to stop, which cancels a token. A process that has not ended some
/// seconds later, or is asked again, is ended.
/// </summary>
sealed partial class Interruption : IDisposable
{
    const int SignalBase = 128; // A shell's exit code for a process that a signal ended is this and the signal's number.

    // A script looks at its token between batches and while it reads, so it takes far less.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly CancellationTokenSource source = new();
    readonly ManualResetEventSlim ended = new();
    readonly Lock turn = new();
    readonly PosixSignalRegistration[] registrations;
    Task cancelling = Task.CompletedTask;

    public Interruption() => registrations =
    [
        Register(PosixSignal.SIGINT, number: 2), Register(PosixSignal.SIGTERM, number: 15),
        // A cluster's scheduler says by these that time is nearly up. .NET has no names for them.
        .. OperatingSystem.IsWindows() ? [] : (OperatingSystem.IsMacOS() ? new[] { 30, 31 } : [10, 12]).Select(n => Register((PosixSignal)n, n)),
    ];

    /// <summary>Cancelled once the user wants the process to end.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>
    /// The exit code of a process that ended on request: 130 after Ctrl-C, 143 after SIGTERM or where another process was asked; on Linux 138 after
    /// SIGUSR1, 140 after SIGUSR2.
    /// </summary>
    public int ExitCode { get; private set; } = SignalBase + 15;

    /// <summary>The script has ended by itself. Waits for the callbacks that were registered on the token.</summary>
    /// <exception cref="AggregateException">Something of that failed.</exception>
    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        Task last;
        lock (turn) last = cancelling;
        last.GetAwaiter().GetResult();
        ended.Set();
    }

    PosixSignalRegistration Register(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        // The token is cancelled before the call returns, so a script may be at its end before the field is written.
        lock (turn)
        {
            if (source.IsCancellationRequested) End("interrupted again; ended at once.", SignalBase + number);
            ExitCode = SignalBase + number;
            // A thread of its own: a script that does not stop may hold all those that a timer could run on.
            new Thread(EndLate) { IsBackground = true }.Start();
            cancelling = source.CancelAsync(); // What is registered on the token may write files, which is nothing for the thread of a signal.
        }
    });

    void EndLate()
    {
        if (!ended.Wait(Patience)) End($"interrupted; the script had not ended {Patience.TotalSeconds} s later, so it was ended.", ExitCode);
    }

    /// <summary>Ends the process whatever its threads are doing.</summary>
    static void End(string message, int exitCode)
    {
        if (!Console.IsOutputRedirected) Console.CursorVisible = true; // A live display hides it, and has no time left to bring it back.
        Console.Error.WriteLine(message);
        if (OperatingSystem.IsWindows()) Environment.Exit(exitCode);
        EndNow(exitCode);
    }

    // Environment.Exit waits for other code's handlers, and takes libtorch down while its threads are at work.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void EndNow(int exitCode);
}

/// <summary>A run ended on request; the message says what of it is on disk.</summary>
public sealed class InterruptedException(string message, OperationCanceledException inner)
    : OperationCanceledException(message, inner, inner.CancellationToken);
