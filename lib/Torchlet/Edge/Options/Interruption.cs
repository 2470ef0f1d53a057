using System.Runtime.InteropServices;

namespace Torchlet;

/// <summary>
/// Ctrl-C and SIGTERM as a request to stop. The first one cancels a token; a second one ends the process at once, as it would have without us.
/// </summary>
sealed class Interruption : IDisposable
{
    const int SignalBase = 128; // A shell's exit code for a process that a signal ended is this and the signal's number.

    readonly CancellationTokenSource source = new();
    readonly PosixSignalRegistration[] registrations;

    public Interruption() => registrations = [Register(PosixSignal.SIGINT, number: 2), Register(PosixSignal.SIGTERM, number: 15)];

    /// <summary>Cancelled once the user wants the process to end.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit code of a process that ended on request: 130 after Ctrl-C, 143 after SIGTERM.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        source.Dispose();
    }

    PosixSignalRegistration Register(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        if (source.IsCancellationRequested)
        {
            if (!Console.IsOutputRedirected) Console.CursorVisible = true; // A live display hides it, and has no time left to bring it back.
            return;
        }
        context.Cancel = true;
        ExitCode = SignalBase + number;
        source.Cancel();
    });
}
