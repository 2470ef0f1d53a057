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

    /// <summary>Deletes what a process that was killed amid <see cref="Write"/> left in the folder; nobody may be writing there.</summary>
    public static void DeleteTemporaries(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, ".*").Where(f => TemporaryName().IsMatch(Path.GetFileName(f))))
            File.Delete(file);
    }

    // A rename may reach the disk before the content does: after a power cut an empty file would stand under the good one's name.
    static void FlushToDisk(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    [GeneratedRegex(@"^\.[0-9a-f]{32}(\.|$)")]
    private static partial Regex TemporaryName();
}
