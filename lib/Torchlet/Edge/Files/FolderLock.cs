namespace Torchlet;

/// <summary>A folder that one process at a time may fill.</summary>
/// <remarks>The lock file stays: deleting it would let two processes lock two files of the same name. The system frees a dead process's lock.</remarks>
static class FolderLock
{
    /// <summary>The lock's name in the folder.</summary>
    public const string FileName = ".lock";

    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    // What open answers while another holds the file: Windows' sharing violation, EAGAIN on Linux, EAGAIN on macOS.
    static readonly int[] Taken = [unchecked((int)0x80070020), 11, 35];

    /// <summary>Makes the folder and waits until no other process fills it. Disposing the result lets the next one in.</summary>
    public static async Task<IDisposable> Take(string folder, CancellationToken cancel)
    {
        while (true)
        {
            if (TryTake(folder) is { } turn) return turn;
            await Task.Delay(Poll, cancel);
        }
    }

    /// <summary>Makes the folder; null while another process fills it.</summary>
    public static IDisposable? TryTake(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (Taken.Contains(e.HResult))
        {
            return null;
        }
    }
}
