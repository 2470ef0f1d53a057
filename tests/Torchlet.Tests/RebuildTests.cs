namespace Torchlet.Tests;

/// <summary>A script engine keeps what it compiled; a rebuilt library must be seen all the same.</summary>
[Collection(Lane.Scripts)]
public sealed class RebuildTests
{
    static readonly string[] Parts =
    [
        "lib/Torchlet", "lib/Torchlet.Experiments", "lib/Torchlet.Cluster", "lib/Natives", "lib/Library.props", ".editorconfig",
        "Directory.Build.props", "Directory.Packages.props", "global.json",
    ];

    [Fact]
    public void After_a_rebuild_an_unchanged_script_runs_the_new_code_under_both_engines()
    {
        using var folder = new TemporaryFolder();
        foreach (var part in Parts)
            Copy(Path.Combine(ProjectFolders.Root, part), Path.Combine(folder.Path, part));
        var script = Path.Combine(folder.Path, "old_or_new.csx");
        File.WriteAllText(script, "#load \"lib/bin/torchlet.csx\"\nWriteLine(Torchlet.Marker.Text);");

        foreach (var text in new[] { "old", "new" })
        {
            File.WriteAllText(Path.Combine(folder.Path, "lib", "Torchlet", "Marker.cs"), $$"""
                namespace Torchlet;

                /// <summary>Of this test.</summary>
                public static class Marker
                {
                    /// <summary>Of this build.</summary>
                    public static string Text => "{{text}}";
                }

                """);
            var build = ScriptEngine.Start("dotnet", "build lib/Torchlet.Cluster -nologo -v q -p:CompileAhead=false -p:RunAnalyzers=false", folder.Path);
            Assert.True(build.ExitCode == 0, build.Output);
            Assert.DoesNotContain("warning", build.Output);
            foreach (var engine in OnThisMachine)
                Assert.Equal(text, ScriptEngine.Run(engine, script, workingFolder: folder.Path).Output.Trim());
        }
    }

    static IEnumerable<string> OnThisMachine
    {
        get
        {
            if (ScriptEngine.IsThere(ScriptEngine.DotnetScript)) return [ScriptEngine.Csx, ScriptEngine.DotnetScript];
            TestContext.Current.TestOutputHelper!.WriteLine("dotnet-script is not on the PATH: only lib/Csx was tried");
            return [ScriptEngine.Csx];
        }
    }

    static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }
        foreach (var entry in Directory.EnumerateFileSystemEntries(from).Where(e => Path.GetFileName(e) is not ("bin" or "obj")))
            Copy(entry, Path.Combine(to, Path.GetFileName(entry)));
    }
}
