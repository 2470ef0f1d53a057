namespace Torchlet;

/// <summary>How a run stands: one word in the file <c>status</c> of its folder. config.json is the folder's claim and never changes.</summary>
/// <remarks>A run that was killed outright leaves <c>running</c> behind.</remarks>
public static class RunStatus
{
    /// <summary>The file's name.</summary>
    internal const string FileName = "status";

    /// <summary>At work, or killed.</summary>
    public const string Running = "running";

    /// <summary>Its script came to its end.</summary>
    public const string Finished = "finished";

    /// <summary>Ended on request; the rows up to then are on disk.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>Ended by an error.</summary>
    public const string Failed = "failed";

    /// <summary>The word in a run's folder; null where none stands, or something that is larger than a word.</summary>
    internal static string? Of(string folder) =>
        new FileInfo(Path.Combine(folder, FileName)) is { Exists: true, Length: > 0 and < 100 } file ? File.ReadAllText(file.FullName).Trim() : null;

    /// <summary>Writes the word.</summary>
    public static void Write(RunFolder run, string status) => AtomicFile.Write(run.PathOf(FileName), path => File.WriteAllText(path, status + "\n"));
}
