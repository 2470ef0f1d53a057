using System.Diagnostics;

namespace Torchlet.Tests;

/// <summary>Words that other programs' shells read.</summary>
public sealed class ShellTests : IDisposable
{
    static readonly string[] Nasty =
    [
        "", " ", "plain", "two words", "o$(touch x)", "`touch x`", "$HOME", "it's", "'", "''", "\"", "a\"b", "back\\slash", "\\", "new\nline", "\n", "tab\tx",
        "-dash", "--out", "=cmd", "a=b", "~", "~/x", "#comment", "a#b", "*", "?", "[a]", "{a,b}", "{}", "{1}", "{.}", "{= s/a/b/ =}", "!!", "a;b", "a&b", "a|b",
        "<x", ">x", "(x)", "%s", "%25", "한글", "naïve", "👍", "a\u00a0b", "\u0085", "\u001b[31m", "a\rb", ":::", "\\n", "a'b\"c$d`e\\f",
    ];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_word_comes_out_of_a_shell_as_it_went_in()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        var line = $"printf '%s\\0' {string.Join(' ', Nasty.Select(ShellWord.Of))} {string.Join(' ', Nasty.Select(ShellWord.Quoted))}";
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { RedirectStandardOutput = true, WorkingDirectory = folder.Path })!;
        var printed = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(Nasty.Concat(Nasty), printed.Split('\0')[..^1]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void GNU_parallel_hands_a_job_scripts_path_on_as_it_is()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/parallel"), "needs GNU parallel");
        var path = Path.Combine(folder.Path, "o$(touch x) {} {1} it's \"b.sh");
        File.WriteAllText(path, "echo \"$1 $0\"");
        var words = ClusterEngine.Words(path);
        using var parallel = Process.Start(
            new ProcessStartInfo("parallel", ["--jobs", "1", .. words, "0", "1"]) { RedirectStandardOutput = true, WorkingDirectory = folder.Path })!;
        Assert.Equal($"0 {path}\n1 {path}\n", parallel.StandardOutput.ReadToEnd());
        parallel.WaitForExit();
        using var typed = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"rm -f *.log; parallel --jobs 1 {ClusterEngine.Shown(words, 2)}"])
        {
            RedirectStandardOutput = true, WorkingDirectory = folder.Path,
        })!;
        Assert.Equal($"0 {path}\n1 {path}\n", typed.StandardOutput.ReadToEnd());
        typed.WaitForExit();
        Assert.False(File.Exists(Path.Combine(folder.Path, "x")));
    }

    [Theory]
    [InlineData("o\ntouch x", "02", null, "--out")]
    [InlineData("o", "my\nscript", null, "the script's name")]
    [InlineData("o", "02", "--time=1\ntouch x", "--slurm")]
    [InlineData("o", "02", "--time=1\rtouch x", "--slurm")]
    public void What_would_be_a_line_of_a_job_script_is_refused(string place, string name, string? options, string what)
    {
        var error = Assert.Throws<CommandLineException>(() => ClusterEngine.Check(place, name, options));
        Assert.StartsWith($"{what}: ", error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void A_job_script_quotes_what_its_comments_tell_sbatch()
    {
        var text = new JobScript("it's", ["dotnet"], "/a b/100%/plan.jsonl", Slices: 2, "").Text;
        Assert.Contains("#SBATCH --job-name='it'\\''s'\n", text);
        Assert.Contains("#SBATCH --output='/a b/100%%'/slurm-%A_%a.out\n", text);
    }

    [Fact]
    public void A_tab_in_an_axis_is_refused()
    {
        var error = Assert.Throws<CommandLineException>(() => SweepArguments.Of(["02", "--grid", "lr=1e-3\tepochs=7"]).Count());
        Assert.Equal("lr=1e-3?epochs=7: it holds a tab; leave it out, or give each axis as an argument of its own.", error.Message);
    }

    [Theory]
    [InlineData("my script.csx", "'my script.csx'")]
    [InlineData("new\nline.csx", "'new\nline.csx'")]
    [InlineData("it's.csx", "'it'\\''s.csx'")]
    [InlineData("a#b.csx", "'a#b.csx'")]
    [InlineData("한글 a.csx", "'한글 a.csx'")]
    [InlineData("plain.csx", "plain.csx")]
    public void A_scripts_name_may_be_any(string script, string shown)
    {
        var (config, help) = CommandLine.Read(["--epochs", "3"], new TrainConfig(), $"/somewhere else/{script}");
        Assert.Equal((3, null), (config.Epochs, help));
        Assert.Contains($"{shown} [options]", CommandLine.Read(["--help"], new TrainConfig(), $"/somewhere else/{script}").Help);
    }
}
