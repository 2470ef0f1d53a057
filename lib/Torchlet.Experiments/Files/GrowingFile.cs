namespace Torchlet;

/// <summary>Files that grow line by line. A link is not followed, and what else has the same content by a hard link stays as it is.</summary>
static class GrowingFile
{
    /// <summary>Makes the file, which must not be there yet.</summary>
    /// <exception cref="IOException">It is there, or cannot be written.</exception>
    public static FileStream Make(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>Makes the file in place of one that is there. A link is replaced, and what it leads to is not touched.</summary>
    /// <exception cref="TorchletException">A folder, a device or the like is there, which would be removed.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static FileStream MakeAgain(string path)
    {
        AtomicFile.CheckReplaceable(path);
        File.Delete(path);
        return Make(path);
    }

    /// <summary>Opens the file to append to it, or makes it. There is no buffer: what is written is in the file.</summary>
    /// <exception cref="TorchletException">A link, a folder, a pipe or the like is there; the message names it.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static FileStream Open(string path)
    {
        var handle = SystemFile.OpenOrMake(path, FileShare.ReadWrite);
        if (!OperatingSystem.IsWindows() && SystemFile.Of(handle).Names > 1)
        {
            handle.Dispose();
            AtomicFile.Write(path, temporary => File.Copy(path, temporary));
            handle = SystemFile.OpenOrMake(path, FileShare.ReadWrite);
        }
        var file = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
        return file;
    }
}
