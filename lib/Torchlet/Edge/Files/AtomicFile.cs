using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>Files that are there whole or not at all.</summary>
public static partial class AtomicFile
{
    /// <summary>Writes under a temporary name beside <paramref name="path"/>, then renames; nothing is left behind if writing fails.</summary>
    /// <param name="path">The file's final path.</param>
    /// <param name="write">Writes the whole file to the path it is given, which has the same ending.</param>
    public static void Write(string path, Action<string> write)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Guid.NewGuid():n}{Path.GetExtension(path)}");
        try
        {
            write(temporary);
            FlushToDisk(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The same for content that is there in memory.</summary>
    /// <exception cref="TorchletException">The file cannot be written; the message names it and says why.</exception>
    public static void Write(string path, byte[] content)
    {
        try
        {
            Write(path, temporary => File.WriteAllBytes(temporary, content));
        }
        // The last is .NET's answer where the system lets no file grow so large.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new TorchletException($"{path}: it cannot be written ({Reason(e)}); make room there or choose another place.", e);
        }
    }

    /// <summary>Deletes what a process that was killed amid a writing left in the folder; nobody may be writing there.</summary>
    public static void DeleteTemporaries(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, ".*").Where(f => TemporaryName().IsMatch(Path.GetFileName(f))))
            File.Delete(file);
    }

    /// <summary>Why the system refused, without the temporary name, which tells nobody anything.</summary>
    internal static string Reason(Exception e) => e switch
    {
        DirectoryNotFoundException => "there is no such folder",
        ArgumentOutOfRangeException => "no file may grow so large there",
        _ => Printable.Of(e.Message.Split(" : '")[0].TrimEnd('.')),
    };

    // A rename may reach the disk before the content does: after a power cut an empty file would stand under the good one's name.
    static void FlushToDisk(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    [GeneratedRegex(@"^\.[0-9a-f]{32}(\.|$)")]
    private static partial Regex TemporaryName();
}
