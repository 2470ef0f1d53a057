namespace Torchlet;

/// <summary>Files that the options say are to be written. None may replace what the script reads, what a run keeps, or another of them.</summary>
static class WrittenFiles
{
    /// <summary>Fails for a file that would replace another one that is needed, under whatever spelling and through whatever links.</summary>
    /// <exception cref="CommandLineException">There is one; the message names its option, and why.</exception>
    public static void Check(ScriptConfig config)
    {
        var written = CommandLine.FilesToWrite(config).Select(file => (file.Option, file.File, Real: Real(file.File))).ToList();
        if (written.Count == 0) return;
        if (written.GroupBy(file => file.Real).FirstOrDefault(same => same.Count() > 1)?.ToList() is [var one, var other, ..])
            throw new CommandLineException($"{other.Option}: {one.Option} names the same file; name another one.");
        var read = CommandLine.PlacesToRead(config).Where(place => Path.Exists(place.File)).Select(place => (place.Option, Real: Real(place.File))).ToList();
        var own = config.Out is { } folder ? Real(folder) : null;
        foreach (var (option, file, real) in written)
        {
            if (read.FirstOrDefault(place => place.Real == real).Option is { } same)
                throw new CommandLineException($"{option} {Printable.Of(file)}: {same} reads the same file, which would be replaced; name another one.");
            if (File.Exists(real)
                && read.FirstOrDefault(place => real.StartsWith(place.Real + Path.DirectorySeparatorChar, StringComparison.Ordinal)).Option is { } within)
                throw new CommandLineException($"{option} {Printable.Of(file)}: the file is one of the folder that {within} reads; name another one.");
            if (Path.GetDirectoryName(real) is { } home && IsOfRuns(Path.GetFileName(real)) && (home == own || RunPlaces.HoldsRun(home)))
                throw new CommandLineException($"{option} {Printable.Of(file)}: a run keeps a file of its own under this name; name another one.");
        }
    }

    static bool IsOfRuns(string name) => name is Checkpoint.Best or Checkpoint.Averaged or Checkpoint.Last or RunRecord.FileName or RunStatus.FileName
        or FolderLock.FileName or DrawPage.FileName || name.EndsWith(".csv", StringComparison.Ordinal) || name.EndsWith(".png", StringComparison.Ordinal);

    /// <summary>The path of a file or folder without any link in it.</summary>
    internal static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        foreach (var part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            try
            {
                // Where the link leads may be behind further links.
                if (new FileInfo(real) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                    real = Real(target.FullName);
            }
            catch (IOException)
            {
                return full; // A loop of links leads nowhere, so the file is not there.
            }
        }
        return real;
    }
}
