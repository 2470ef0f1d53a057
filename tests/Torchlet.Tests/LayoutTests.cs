namespace Torchlet.Tests;

/// <summary>What .editorconfig asks for and no tool sees to.</summary>
public class LayoutTests
{
    [Fact]
    public void No_line_is_longer_than_160_columns()
    {
        const int columns = 160;
        var tooLong = from file in Sources()
                      from line in File.ReadLines(file).Index()
                      where line.Item.Length > columns
                      select $"{Path.GetRelativePath(ProjectFolders.Root, file)}({line.Index + 1}): {line.Item.Length}";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void A_file_based_app_compiles_nothing_ahead_so_that_no_package_is_fetched_for_it() =>
        Assert.All(Sources().Where(file => File.ReadLines(file).FirstOrDefault() == "#!/usr/bin/env dotnet"),
            file => Assert.Contains("#:property PublishAot=false", File.ReadLines(file)));

    [Fact]
    public void What_names_its_interpreter_can_be_executed()
    {
        var named = Sources().Where(file => File.ReadLines(file).FirstOrDefault()?.StartsWith("#!", StringComparison.Ordinal) == true).ToList();
        Assert.Contains(named, file => file.EndsWith("02_train_cross_entropy.csx", StringComparison.Ordinal));
        Assert.All(named, file => Assert.True(IsExecutable(file), file));
    }

    // Windows has no such bit.
    static bool IsExecutable(string file) => OperatingSystem.IsWindows() || File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute);

    /// <summary>Every C# file and script of the repository.</summary>
    static IEnumerable<string> Sources() =>
        new[] { "lib", "tests", "scripts" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(ProjectFolders.Root, folder), "*.cs*", SearchOption.AllDirectories))
            .Append(Path.Combine(ProjectFolders.Root, "run.cs"))
            .Where(file => Path.GetExtension(file) is ".cs" or ".csx")
            .Where(file => !file[ProjectFolders.Root.Length..].Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
}
