using Microsoft.Win32.SafeHandles;

namespace Torchlet;

/// <summary>A folder that one process at a time may write to; the process holds a lock file in it. The system frees a dead process's lock.</summary>
static class FolderLock
{
    /// <summary>The lock's name in the folder.</summary>
    public const string FileName = ".lock";

    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    // What Windows answers while another holds the file.
    const int SharingViolation = unchecked((int)0x80070020);

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
    /// <exception cref="TorchletException">Under the lock's name is a link, a pipe or the like; the message names it.</exception>
    public static IDisposable? TryTake(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        while (true)
        {
            if (Open(path) is not { } file) return null;
            if (!SystemFile.TryLock(file))
            {
                file.Dispose();
                return null;
            }
            var turn = new Turn(path, file);
            if (turn.Holds) return turn;
            turn.Dispose(); // The process that had the lock before has deleted the file.
        }
    }

    static SafeFileHandle? Open(string path)
    {
        if (!OperatingSystem.IsWindows()) return SystemFile.OpenOrMake(path, FileShare.ReadWrite);
        if (SystemFile.At(path, followLinks: false)?.Kind == FileKind.Link) throw new TorchletException($"{path}: it is a link and no lock; take it away.");
        try
        {
            // Who shares nothing but deleting shares neither reading nor writing.
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Delete);
        }
        catch (IOException e) when (e.HResult == SharingViolation)
        {
            return null;
        }
    }

    /// <summary>
    /// The file, open and locked. Nothing is written to it, since it may be a user's file. It is deleted before it is released,
    /// so a process that opened it before
    /// that holds a file without a name.
    /// </summary>
    sealed class Turn(string path, SafeFileHandle file) : IDisposable
    {
        /// <summary>Whether it is the file that others find under the name. On Windows a file that is held cannot be opened.</summary>
        public bool Holds => OperatingSystem.IsWindows() || SystemFile.IsAt(file, path);

        // A file with a content, or with another name too, is not our lock.
        bool IsOurs => OperatingSystem.IsWindows() || (RandomAccess.GetLength(file) == 0 && SystemFile.Of(file).Names == 1);

        public void Dispose()
        {
            if (file.IsClosed) return;
            if (Holds && IsOurs) File.Delete(path);
            file.Dispose();
        }
    }
}
