using System.Reflection;
using System.Reflection.PortableExecutable;

namespace Torchlet.Tests;

public class CompileAheadTests
{
    /// <summary>Every managed file of lib/bin that scripts and their compiler run; of one only the font in it is read.</summary>
    public static TheoryData<string> Assemblies =>
        [.. Directory.EnumerateFiles(Natives.Folder, "*.dll").Where(IsManaged).Select(f => Path.GetFileName(f)).Except(["Avalonia.Fonts.Inter.dll"])];

    [Theory, MemberData(nameof(Assemblies))]
    public void What_a_script_runs_holds_machine_code(string assembly)
    {
        var built = typeof(Natives).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>();
        Assert.SkipUnless(built.Any(a => a is { Key: "CompileAhead", Value: "true" }), "built with CompileAhead=false");
        using var file = new PEReader(File.OpenRead(Path.Combine(Natives.Folder, assembly)));
        Assert.True(file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0, $"{assembly} holds IL only");
    }

    static bool IsManaged(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return file.PEHeaders.CorHeader is not null;
    }
}
