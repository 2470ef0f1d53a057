using System.Security.Cryptography;

namespace Torchlet.Tests;

/// <summary>A script engine keeps what it compiled; a rebuilt library must be seen all the same.</summary>
[Collection(Lane.Scripts)]
public sealed class RebuildTests
{
    static readonly string[] Parts =
    [
        "lib/Torchlet", "lib/Torchlet.Experiments", "lib/Torchlet.Cluster", "lib/Library.props", ".editorconfig",
        "Directory.Build.props", "Directory.Packages.props", "global.json",
    ];

    [Fact]
    public void A_script_runs_the_new_code_after_a_rebuild()
    {
        using var folder = new TemporaryFolder();
        foreach (var part in Parts)
            Copy(Path.Combine(ProjectFolders.Root, part), Path.Combine(folder.Path, part));
        var bin = Path.Combine(folder.Path, "lib", "bin");
        CopyLibrary(bin);
        var script = Path.Combine(folder.Path, "old_or_new.csx");
        File.WriteAllText(script, """
            #load "lib/bin/torchlet.csx"
            WriteLine(typeof(Torchlet.Sweep).Assembly.GetType("Torchlet.Marker")?.GetProperty("Text")!.GetValue(null) ?? "old");
            """);
        AssertPrints("old");

        // A change of the assembly that no other needs: nothing else is compiled.
        File.WriteAllText(Path.Combine(folder.Path, "lib", "Torchlet.Cluster", "Marker.cs"), """
            namespace Torchlet;

            /// <summary>Of this test.</summary>
            public static class Marker
            {
                /// <summary>Of this build.</summary>
                public static string Text => "new";
            }

            """);
        var build = ScriptEngine.Start("dotnet", "build lib/Torchlet.Cluster -nologo -v q -p:CompileAhead=false -p:RunAnalyzers=false "
            + "-p:BuildProjectReferences=false -p:ProduceReferenceAssembly=false -p:NoWarn=CS8012", folder.Path);
        Assert.True(build.ExitCode == 0, build.Output);
        Assert.DoesNotContain("warning", build.Output);
        AssertPrints("new");
        var stamp = File.ReadLines(Path.Combine(bin, "torchlet.csx")).First();
        Assert.All(["Torchlet", "Torchlet.Experiments", "Torchlet.Cluster", "TorchSharp"], library =>
            Assert.Contains(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(bin, $"{library}.dll")))), stamp));

        void AssertPrints(string text)
        {
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

    /// <summary>Copies the library that was built; a build writes over its files. The natives are large, so they are linked.</summary>
    static void CopyLibrary(string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(Natives.Folder))
        {
            var copy = Path.Combine(to, Path.GetFileName(file));
            if (Path.GetExtension(file) is ".so" or ".dylib") File.CreateSymbolicLink(copy, file);
            else if (Path.GetExtension(file) is ".dll" or ".json" or ".csx") File.Copy(file, copy);
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
