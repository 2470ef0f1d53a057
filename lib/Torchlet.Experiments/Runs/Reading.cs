namespace Torchlet;

/// <summary>The value that was read from the files of a run, or the reason why not. A damaged run is listed as such, and the others are shown.</summary>
/// <param name="Value">What was read; null if it is damaged.</param>
/// <param name="Damage">What is wrong and what to do; null if nothing is.</param>
sealed record Reading<T>(T? Value, TorchletException? Damage);

/// <summary>Reads files that anything may have happened to.</summary>
static class Reading
{
    /// <summary>The result of <paramref name="read"/>, or why it failed.</summary>
    /// <param name="place">The file or folder that it reads, for the message where it does not name one itself.</param>
    /// <param name="read">The reader.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static Reading<T> Of<T>(string place, Func<T> read)
    {
        try
        {
            return new(read(), null);
        }
        catch (TorchletException e)
        {
            return new(default, e);
        }
        // A stranger's file can break a reader in ways that it does not foresee. That is the file's damage, and what broke is said with it.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var reason = e is IOException or UnauthorizedAccessException ? AtomicFile.Reason(e) : $"{e.GetType().Name}: {Printable.Of(e.Message.TrimEnd('.'))}";
            return new(default, new($"{place} cannot be read ({reason}); put a good copy back, or make the run again.", e));
        }
    }
}
