namespace Torchlet;

/// <summary>A folder that one process at a time may fill: whoever does holds a lock file in it. The system frees a dead process's lock.</summary>
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
            var turn = new Turn(Path.Combine(folder, FileName));
            if (turn.Holds) return turn;
            turn.Dispose();
            return TryTake(folder);
        }
        catch (IOException e) when (Taken.Contains(e.HResult))
        {
            return null;
        }
    }

    /// <summary>The file, open and locked. It is deleted before it is let go of, so whoever opened it before that holds a file without a name.</summary>
    sealed class Turn : IDisposable
    {
        readonly string path;
        readonly FileStream file;

        // A random length tells the file under that name from another one: .NET tells no inode, and opens no locked file to read it.
        readonly int mark = Random.Shared.Next(1, 1 << 16);

        public Turn(string path)
        {
            this.path = path;
            // On Windows, who shares nothing but deleting shares neither reading nor writing.
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
            file.SetLength(mark);
        }

        /// <summary>Whether it is the file that others find under the name. On Windows nobody opens a file that another holds.</summary>
        public bool Holds => OperatingSystem.IsWindows() || new FileInfo(path) is { Exists: true, Length: var length } && length == mark;

        public void Dispose()
        {
            if (file.CanRead && Holds) File.Delete(path);
            file.Dispose();
        }
    }
}
