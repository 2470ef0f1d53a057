using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>Files that are there whole or not at all.</summary>
public static partial class AtomicFile
{
    /// <summary>Writes under a temporary name next to <paramref name="path"/>, then renames; nothing is left behind if writing fails.</summary>
    /// <param name="path">The file's final path. A link there is replaced, what it leads to is not touched.</param>
    /// <param name="write">Writes the whole file to the path it is given, which has the same ending.</param>
    /// <exception cref="TorchletException">A folder, a device or the like is there, which a rename would remove.</exception>
    public static void Write(string path, Action<string> write)
    {
        CheckReplaceable(path);
        var temporary = Beside(path);
        try
        {
            write(temporary);
            Flush(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The same for content that is there in memory.</summary>
    /// <exception cref="TorchletException">The file cannot be written; the message names it and says why.</exception>
    public static void Write(string path, byte[] content) => Named(path, () => Write(path, temporary => File.WriteAllBytes(temporary, content)));

    /// <summary>Fails where <see cref="Write(string, byte[])"/> would: before a long work whose result is to go there. Leaves nothing behind.</summary>
    /// <inheritdoc cref="Write(string, byte[])" path="/exception"/>
    public static void Check(string path) => Named(path, () =>
    {
        if (!IsReplaceable(path)) throw new IOException("it is not an ordinary file");
        new FileStream(Beside(path), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
    });

    /// <summary>Deletes temporary files that a killed process left in the folder; no process may be writing there.</summary>
    public static void DeleteTemporaries(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, ".*").Where(IsTemporary))
            File.Delete(file);
    }

    /// <summary>Whether a file is what a process that was killed amid a writing leaves.</summary>
    internal static bool IsTemporary(string path) => TemporaryName().IsMatch(Path.GetFileName(path));

    /// <summary>The system's reason, without the temporary name.</summary>
    internal static string Reason(Exception e) => e switch
    {
        DirectoryNotFoundException => "no such folder",
        ArgumentOutOfRangeException => "no file may grow so large there",
        _ => Printable.Of(e.Message.Split(" : '")[0].TrimEnd('.')),
    };

    static string Beside(string path)
    {
        const int longest = 32; // A name may be as long as the system allows, and the temporary one must not be longer.
        var ending = Path.GetExtension(path) is { Length: <= longest } known ? known : "";
        return Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Guid.NewGuid():n}{ending}");
    }

    static void Named(string path, Action write)
    {
        try
        {
            write();
        }
        // The last is .NET's answer where the system lets no file grow so large.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new TorchletException($"{path}: it cannot be written ({Reason(e)}); make room there or choose another place.", e);
        }
    }

    /// <summary>Fails where a folder, a device or the like would be replaced.</summary>
    internal static void CheckReplaceable(string path)
    {
        if (!IsReplaceable(path)) throw new TorchletException($"{path}: it is not an ordinary file, so it is not overwritten; name another one.");
    }

    // A name that is too long is an error here, so that it shows before the work begins.
    static bool IsReplaceable(string path) => SystemFile.At(path, followLinks: false)?.Kind is null or FileKind.Regular or FileKind.Link;

    // A rename may reach the disk before the content does: after a power cut an empty file would stand under the good one's name.
    static void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        SystemFile.Flush(file);
    }

    [GeneratedRegex(@"^\.[0-9a-f]{32}(\.|$)")]
    private static partial Regex TemporaryName();
}
