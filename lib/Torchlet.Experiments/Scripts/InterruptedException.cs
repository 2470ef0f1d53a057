namespace Torchlet;

/// <summary>A run ended on request; the message says what of it is on disk.</summary>
public sealed class InterruptedException(string message, OperationCanceledException inner)
    : OperationCanceledException(message, inner, inner.CancellationToken);
