using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>Broken files given to the scripts: one line that names the file and the remedy, no stack trace, no hang.</summary>
public sealed partial class HostileInputTests : IDisposable
{
    // Prime to the number of cases of each damage, so that the few pass through all of them.
    const int Step = 13;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_broken_file_is_one_line_that_names_it_and_the_remedy() => Try([.. HostileInput.Cases.Where((_, i) => i % Step == 0)], InProcess.Run);

    [LongFact]
    public void Every_file_broken_in_every_way_is_one_line_that_names_it_and_the_remedy() =>
        Try([.. HostileInput.Cases], (script, options) => ScriptEngine.Run(ScriptEngine.Csx, script, options));

    void Try(IReadOnlyList<HostileCase> cases, Func<string, string, Outcome> run)
    {
        var good = Path.Combine(folder.Path, "good");
        HostileInput.Write(good);
        var complaints = new List<string>();
        foreach (var (index, hostile) in cases.Index())
        {
            var place = Path.Combine(folder.Path, $"{index}");
            Copy(good, place);
            HostileInput.Break(Path.Combine(place, hostile.File), hostile.Damage);
            var outcome = run($"scripts/{hostile.Script}.csx", $"--threads 1 {hostile.Options.Replace("{folder}", place)}");
            if (Complaint(hostile, outcome) is { } complaint) complaints.Add($"{hostile}: {complaint}\n{outcome.ExitCode} {outcome.Error}");
            Directory.Delete(place, recursive: true);
        }
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{cases.Count} cases, {cases.Select(c => c.File).Distinct().Count()} files, {cases.Select(c => c.Damage).Distinct().Count()} damages");
        Assert.True(complaints.Count == 0, string.Join("\n", complaints));
    }

    static string? Complaint(HostileCase hostile, Outcome outcome) =>
        outcome.ExitCode is not (1 or 2) ? "it was not refused"
        : outcome.ErrorLines is not [var line] ? "more than one line"
        : !line.StartsWith("error: ", StringComparison.Ordinal) ? "no error: in front"
        : line.Any(char.IsControl) ? "terminal codes get through"
        : !line.Contains(Path.GetFileName(hostile.File)) && !line.Contains(Path.GetFileName(Path.GetDirectoryName(hostile.File)!)) ? "the file is not named"
        : !Remedy().IsMatch(line) ? "no remedy"
        : null;

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [GeneratedRegex(@"\b(put|replace|copy|download|name|wanted|take|train|save|choose|use|unpack|number)\b")]
    private static partial Regex Remedy();
}
