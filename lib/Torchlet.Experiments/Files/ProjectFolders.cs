namespace Torchlet;

/// <summary>The project's own folders, wherever a script is started from.</summary>
public static class ProjectFolders
{
    /// <summary>The folder with README.md, two levels above lib/bin; for a published app the current folder.</summary>
    public static string Root { get; } = RootOf(Path.TrimEndingDirectorySeparator(Natives.Folder));

    internal static string RootOf(string natives) =>
        Path.GetDirectoryName(natives) is { } lib && (Path.GetFileName(lib), Path.GetFileName(natives)) == ("lib", "bin")
            ? Path.GetDirectoryName(lib)! : Environment.CurrentDirectory;

    /// <summary>Data sets.</summary>
    public static string Data { get; } = Path.Combine(Root, "data");

    /// <summary>Trained weights.</summary>
    public static string SampleWeights { get; } = Path.Combine(Root, "sample_weights");

    /// <summary>Environment variable that names another folder for the runs than outputs/, where that is not to be written.</summary>
    public const string OutputsVariable = "TORCHLET_OUTPUTS";

    /// <summary>Run folders: outputs/, or the folder that TORCHLET_OUTPUTS names.</summary>
    public static string Outputs { get; } =
        Environment.GetEnvironmentVariable(OutputsVariable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : Path.Combine(Root, "outputs");
}
