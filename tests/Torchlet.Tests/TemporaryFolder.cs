namespace Torchlet.Tests;

/// <summary>A fresh folder, deleted afterwards.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("torchlet-tests-").FullName;

    /// <summary>A folder that is deleted when the process ends.</summary>
    public static TemporaryFolder OfProcess()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    }

    /// <summary>The path of a file with these bytes. Each thread has one such file, which its next call overwrites.</summary>
    public string Write(ReadOnlySpan<byte> bytes)
    {
        var path = System.IO.Path.Combine(Path, $"{Environment.CurrentManagedThreadId}");
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        // Overwritten and cut to size: some file systems flush a file that was emptied first, which takes milliseconds.
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.SetLength(file, bytes.Length);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
