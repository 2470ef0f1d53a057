using System.Text.RegularExpressions;

namespace Torchlet.Tests;

public partial class PurityTests
{
    static string Library => Path.Combine(ProjectFolders.Root, "lib", "Torchlet");

    public static TheoryData<string> FilesOutsideEdge =>
        [.. Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Library, f))
            .Where(f => f.Split(Path.DirectorySeparatorChar)[0] is not ("Edge" or "obj" or "bin"))];

    [Theory, MemberData(nameof(FilesOutsideEdge))]
    public void Outside_Edge_nothing_names_disk_console_clock_or_network(string file)
    {
        var code = Comment().Replace(File.ReadAllText(Path.Combine(Library, file)), "");
        Assert.DoesNotMatch(Effects(), code);
    }

    [Fact]
    public void The_check_sees_what_it_looks_for() => Assert.Matches(Effects(), "Console.WriteLine(1);");

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(System\.IO|File|Directory|Path|Stream|StreamReader|StreamWriter|Console|Stopwatch|DateTime|DateTimeOffset|TimeProvider|"
        + @"Environment|HttpClient|Process|CsvHelper|ScottPlot|SkiaSharp|manual_seed)\b")]
    private static partial Regex Effects();
}
